package station_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/wire"
)

// longFrame is a frame of 60 entries, the 40th of which says again what the 39th said.
func longFrame(w *stationtest.World, f *stationtest.Foe) []byte {
	var parts []wire.Part
	for i := range 38 {
		parts = append(parts, f.Good(fmt.Sprint("flood ", i)))
	}
	twice := f.Signed(w.South.Content(parley.Routine, "said twice"), f.Officer("a"))
	parts = append(parts, f.Entry(twice), f.Entry(twice))
	for i := range 20 {
		parts = append(parts, f.Good(fmt.Sprint("more ", i)))
	}
	return f.Frame(append(parts, f.Checkpoint())...)
}

// ends waits until all of a long frame was taken, each part of it once.
func ends(t *testing.T, w *stationtest.World, f *stationtest.Foe) {
	t.Helper()
	w.North.Await("the end of the long frame", arrived(60))
	all, err := w.North.Line.Messages(station.Filter{Theirs: true})
	if err != nil {
		t.Fatal(err)
	}
	believed := 0
	for _, m := range all {
		if m.Believed {
			believed++
		}
		if m.Ref.Number == 40 && m.Refusal == "" {
			t.Error("what was said again is not refused")
		}
	}
	if len(all) != int(f.Number) || believed != int(f.Number)-1 {
		t.Errorf("of %d entries %d are held and %d believed", f.Number, len(all), believed)
	}
	status, err := w.North.Line.Status(context.Background())
	if err != nil || len(status.Refused) > 0 {
		t.Errorf("refused frames %v, %v", status.Refused, err)
	}
}

// A long frame of one channel is left in the middle for a short one of another,
// and taken to its end (R26).
func TestLongFrameGivesWayToAnotherChannel(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	long := longFrame(w, f)
	flash := f.Frame(f.Entry(f.Signed(w.South.Content(parley.Flash, "through"), f.Officer("a"), f.Officer("b"))), f.Checkpoint())
	resume := w.North.Line.Pause()
	f.Send(long)
	w.North.Line.AwaitInputs(1)
	w.North.Inject("two", flash)
	w.North.Line.AwaitInputs(2)
	resume()
	ends(t, w, f)
	if at := slices.Index(w.North.Received(), "through"); at != 0 {
		t.Errorf("the flash is number %d of what was taken, want it to be the first", at)
	}
}

// A long frame is left in the middle for a Flash that is released here.
func TestLongFrameGivesWayToRelease(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	long := longFrame(w, f)
	flash := w.North.Released(w.North.Content(parley.Flash, "through"))
	resume := w.North.Line.Pause()
	f.Send(long)
	w.North.Line.AwaitInputs(1)
	released := make(chan error, 1)
	go func() {
		_, err := w.North.Line.Release(context.Background(), flash)
		released <- err
	}()
	w.North.Line.AwaitInputs(2)
	resume()
	if err := <-released; err != nil {
		t.Fatal(err)
	}
	ends(t, w, f)
	all, err := w.North.Line.Messages(station.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if at := slices.IndexFunc(all, func(m station.Message) bool { return m.Mine }); at < 0 || at > 20 {
		t.Errorf("the flash is number %d of what was stored, want it among the first", at)
	}
}
