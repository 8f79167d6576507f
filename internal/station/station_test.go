package station_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
)

var two = []string{"one", "two"}

// What one side says the other receives, once, in order, and proves to hold.
func TestSaidIsReceivedOnce(t *testing.T) {
	w := stationtest.New(t, two)
	var want []string
	var last uint64
	for i := range 40 {
		body := fmt.Sprintf("message %d: سلام, здравствуйте, 你好", i)
		want = append(want, body)
		last = w.North.Say(parley.Precedence(i%4+1), body)
	}
	w.North.Proved(last)
	if got := w.South.Held(); !slices.Equal(got, want) {
		t.Errorf("south received %d messages, want %d in order", len(got), len(want))
	}
	if got := w.North.Received(); len(got) != 0 {
		t.Errorf("north received %v", got)
	}
}

// Both sides speak while every channel is cut, and all of it arrives when one
// is mended, after both stations were stopped in between.
func TestCutAndRestart(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Proved(w.North.Say(parley.Flash, "first"))
	w.Cut()
	n := w.North.Say(parley.Routine, "while cut")
	m := w.South.Say(parley.Immediate, "so say we")
	w.North.Stop()
	w.South.Stop()
	w.North.Start()
	w.South.Start()
	w.Restore("two")
	w.North.Proved(n)
	w.South.Proved(m)
	if got := w.South.Held(); !slices.Equal(got, []string{"first", "while cut"}) {
		t.Errorf("south received %q", got)
	}
	if got := w.North.Received(); !slices.Equal(got, []string{"so say we"}) {
		t.Errorf("north received %q", got)
	}
}

// A draft that was released is refused the second time.
func TestDraftIsReleasedOnce(t *testing.T) {
	w := stationtest.New(t, two)
	r := w.North.Released(w.North.Content(parley.Routine, "once"))
	if _, err := w.North.Line.Release(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := w.North.Line.Release(context.Background(), r); !errors.Is(err, station.ErrReplay) {
		t.Errorf("the second release gave %v, want ErrReplay", err)
	}
}
