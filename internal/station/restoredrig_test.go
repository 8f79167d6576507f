package station_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parley"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
)

// rig is a line on which stations are restored and killed, on a clock that runs
// as fast as the machine allows.
type rig struct {
	t *testing.T
	*stationtest.World
	left    map[*stationtest.Side]*int // commits until it is killed; below 1: it is not
	crashed chan *stationtest.Side
	pass    func(time.Duration) // lets time pass
}

// onRig runs f on a rig, and stops both sides after it.
func onRig(t *testing.T, f func(*testing.T, *rig), options ...rostertest.Option) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, options...)
		r.pass = func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		f(t, r)
		r.North.Stop()
		r.South.Stop()
	})
}

func newRig(t *testing.T, options ...rostertest.Option) *rig {
	r := &rig{t: t, left: map[*stationtest.Side]*int{}, crashed: make(chan *stationtest.Side, 8)}
	r.World = stationtest.Prepare(t, two, append(options, rostertest.CheckEvery(10*time.Minute))...)
	for _, s := range []*stationtest.Side{r.North, r.South} {
		left := new(int)
		r.left[s] = left
		s.Started = func(l *station.Line) {
			l.CrashWhen(func() bool { *left--; return *left == 0 })
		}
		s.Ended = func(error) { r.crashed <- s }
		s.Start()
	}
	return r
}

// kill has a stopped side killed after so many commits of its next run; 0: not.
func (r *rig) kill(s *stationtest.Side, after int) { *r.left[s] = after }

// until lets time pass until it is so, and starts again who was killed.
func (r *rig) until(what string, so func() bool) {
	r.t.Helper()
	for range 400 {
		r.pass(15 * time.Second)
		for more := true; more; {
			select {
			case s := <-r.crashed:
				if err := s.Crashed(); !errors.Is(err, station.ErrCrashed) {
					r.t.Fatalf("it ended by itself: %v", err)
				}
				s.Start()
			default:
				more = false
			}
		}
		synctest.Wait()
		if so() {
			return
		}
	}
	for _, s := range []*stationtest.Side{r.North, r.South} {
		st, err := s.Line.Status(r.t.Context())
		r.t.Logf("%+v %+v %v; %v", st.Ours, st.Theirs, err, s.Events()[max(0, len(s.Events())-15):])
	}
	r.t.Fatalf("it did not come to this: %s", what)
}

// lost is what a side says while nothing arrives: frames that somebody keeps.
func (r *rig) lost(s *stationtest.Side, p parley.Precedence, bodies ...string) (frames [][]byte) {
	for _, c := range two {
		r.SetWeather(c, stationtest.Weather{Loss: 1})
	}
	kept := s.Watch("one")
	before := len(kept())
	for _, b := range bodies {
		s.Say(p, b)
	}
	r.pass(time.Minute)
	return kept()[before:]
}

func (r *rig) calm() {
	for _, c := range two {
		r.SetWeather(c, stationtest.Weather{})
	}
}

// holds reports whether the other side holds these texts, each once, in whatever order.
func holds(s *stationtest.Side, want ...string) bool {
	got := s.Held()
	slices.Sort(got)
	slices.Sort(want)
	return slices.Equal(got, want)
}

// whole reports whether both hold of each other what they themselves hold.
func (r *rig) whole() bool {
	for _, s := range []*stationtest.Side{r.North, r.South} {
		if st, err := s.Line.Status(r.t.Context()); err != nil || st.Ours.Restoring {
			return false
		}
	}
	for _, s := range [][2]*stationtest.Side{{r.North, r.South}, {r.South, r.North}} {
		own, err := s[0].Line.Messages(station.Filter{Mine: true, Limit: 1000})
		if err != nil {
			return false
		}
		if s[0].Line.Proved() != uint64(len(own)) || len(s[1].Held()) != len(own) {
			return false
		}
	}
	return true
}
