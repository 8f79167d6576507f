package station_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/stationtest"
)

// An epoch of the other side ends when a later one was accepted and the pouch
// window has passed since, as far as the station saw it pass. A clock that is
// set, either way, ends none too early and keeps none for ever.
func TestEpochsAndTheClock(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for name, c := range map[string]struct {
		epochs  int
		set     time.Duration // what someone sets the clock by
		passes  time.Duration // what passes after that
		restart bool
		held    int // epochs after that
	}{
		"the window passes":                  {epochs: 2, passes: 32 * 24 * time.Hour, held: 1},
		"the window does not pass":           {epochs: 2, passes: 28 * 24 * time.Hour, held: 2},
		"no later epoch":                     {epochs: 1, passes: 40 * 24 * time.Hour, held: 1},
		"set forward":                        {epochs: 2, set: 10 * year, passes: 24 * time.Hour, held: 2},
		"set forward, and restarted":         {epochs: 2, set: 10 * year, passes: 24 * time.Hour, restart: true, held: 2},
		"set back, and the window passes":    {epochs: 2, set: -10 * year, passes: 32 * 24 * time.Hour, held: 1},
		"restarted after it, and the window": {epochs: 2, set: -10 * year, passes: 32 * 24 * time.Hour, restart: true, held: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var off atomic.Int64
			w := stationtest.Prepare(t, two)
			w.North.Now = func() time.Time { return time.Now().Add(time.Duration(off.Load())) }
			w.North.Start()
			f := stationtest.NewThief(w)
			say := func() {
				t.Helper()
				f.Send(f.Frame(f.Good(fmt.Sprint(f.Number + 1))))
				w.North.Await("it", arrived(f.Number))
			}
			say()
			first, opening := f.Epoch, f.Opening()
			for range c.epochs - 1 {
				off.Add(int64(time.Minute))
				f.NewEpoch()
				say()
			}
			off.Add(int64(c.set))
			if c.restart {
				w.North.Stop()
				w.North.Start()
			}
			for range c.passes / (12 * time.Hour) {
				off.Add(int64(12 * time.Hour))
				say()
			}
			st, err := w.North.Line.Status(t.Context())
			if err != nil || st.Epochs != c.held {
				t.Fatalf("%d epochs are held, %v; want %d", st.Epochs, err, c.held)
			}
			if c.held == c.epochs {
				f.Use(first, opening)
				say()
			}
		})
	}
}
