package station_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley"
	"parley/internal/courier"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/roster"
)

// channelOf returns what a side's status says of a channel.
func channelOf(t *testing.T, s *stationtest.Side, name string) station.ChannelStatus {
	t.Helper()
	st, err := s.Line.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range st.Channels {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no channel %s", name)
	return station.ChannelStatus{}
}

// Channels that carry nothing else are proved at the charter's pace, each side
// asking in its turn.
func TestIdleChannelsAreProved(t *testing.T) {
	const every = 10 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.New(t, two, rostertest.CheckEvery(every))
		time.Sleep(every)
		began := time.Now()
		w.North.Forget()
		w.South.Forget()
		for time.Since(began) < 6*time.Hour {
			time.Sleep(time.Hour)
			for _, s := range []*stationtest.Side{w.North, w.South} {
				for _, name := range two {
					c := channelOf(t, s, name)
					if age := time.Since(c.Proof.At.Time()); !c.Proven() || age > 5*every/2 {
						t.Fatalf("channel %s was proved %v ago", name, age)
					}
				}
			}
		}
		for _, s := range []*stationtest.Side{w.North, w.South} {
			n := 0
			for _, e := range s.Events() {
				if e.Kind == station.EventChecked {
					n++
				}
			}
			if want := len(two) * int(6*time.Hour/every) / 2; n < want-2*len(two) || n > want+2*len(two) {
				t.Errorf("a side's checks were answered %d times; want %d, half of all", n, want)
			}
		}
	})
}

// A channel that seems to be up and answers no line check is said to be silent,
// within an interval of when a check was due, and is not proven until one comes
// back.
func TestSilentChannel(t *testing.T) {
	const every = time.Minute
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.New(t, two, rostertest.CheckEvery(every))
		time.Sleep(10 * every)
		w.North.Forget()
		w.SetWeather("one", stationtest.Weather{Loss: 1})
		lost := parley.TimeOf(time.Now())
		told := w.North.Await("that a channel is silent", func(e station.Event) bool {
			return e.Kind == station.EventChannel && e.Text == "silent"
		})
		if took := time.Duration(told.At-lost) * time.Millisecond; told.Channel != "one" || took > 2*every {
			t.Errorf("channel %s is said to be silent after %v", told.Channel, took)
		}
		w.North.Await("the alarm", func(e station.Event) bool {
			return e.Kind == station.EventAlarm && strings.HasPrefix(e.Text, "SILENT: one")
		})
		if _, tr := troubled(t, w.North, "SILENT: one"); tr == nil || tr.Channel != "one" || tr.Do == "" {
			t.Errorf("the trouble is %+v", tr)
		}
		one, other := channelOf(t, w.North, "one"), channelOf(t, w.North, "two")
		if !one.Up || one.Proven() || one.Silent < lost || one.Proof.At == 0 || one.Proof.At > lost {
			t.Errorf("the silent channel: up %v, proven %v, silent since %v, last proof %v", one.Up, one.Proven(), one.Silent, one.Proof.At)
		}
		if !other.Proven() || other.Silent != 0 {
			t.Errorf("the other channel: %+v", other)
		}
		w.North.Forget()
		w.SetWeather("one", stationtest.Weather{})
		w.North.Await("a proof", func(e station.Event) bool { return e.Kind == station.EventChecked && e.Channel == "one" })
		if one = channelOf(t, w.North, "one"); !one.Proven() || one.Silent != 0 {
			t.Errorf("the channel that answers again: %+v", one)
		}
		if _, tr := troubled(t, w.North, "SILENT"); tr != nil {
			t.Errorf("after the proof status says %+v", tr)
		}
	})
}

// When nothing of the other side comes by any channel, people are told once, within
// three intervals, and status says it until something comes.
func TestNobodyAnswers(t *testing.T) {
	const every = 30 * time.Second
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.New(t, two, rostertest.CheckEvery(every))
		time.Sleep(10 * every)
		if _, tr := troubled(t, w.North, "NOBODY"); tr != nil {
			t.Errorf("before: %+v", tr)
		}
		w.North.Forget()
		w.South.Stop()
		gone := parley.TimeOf(time.Now())
		nobody := func(e station.Event) bool {
			return e.Kind == station.EventAlarm && strings.HasPrefix(e.Text, "NOBODY ANSWERS")
		}
		told := w.North.Await("the alarm", nobody)
		if took := time.Duration(told.At-gone) * time.Millisecond; took > 3*every {
			t.Errorf("it is told after %v", took)
		}
		w.North.Forget()
		time.Sleep(30 * every)
		if n := len(slices.DeleteFunc(w.North.Events(), func(e station.Event) bool { return !nobody(e) })); n > 0 {
			t.Errorf("it is told %d times more within half an hour", n)
		}
		if _, tr := troubled(t, w.North, "NOBODY ANSWERS"); tr == nil || tr.Do == "" {
			t.Errorf("the trouble is %+v", tr)
		}
		w.South.Start()
		w.North.Await("a proof", of(station.EventChecked))
		if _, tr := troubled(t, w.North, "NOBODY"); tr != nil {
			t.Errorf("after: %+v", tr)
		}
	})
}

