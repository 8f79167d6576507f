package demo

import (
	"slices"
	"sync"
	"time"
)

// Ledger is the demo's own account, beside the stations': what was said and
// when, and when its sender had the proof that the other side holds it. North
// is 0 and south is 1.
type Ledger struct {
	mu       sync.Mutex // guards what follows
	said     [2][]Said
	proved   [2]map[uint64]time.Time // by number: when the first proof was here
	upTo     [2]uint64               // everything up to it is proved
	troubles []trouble
	changed  chan struct{} // closed at the next change
}

// trouble is a time in which something was cut or killed; end is zero while it lasts.
type trouble struct{ begin, end time.Time }

// NewLedger returns an account of nothing.
func NewLedger() *Ledger {
	return &Ledger{proved: [2]map[uint64]time.Time{{}, {}}, changed: make(chan struct{})}
}

func (l *Ledger) note(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	close(l.changed)
	l.changed = make(chan struct{})
}

// Said accounts for a message that side released.
func (l *Ledger) Said(side int, m Said) {
	l.note(func() { l.said[side] = append(l.said[side], m) })
}

// Proved accounts for the proof that the other side holds number n of side's
// log or, if all, everything up to n.
func (l *Ledger) Proved(side int, n uint64, all bool, at time.Time) {
	l.note(func() {
		first := n
		if all {
			first = l.upTo[side] + 1
			l.upTo[side] = max(l.upTo[side], n)
		}
		for ; first <= n; first++ {
			if _, ok := l.proved[side][first]; !ok {
				l.proved[side][first] = at
			}
		}
	})
}

// Forget forgets every proof that a side had: it was restored from a backup, and is
// to show them again.
func (l *Ledger) Forget(side int) {
	l.note(func() { l.proved[side], l.upTo[side] = map[uint64]time.Time{}, 0 })
}

// Renumber takes the numbers, by draft, under which a side that was restored holds what
// it said. What is not among them has none, and is not proved.
func (l *Ledger) Renumber(side int, numbers map[string]uint64) {
	l.note(func() {
		for i := range l.said[side] {
			l.said[side][i].Number = numbers[l.said[side][i].Draft]
		}
	})
}

// Trouble begins a time that does not count for confirm times; Calm ends it.
func (l *Ledger) Trouble(at time.Time) {
	l.note(func() {
		if n := len(l.troubles); n == 0 || !l.troubles[n-1].end.IsZero() {
			l.troubles = append(l.troubles, trouble{begin: at})
		}
	})
}

// Calm ends what Trouble began, if anything.
func (l *Ledger) Calm(at time.Time) {
	l.note(func() {
		if n := len(l.troubles); n > 0 && l.troubles[n-1].end.IsZero() {
			l.troubles[n-1].end = at
		}
	})
}

// Changed returns a channel that is closed when the account changes next.
func (l *Ledger) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// Waiting returns how many messages of a side were said and not proved yet.
func (l *Ledger) Waiting(side int) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.said[side] {
		if _, ok := l.proved[side][m.Number]; !ok {
			n++
		}
	}
	return n
}

// Count returns how many messages a side said.
func (l *Ledger) Count(side int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.said[side])
}

// All returns what a side said, in the order in which it was released.
func (l *Ledger) All(side int) []Said {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.said[side])
}

// ProvedAt returns when the first proof of a message was here; ok is false if
// none was.
func (l *Ledger) ProvedAt(side int, n uint64) (at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok = l.proved[side][n]
	return at, ok
}

// Confirms returns the times from the last officer's approval to the proof, of
// every message that was not on its way while something was cut or killed.
func (l *Ledger) Confirms() (out []time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for side := range l.said {
		for _, m := range l.said[side] {
			at, ok := l.proved[side][m.Number]
			if ok && !m.LookedUp && !slices.ContainsFunc(l.troubles, func(t trouble) bool { return t.overlaps(m.Released, at) }) {
				out = append(out, at.Sub(m.Released))
			}
		}
	}
	return out
}

func (t trouble) overlaps(begin, end time.Time) bool {
	return !t.begin.After(end) && (t.end.IsZero() || !t.end.Before(begin))
}
