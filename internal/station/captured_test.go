package station_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/link"
	"parley/receipt"
	"parley/seal"
	"parley/wire"
)

// A gateway that kept every frame of a day sends all of them again, in any
// order, to either side and back to where they came from, also after a restart:
// nothing comes twice, nothing is lost, nothing is believed of anyone else
// (R6, R8).
func TestCapturedDay(t *testing.T) {
	w := stationtest.Prepare(t, two)
	fromNorth, fromSouth := w.North.Watch("one"), w.South.Watch("one")
	w.North.Start()
	w.South.Start()
	var said [2][]string
	sides := []*stationtest.Side{w.North, w.South}
	say := func(p parley.Precedence) {
		for i, s := range sides {
			body := fmt.Sprintf("secret %d of side %d", len(said[i]), i)
			said[i] = append(said[i], body)
			s.Proved(s.Say(p, body))
		}
	}
	for i := range 12 {
		say(parley.Precedence(i%4 + 1))
	}
	day := append(fromNorth(), fromSouth()...)
	rng := rand.New(rand.NewPCG(stationtest.Seed, 1))
	for range 2 {
		for _, s := range sides {
			rng.Shuffle(len(day), func(i, k int) { day[i], day[k] = day[k], day[i] })
			for _, frame := range day {
				s.Inject("one", frame)
			}
		}
		say(parley.Flash)
		for _, s := range sides {
			s.Stop()
			s.Start()
		}
	}
	say(parley.Routine)
	for i, s := range sides {
		if got := sides[1-i].Held(); !slices.Equal(got, said[i]) {
			t.Errorf("side %d said %q, and the other holds %q", i, said[i], got)
		}
		st, err := s.Line.Status(t.Context())
		if err != nil || st.Ours.Halted+st.Theirs.Halted != "" || st.Theirs.Refusals != 0 || st.Ours.Refusals != 0 {
			t.Errorf("side %d: %+v, %v", i, st, err)
		}
		seen := map[uint64]int{}
		for _, e := range s.Events() {
			if e.Kind == station.EventArrived {
				seen[e.Ref.Number]++
			}
			if e.Kind == station.EventAlarm {
				t.Errorf("side %d: an alarm: %s", i, e.Text)
			}
		}
		for n, times := range seen {
			if times != 1 {
				t.Errorf("side %d was told %d times of entry %d", i, times, n)
			}
		}
	}
	for _, frame := range day {
		if bytes.Contains(frame, []byte("secret")) || bytes.Contains(frame, []byte("/duty")) {
			t.Fatal("a frame shows what it carries")
		}
	}
}

// Whoever kept the frames of an epoch and steals everything a station has after
// the epoch was closed cannot open them; one who was there before can, so that
// this test knows what it says (DESIGN §4, Sealing).
func TestForwardSecrecy(t *testing.T) {
	w := stationtest.Prepare(t, two)
	w.Link = link.Config{EpochEntries: 2, EpochLinger: time.Millisecond}
	captured := w.North.Watch("one")
	before := w.South.Secrets.Clone()
	w.North.Start()
	w.South.Start()
	w.North.Proved(w.North.Say(parley.Flash, "what was said"))
	during := w.South.Secrets.Clone()
	first := parsed(t, captured()[0]).Epoch
	limit := time.Now().Add(2 * time.Minute)
	for i := 0; ; i++ {
		w.North.Proved(w.North.Say(parley.Flash, fmt.Sprint(i)))
		_, err := w.South.Secrets.Get(keyring.Epoch, first[:])
		if errors.Is(err, keyring.ErrNotFound) {
			break
		}
		if err != nil || time.Now().After(limit) {
			t.Fatalf("epoch %s was not closed, after %d messages and two minutes: %v", first, i, err)
		}
	}
	after := w.South.Secrets.Clone()
	var frames []wire.Frame
	for _, b := range captured() {
		if f := parsed(t, b); f.Epoch == first {
			frames = append(frames, f)
		}
	}
	for name, loot := range map[string]*stationtest.Secrets{"with the prekey": before, "with the epoch": during} {
		if opened(t, w, loot, frames) == 0 {
			t.Errorf("a thief %s opened none of %d frames: the test proves nothing", name, len(frames))
		}
	}
	if n := opened(t, w, after, frames); n > 0 {
		t.Errorf("a thief who came later opened %d of %d frames", n, len(frames))
	}
}

