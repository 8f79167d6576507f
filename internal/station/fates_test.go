package station

import (
	"testing"

	"parley"
	"parley/internal/journal"
)

// A frame that is tried again after a commit that failed counts once, and what
// could not be written stays gathered.
func TestFatesCountWhatWasSettled(t *testing.T) {
	l, log := &Line{}, parley.LogID{1}
	count := func() uint64 {
		got := l.fates.merge(parley.Ref{Log: log, Number: 1}, nil)
		if len(got) == 0 {
			return 0
		}
		return got[0].Count
	}
	// One copy comes in a turn, which is settled or not.
	copyComes := func(last, settled bool) {
		tn := l.newTurn()
		tn.last = last
		tn.fates.add(log, 1, "one", 1, journal.In)
		l.fates.write(tn)
		if settled {
			for _, f := range tn.then {
				f()
			}
		}
	}
	copyComes(false, false)
	copyComes(false, true)
	if got := count(); got != 1 {
		t.Errorf("a copy that was tried twice counts %d times", got)
	}
	copyComes(true, false) // it would have written the one
	if got := count(); got != 1 {
		t.Errorf("after a write that failed %d of 1 are gathered", got)
	}
	copyComes(true, true) // it writes the one, and gathers its own
	if got := count(); got != 1 {
		t.Errorf("after a write %d of the turn's 1 are gathered", got)
	}
	for n := range uint64(2 * fatesMost) {
		l.fates.add(log, n, "one", 1, journal.Out)
	}
	if got := len(l.fates.seen); got > fatesMost {
		t.Errorf("%d fates are gathered, more than %d", got, fatesMost)
	}
}
