package station_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"parley"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/seal"
	"parley/wire"
)

// A thief with south's station key alone, beside the real south, can open
// epochs and put entries into places of south's log that are not taken yet. None
// of it is believed; both sides are told; what south says elsewhere arrives.
func TestStationKeyAlone(t *testing.T) {
	w := stationtest.New(t, two)
	w.South.Proved(w.South.Say(parley.Routine, "one"))
	f := stationtest.NewThief(w)
	f.Number, f.Head = 1, headOf(t, w)
	f.Send(f.Frame(f.Entry(f.Signed(w.South.Content(parley.Routine, "forged"), f.Side.StationKey))))
	w.North.Await("the forged entry", of(station.EventRefused))

	two := w.South.Say(parley.Flash, "two") // its place is taken
	three := w.South.Say(parley.Flash, "three")
	w.North.Await("the alarm", of(station.EventAlarm))
	w.South.Await("the alarm", of(station.EventAlarm))
	w.South.Await("the receipt of what came after", func(e station.Event) bool {
		return e.Kind == station.EventSingle && e.Ref.Number == three
	})
	if got := w.North.Held(); !slices.Equal(withText(got), []string{"one", "three"}) {
		t.Errorf("north holds %q", got)
	}
	for _, e := range w.South.Events() {
		if e.Ref.Number == two && (e.Kind == station.EventSingle || e.Kind == station.EventDisputed) || e.Kind == station.EventProved && e.Ref.Number >= two {
			t.Errorf("south takes the answer to a forged entry for one to its own: %s %s", e.Kind, e.Text)
		}
	}
	w.North.Proved(w.North.Say(parley.Flash, "our own log is not touched"))
}

// withText leaves out what is not believed, which has no text.
func withText(bodies []string) []string {
	return slices.DeleteFunc(slices.Clone(bodies), func(b string) bool { return b == "" })
}

// Prekeys that nothing can be sealed to, with a date in the far future, do not
// stop the line: a thief of the station key, or the other side itself, cannot
// make us silent for good.
func TestPrekeysThatAreNone(t *testing.T) {
	w := stationtest.New(t, two)
	w.South.Proved(w.South.Say(parley.Routine, "one"))
	f := stationtest.NewThief(w)
	bad := bytes.Repeat([]byte{0xff}, seal.PrekeySize) // coefficients beyond the modulus
	part, err := receipt.IssuePrekeys(wire.Prekeys{
		Line: w.Line.Roster.Line, From: "south", Keys: [][]byte{bad}, LastResort: bad, Time: 4_000_000_000_000,
	}, f.Side.StationKey)
	if err != nil {
		t.Fatal(err)
	}
	f.Send(f.Frame(wire.Part{Type: wire.PartPrekeys, Bytes: part}))
	w.North.Await("their refusal", of(station.EventFrameLost))
	w.North.Stop()
	w.North.Start()
	w.North.Proved(w.North.Say(parley.Flash, "not silent"))
}

// A hostile peer that opens epochs for ever fills neither our memory nor our
// disk, and costs nobody his next message.
func TestEpochsForEver(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	f.Send(f.Frame(f.Good("first")))
	for range 200 {
		f.NewEpoch()
		f.Send(f.Frame(wire.Part{Type: wire.PartReport, Bytes: []byte("none")}))
	}
	f.Send(f.Frame(f.Good("last")))
	w.North.Await("the last", arrived(2))
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Epochs > 64 {
		t.Errorf("%d epochs are held, %v", st.Epochs, err)
	}
	ids, err := w.North.Secrets.List(keyring.Epoch)
	if err != nil || len(ids) > 64 {
		t.Errorf("%d epochs are on the disk, %v", len(ids), err)
	}
}

// A thief with all of south's station.keys can have an entry cosigned; without
// an officer's key nobody believes it, and the cosignature tells south that its
// log grew elsewhere: it halts, and still receives.
func TestStationKeysWhole(t *testing.T) {
	w := stationtest.New(t, two)
	w.South.Proved(w.South.Say(parley.Routine, "one"))
	one, err := w.South.Journal.Record(w.Line.South.Log, 1)
	if err != nil {
		t.Fatal(err)
	}
	f := stationtest.NewThief(w)
	f.Raw(one.Entry)
	f.Send(f.Frame(f.Entry(f.Signed(w.South.Content(parley.Flash, "forged"), f.Side.StationKey, f.Side.LogKey)), f.Checkpoint()))
	w.North.Await("the forged entry", of(station.EventRefused))
	w.South.Await("the alarm", halted)
	_, err = w.South.Line.Release(t.Context(), w.South.Released(w.South.Content(parley.Flash, "never")))
	if !errors.Is(err, station.ErrHalted) {
		t.Errorf("a release of south: %v, want ErrHalted", err)
	}
	w.North.Proved(w.North.Say(parley.Flash, "still heard"))
	if got := withText(w.North.Held()); !slices.Equal(got, []string{"one"}) {
		t.Errorf("north believes %q", got)
	}
}
