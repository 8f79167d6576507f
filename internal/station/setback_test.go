package station

import (
	"testing"

	"parley"
	"parley/internal/journal"
)

// What waits for a while by the clock does not wait for a clock that was set
// back to come round again.
func TestClockSetBackHoldsNothingUp(t *testing.T) {
	l := &Line{}
	l.fates.add(parley.LogID{1}, 1, "one", 1_000_000, journal.In)
	tn := l.newTurn()
	tn.now, tn.woken = 10, true
	if l.fates.write(tn); len(tn.writes) != 1 {
		t.Error("what was gathered before is not written")
	}
	p := proving{patience: 100}
	p.asks([8]byte{1}, 1_000_000)
	p.asks([8]byte{2}, 10)
	if p.silent(109) != 0 || p.silent(110) != 10 {
		t.Errorf("silent since %d at 109, and since %d at 110; want 0 and 10", p.silent(109), p.silent(110))
	}
}