// A channel that never answered is unproven, however long it has been up.
func TestNeverProved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.Prepare(t, two)
		w.SetWeather("one", stationtest.Weather{Loss: 1})
		w.North.Start()
		w.South.Start()
		time.Sleep(time.Hour)
		for _, s := range []*stationtest.Side{w.North, w.South} {
			if c := channelOf(t, s, "one"); !c.Up || c.Proven() || c.Proof.At != 0 || c.Silent == 0 {
				t.Errorf("the channel that never answered: %+v", c)
			}
			if c := channelOf(t, s, "two"); !c.Proven() {
				t.Errorf("the one that does: %+v", c)
			}
		}
	})
}

// A line check that a carrier is on its way with proves the channel also when the
// station that asked was started anew meanwhile, and so does its last proof.
func TestCarriedCheckOutlivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.Prepare(t, two)
		carried := func(routes []station.Route) []station.Route {
			routes[1].Class = courier.Carried
			return routes
		}
		w.North.Routes, w.South.Routes = carried, carried
		w.SetWeather("two", stationtest.Weather{Loss: 1}) // the test is the carrier
		asked, answered := w.North.Watch("two"), w.South.Watch("two")
		w.North.Start()
		w.South.Start()
		time.Sleep(10 * time.Minute)
		stick, restarted := asked(), parley.TimeOf(time.Now())
		w.North.Stop()
		w.North.Start()
		time.Sleep(5 * time.Hour)
		before := len(answered())
		for _, frame := range stick {
			w.South.Inject("two", frame)
		}
		time.Sleep(10 * time.Minute)
		back := answered()[before:]
		for _, frame := range back {
			w.North.Inject("two", frame)
		}
		w.North.Await("the proof", func(e station.Event) bool { return e.Kind == station.EventChecked && e.Channel == "two" })
		c := channelOf(t, w.North, "two")
		if !c.Proven() || c.Proof.At-c.Proof.RoundTrip > restarted {
			t.Fatalf("the carried channel: %+v", c.Proof)
		}
		w.North.Stop()
		w.North.Start()
		for _, frame := range back { // again, which proves nothing
			w.North.Inject("two", frame)
		}
		time.Sleep(time.Minute)
		if again := channelOf(t, w.North, "two"); again.Proof != c.Proof {
			t.Errorf("after another start the proof is %+v; it was %+v", again.Proof, c.Proof)
		}
	})
}

// A question that a carrier is on its way with is refused when the station key that
// signed it was ended meanwhile: so one by the new key is asked as soon as that counts,
// and proves the channel.
func TestCarriedCheckOutlivesAStationKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stationtest.Prepare(t, two)
		carried := func(routes []station.Route) []station.Route {
			routes[1].Class = courier.Carried
			return routes
		}
		w.North.Routes, w.South.Routes = carried, carried
		w.SetWeather("two", stationtest.Weather{Loss: 1}) // the test is the carrier
		asked, answered := w.North.Watch("two"), w.South.Watch("two")
		w.North.Start()
		w.South.Start()
		time.Sleep(10 * time.Minute)
		change := w.North.Change(rolling(t, w.Line.North, w.North.Line.History(), true, roster.RoleStation))
		ref, err := w.North.Line.Release(t.Context(), w.North.Released(change))
		if err != nil {
			t.Fatal(err)
		}
		w.North.Proved(ref.Number)
		w.South.Proved(w.South.Say(parley.Flash, "it is known here"))
		time.Sleep(10 * time.Minute)
		for _, frame := range asked() {
			w.South.Inject("two", frame)
		}
		time.Sleep(10 * time.Minute)
		for _, frame := range answered() {
			w.North.Inject("two", frame)
		}
		w.North.Await("the proof", func(e station.Event) bool { return e.Kind == station.EventChecked && e.Channel == "two" })
		if c := channelOf(t, w.North, "two"); !c.Proven() {
			t.Errorf("the carried channel: %+v", c)
		}
	})
}
