package station

import (
	"testing"
	"time"

	"parley"
)

// What a line check that was carried by hand tells of the other clock is in doubt by
// half of its way: it is not taken for a clock that was set, nor is the next one by a
// cable. A clock that was set is told as soon as no doubt is left.
func TestCarriedChecksSetNoClock(t *testing.T) {
	const minute = parley.Time(60_000)
	now := 1_000_000 * minute
	w := clockWatch{}
	// check has one go there and back, with the other clock ahead of ours.
	check := func(there, back parley.Time, ahead int64) {
		asked := now
		now += there + back
		w.theirs(parley.Time(int64(asked+there)+ahead), asked, now)
	}
	for _, trip := range []parley.Time{40_000, minute, 10 * minute, 24 * 60 * minute} {
		w = clockWatch{}
		check(0, trip, 0) // a carried one is the first: nothing is surer
		check(trip, 0, 0)
		for range 2 {
			check(20, 20, 0)
			check(trip, 1000, 0)
			check(1000, trip, 0)
			check(trip/2, trip/2, 0)
		}
		check(20, 20, 0)
		if w.their.at != 0 || w.skew.Abs() > 20*time.Millisecond {
			t.Fatalf("carried for %d ms: set %v, and %v apart", trip, w.their.by, w.skew)
		}
		check(1000, trip, 15_000) // set, but not surely
		if w.their.at != 0 {
			t.Fatalf("carried for %d ms, the other clock was set by 15 s: told as %v", trip, w.their.by)
		}
		check(20, 20, 15_000)
		if w.their.by != 15*time.Second {
			t.Fatalf("the other clock was set by 15 s: told as %v", w.their.by)
		}
		w.their = jump{}
		check(20, 20, -3_600_000)
		if w.their.by != -time.Hour-15*time.Second {
			t.Fatalf("the other clock was set back: told as %v", w.their.by)
		}
	}
	w = clockWatch{}
	check(20, 20, 0)
	for drift := int64(0); drift <= 120_000; drift += 1000 { // no clock is set: it is slow
		check(20, 20, drift)
	}
	if w.their.at != 0 || w.skew != 2*time.Minute {
		t.Errorf("a clock that drifts was set by %v, and is %v apart", w.their.by, w.skew)
	}
}

// Two clocks are told to be apart by what is sure.
func TestCarriedCheckSetsNoClocksApart(t *testing.T) {
	l := &Line{}
	w := &l.conduct.clock
	tolerance := parley.Time(clockTolerance)
	w.theirs(1_000_000+tolerance+20_000, 1_000_000-30_000, 1_000_000+30_000) // by 20 s more, give or take 30
	if got := l.clockTroubles(1_000_000); len(got) != 0 {
		t.Errorf("not surely apart: %+v", got)
	}
	w.theirs(1_000_000+tolerance+20_000, 1_000_000-10, 1_000_000+10)
	if got := l.clockTroubles(1_000_000); len(got) != 1 {
		t.Errorf("apart: %+v", got)
	}
}
