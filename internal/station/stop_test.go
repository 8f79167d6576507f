package station_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/channel/pipe"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/internal/station"
	"parley/internal/stationtest"
)

// What became of the copies of a message survives an orderly stop.
func TestCopiesSurviveAStop(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	one := f.Good("one")
	for range 3 {
		f.Send(f.Frame(one))
	}
	f.Send(f.Frame(f.Good("two")))
	w.North.Await("the message after the copies", arrived(2))
	w.North.Stop()
	w.North.Start()
	fates, err := w.North.Journal.Fates(f.Side.Log, 1)
	if err != nil || len(fates) != 1 || fates[0].Direction != journal.In || fates[0].Count != 3 {
		t.Errorf("after the stop: %+v, %v; want three copies in", fates, err)
	}
}

// Whoever gives up waiting for a line that is busy, whether its lane is full or
// not, is told that nothing was done, and nothing is.
func TestGivingUpOnABusyLine(t *testing.T) {
	for name, busy := range map[string]func(*station.Line){
		"full": (*station.Line).Fill, "with room": func(*station.Line) {},
	} {
		t.Run(name, func(t *testing.T) {
			w := stationtest.New(t, two)
			line := w.North.Line
			d, err := line.Draft(t.Context(), w.North.Content(parley.Routine, "draft"))
			if err != nil {
				t.Fatal(err)
			}
			resume := line.Pause()
			busy(line)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, released := line.Release(ctx, w.North.Released(w.North.Content(parley.Routine, "never")))
			_, status := line.Status(ctx)
			for what, err := range map[string]error{
				"release": released, "status": status, "check": line.CheckNow(ctx), "withdraw": line.Withdraw(ctx, d.ID),
			} {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v, want that it was cancelled", what, err)
				}
			}
			if !strings.Contains(released.Error(), "was not released") {
				t.Errorf("the release says %q", released)
			}
			resume()
			if n := w.North.Say(parley.Routine, "first"); n != 1 {
				t.Errorf("the first message is number %d: one given up was released", n)
			}
			if _, err := line.DraftOf(d.ID); err != nil {
				t.Errorf("the draft: %v", err)
			}
		})
	}
}

// A courier that cannot run ends its line at once, with the reason.
func TestCourierThatCannotRun(t *testing.T) {
	w := stationtest.Prepare(t, two)
	ended := make(chan error, 1)
	w.North.Ended = func(err error) { ended <- err }
	w.North.Routes = func(routes []station.Route) []station.Route {
		again, _ := pipe.New("one")
		return append(routes, station.Route{Channel: again, Class: courier.Fast})
	}
	w.North.Start()
	select {
	case err := <-ended:
		if !strings.Contains(err.Error(), "same name") {
			t.Errorf("the station ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the station still runs, a minute after its courier could not")
	}
	_ = w.North.Crashed()
}
