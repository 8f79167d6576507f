package station_test

import (
	"fmt"
	"slices"
	"testing"

	"parley"
	"parley/internal/stationtest"
)

// A channel that is flooded delays the others by one of its frames for each of
// theirs, and a release by none (R26).
func TestFloodedChannelDelaysNoOther(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	var flood [][]byte
	for i := range 100 {
		flood = append(flood, f.Frame(f.Good(fmt.Sprint("flood ", i))))
	}
	c := w.South.Content(parley.Flash, "through")
	flash := f.Frame(f.Entry(f.Signed(c, f.Officer("a"), f.Officer("b"))), f.Checkpoint())
	resume := w.North.Line.Pause()
	for _, frame := range flood {
		f.Send(frame)
	}
	w.North.Line.AwaitInputs(len(flood))
	w.North.Inject("two", flash)
	w.North.Line.AwaitInputs(len(flood) + 1)
	resume()
	w.North.Await("the last of the flood", arrived(100))
	if at := slices.Index(w.North.Received(), "through"); at < 0 || at > 1 {
		t.Errorf("the flash is number %d of what was taken, want it among the first two", at)
	}
}