func parsed(t *testing.T, b []byte) wire.Frame {
	t.Helper()
	f, err := wire.ParseFrame(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// opened tries everything that a thief of south's secrets can on north's
// frames, and returns how many open.
func opened(t *testing.T, w *stationtest.World, loot *stationtest.Secrets, frames []wire.Frame) (n int) {
	t.Helper()
	var epochs []*seal.Epoch
	ids, err := loot.List(keyring.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		value, err := loot.Get(keyring.Epoch, id)
		if err != nil {
			t.Fatal(err)
		}
		e, err := seal.UnmarshalEpoch(value[40:]) // behind the line and the time
		if err != nil {
			t.Fatal(err)
		}
		epochs = append(epochs, e)
	}
	private := func(hash parley.Hash) ([]byte, error) {
		value, err := loot.Get(keyring.Prekey, hash[:])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", seal.ErrPrekey, err)
		}
		return value[25:], nil // behind its use, time and log
	}
	terms := seal.Terms{Line: w.Line.Roster.Line, Roster: w.Line.Roster.Hash(), From: "north", To: "south"}
	for _, f := range frames {
		if len(f.Opening) > 0 {
			e, _, err := seal.AcceptEpoch(terms, f.Opening, w.Line.North.Station, private)
			if err == nil {
				epochs = append(epochs, e)
			} else if !errors.Is(err, seal.ErrPrekey) {
				t.Fatal(err)
			}
		}
	}
	for _, f := range frames {
		if slices.ContainsFunc(epochs, func(e *seal.Epoch) bool { _, err := e.Open(f); return err == nil }) {
			n++
		}
	}
	return n
}

// What comes under epochs after their sender closed them, two in one frame, is
// refused, costs nothing, and does not bring them back, though the prekey they
// were opened to is still held; the next epoch is opened.
func TestClosedEpoch(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	var old [][]byte
	var closed []wire.Part
	for i := range 2 {
		f.NewEpoch()
		old = append(old, f.Frame(f.Good(fmt.Sprintf("before %d", i)), f.Checkpoint()))
		b, err := receipt.IssueClosed(wire.Closed{
			Line: w.Line.Roster.Line, From: "south", Epoch: f.Epoch.ID(), Time: parley.TimeOf(time.Now()),
		}, f.Side.StationKey)
		if err != nil {
			t.Fatal(err)
		}
		closed = append(closed, wire.Part{Type: wire.PartClosed, Bytes: b})
		f.Send(old[i])
	}
	w.North.Await("what was said under them", arrived(2))
	held := f.Head
	f.Send(f.Frame(closed...))
	f.Send([]byte("no frame"))
	w.North.Await("the end of a turn", of(station.EventFrameLost))
	f.Send(f.Frame(f.Good("under a closed epoch")))
	for range 2 {
		for _, frame := range old {
			f.Send(frame)
		}
		f.NewEpoch()
		f.Number, f.Head = f.Number-1, held
		f.Send(f.Frame(f.Good("under the next")))
		w.North.Await("the next", arrived(f.Number))
		held = f.Head
		f.Number++
		w.North.Stop()
		w.North.Start()
	}
	if got := w.North.Received(); !slices.Equal(got, []string{"before 0", "before 1", "under the next", "under the next"}) {
		t.Errorf("north received %q", got)
	}
	refused := refusedFrames(t, w.North)
	if refused != 1+1+4 {
		t.Errorf("%d frames were refused, want the one that is none and five under closed epochs", refused)
	}
}

// refusedFrames is how many frames a side has refused.
func refusedFrames(t *testing.T, s *stationtest.Side) int {
	t.Helper()
	st, err := s.Line.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(st.RefusedFrames())
}

// headOf is the leaf of the newest entry of theirs that north holds.
func headOf(t *testing.T, w *stationtest.World) parley.Hash {
	t.Helper()
	row, err := w.North.Journal.Log(w.Line.South.Log)
	if err != nil {
		t.Fatal(err)
	}
	return row.Head
}

// A station that lost all its epochs and prekeys asks for what it cannot open,
// and gets it under a new epoch.
func TestLostSecrets(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Proved(w.North.Say(parley.Routine, "before"))
	w.South.Stop()
	w.South.Secrets = stationtest.NewSecrets()
	n := w.North.Say(parley.Flash, "meanwhile")
	w.South.Start()
	w.North.Proved(n)
	w.South.Proved(w.South.Say(parley.Flash, "so say we"))
	if got := w.South.Received(); !slices.Equal(got, []string{"before", "meanwhile"}) {
		t.Errorf("south received %q", got)
	}
}
