package link

import (
	"slices"

	"parley"
	"parley/wire"
)

// reported marks what the peer says it holds. What it holds without a gap needs no place in memory: the cosignature
// proves it, and is asked for by a nudge. Flash stays, since a receipt of its own is owed for it. What the peer misses
// leaves at once, though not sooner than one round trip after the newest copy, which may still be on its way.
func (l *Link) reported(c *channel, r wire.Report) {
	l.peerCosigned = max(l.peerCosigned, r.Cosigned)
	l.refusalsCounted(c, r.Refusals)
	if c != nil {
		l.answerReport(c)
	}
	l.waiting(r.Wait)
	told := r
	l.holding(c, min(r.Size, l.own))
	r.Size = l.held
	top := r.Size
	for _, a := range r.Ahead {
		top = max(top, a.Last)
	}
	for p := range l.windows {
		for _, it := range l.windows[p].items {
			if !it.gone {
				l.compare(c, it, r, top)
			}
		}
	}
	if c != nil {
		l.timed(c, told)
	}
	if l.held > l.proved {
		l.nudge.arm(l)
	}
}

// regress is how long a smaller report counts as one overtaken on its way, in milliseconds.
const regress = 60_000

// holding takes the size that the peer says it holds without a gap. It grows; a peer that says less for so long that no
// disorder on the way explains it has lost something, and gets everything again that is not proved.
func (l *Link) holding(c *channel, size uint64) {
	switch {
	case size >= l.held:
		l.held, l.heldAt = size, l.now
	case c != nil && c.fast() && l.now >= l.heldAt+regress:
		l.held, l.heldAt = size, l.now
		l.reload()
	}
}

// reload forgets what is in memory and begins again with what is not proved.
func (l *Link) reload() {
	for p := range l.windows {
		w := &l.windows[p]
		for _, it := range w.items {
			l.land(it)
			delete(l.items, it.Number)
		}
		w.items, w.live, w.fresh, w.after = nil, 0, 0, l.proved
		w.beyond, w.again = w.highest > l.proved, w.loading
	}
}

func holds(r wire.Report, n uint64) bool {
	return n <= r.Size || slices.ContainsFunc(r.Ahead, func(a wire.Range) bool { return a.First <= n && n <= a.Last })
}

func (l *Link) compare(c *channel, it *item, r wire.Report, top uint64) {
	if it.Number <= r.Size && it.Precedence != parley.Flash {
		l.release(it)
		return
	}
	held := holds(r, it.Number)
	if held != it.held {
		it.held = held
		l.lane(it.Precedence).stale = true
	}
	switch {
	case held:
		l.epochSeen(it)
		l.landed(it)
	case it.Number < top && c != nil && l.elapsed(it, c.roundTrip()):
		it.asked = c
		l.lane(it.Precedence).stale = true
	}
}

// elapsed reports whether it was sent, and no copy left within the last d milliseconds, doubled for each copy after the
// first: where copies wait in a queue longer than d, repeats at one pace would keep that queue full for ever.
func (l *Link) elapsed(it *item, d parley.Time) bool {
	var newest parley.Time
	tries := 0
	for _, cp := range it.copies {
		newest, tries = max(newest, cp.at), max(tries, cp.tries)
	}
	return newest != 0 && l.now >= newest+d<<min(tries-1, 6)
}
