package demo

import (
	"testing"
	"time"
)

// at returns a moment of a test, in milliseconds.
func at(ms int) time.Time { return time.UnixMilli(int64(ms)) }

func TestLedger(t *testing.T) {
	l := NewLedger()
	changed := l.Changed()
	l.Proved(0, 2, false, at(5)) // the proof can be here before the answer
	select {
	case <-changed:
	default:
		t.Error("a change was not told")
	}
	for n := uint64(1); n <= 4; n++ {
		l.Said(0, Said{Number: n, Released: at(int(n))})
	}
	if l.Count(0) != 4 || l.Waiting(0) != 3 || l.Count(1) != 0 || l.Waiting(1) != 0 {
		t.Errorf("%d of %d wait, %d of %d", l.Waiting(0), l.Count(0), l.Waiting(1), l.Count(1))
	}
	l.Proved(0, 3, true, at(9))
	l.Proved(0, 1, true, at(20)) // an older one
	if l.Waiting(0) != 1 {
		t.Errorf("%d wait", l.Waiting(0))
	}
	for n, want := range map[uint64]time.Time{1: at(9), 2: at(5), 3: at(9)} {
		if got, ok := l.ProvedAt(0, n); !ok || !got.Equal(want) {
			t.Errorf("%d was proved at %v: %v", n, got, ok)
		}
	}
	if _, ok := l.ProvedAt(0, 4); ok {
		t.Error("4 is proved")
	}
}

func TestConfirms(t *testing.T) {
	l := NewLedger()
	say := func(n uint64, released, proved int) {
		l.Said(1, Said{Number: n, Released: at(released)})
		l.Proved(1, n, false, at(proved))
	}
	say(1, 10, 13) // counts: 3
	say(2, 18, 21) // into the first trouble
	say(3, 25, 27) // within it
	say(4, 29, 41) // out of it
	say(5, 41, 46) // counts: 5
	say(6, 60, 70) // into the second
	l.Said(1, Said{Number: 7, Released: at(50)})
	l.Said(1, Said{Number: 8, Released: at(45), LookedUp: true})
	l.Proved(1, 8, false, at(47))
	l.Trouble(at(20))
	l.Trouble(at(22)) // one more thing goes wrong
	l.Calm(at(40))
	l.Calm(at(44)) // it was over
	l.Trouble(at(65))
	got := l.Confirms()
	if len(got) != 2 || got[0] != 3*time.Millisecond || got[1] != 5*time.Millisecond {
		t.Errorf("%v", got)
	}
}

func TestPercentiles(t *testing.T) {
	var all []time.Duration
	for i := 200; i >= 1; i-- {
		all = append(all, time.Duration(i)*time.Millisecond)
	}
	if got := percentiles(all); got != (Percentiles{100, 198}) {
		t.Errorf("%v", got)
	}
	if got := percentiles(all[:1]); got != (Percentiles{200, 200}) {
		t.Errorf("%v", got)
	}
	if got := percentiles(nil); got != (Percentiles{}) {
		t.Errorf("%v", got)
	}
}
