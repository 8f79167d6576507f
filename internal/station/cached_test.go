package station_test

import (
	"testing"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/wire"
)

// Whoever sends the same old frame, entry, question or noise for ever is
// answered from what is kept, and nothing is signed for it.
func TestNothingIsSignedAnew(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	check, err := receipt.IssueCheck(wire.Check{
		Line: w.Line.Roster.Line, From: "south", Nonce: [8]byte{7}, Time: parley.TimeOf(time.Now()), Channel: "one", Roster: w.Line.Roster.Hash(),
	}, f.Side.StationKey)
	if err != nil {
		t.Fatal(err)
	}
	flash := f.Entry(f.Signed(w.South.Content(parley.Flash, "flash"), f.Officer("a"), f.Officer("b")))
	bad := f.Entry([]byte("no content"))
	old := [][]byte{
		f.Frame(flash, f.Checkpoint()), f.Frame(bad, f.Checkpoint()), f.Frame(flash, bad), []byte("noise"),
		f.Frame(wire.Part{Type: wire.PartCheck, Bytes: check}),
	}
	for _, frame := range old {
		f.Send(frame)
	}
	f.Send(f.Frame(f.Good("one"), f.Checkpoint()))
	w.North.Await("the first good message", arrived(3))
	answered := func() bool { // the question, for the first time
		st, err := w.North.Line.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return st.Channels[0].Sent.Frames > 0
	}
	for begun := time.Now(); !answered(); {
		if time.Since(begun) > time.Minute {
			t.Fatal("north sent nothing in a minute")
		}
	}
	before, begun := w.North.Signed(), time.Now()
	rounds := 400
	if testing.Short() {
		rounds = 50
	}
	for range rounds {
		for _, frame := range old {
			f.Send(frame)
		}
	}
	f.Send(f.Frame(f.Good("two"), f.Checkpoint()))
	w.North.Await("the second good message", arrived(4))
	// The last message has its cosignature, the question its first answer, and
	// each minute each channel is asked.
	most := 4 + 4*int64(time.Since(begun)/time.Minute+1)
	if n := w.North.Signed() - before; n > most {
		t.Errorf("north signed %d things anew for %d old frames, want at most %d", n, rounds*len(old), most)
	}
	for _, e := range w.North.Events() {
		if e.Kind == station.EventAlarm {
			t.Errorf("an alarm: %s", e.Text)
		}
	}
}

// The entry that closes a gap has a place, however many are ahead of it.
func TestCrowdedGapCloses(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it makes 2,000 entries")
	}
	w := stationtest.Prepare(t, two)
	w.North.Quota = station.NoQuota()
	w.North.Start()
	w.South.Start()
	f := stationtest.NewFoe(w)
	signed := f.Signed(w.South.Content(parley.Routine, "again"), f.Officer("a"))
	first := f.Entry(signed)
	const held, more = 2048, 100
	for range (held + more + 199) / 200 {
		var parts []wire.Part
		for range 200 {
			parts = append(parts, f.Entry(signed))
		}
		f.Send(f.Frame(parts...))
		n := min(f.Number, held+1) // what is beyond is not stored
		w.North.Await("those of a frame", func(e station.Event) bool { return e.Kind == station.EventRefused && e.Ref.Number >= n })
	}
	last := f.Number
	f.Send(f.Frame(first))
	w.North.Await("the first", func(e station.Event) bool { return e.Kind == station.EventRefused && e.Ref.Number == 1 })
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Theirs.Size != held+1 || st.Theirs.Ahead != 0 {
		t.Errorf("their log after %d entries: %+v, %v; want %d in place", last, st.Theirs, err, held+1)
	}
}
