package link

import (
	"cmp"
	"slices"

	"parley"
)

// ranked returns the fast channels that are up, the best first: those that owe nothing before those that are late, wide
// before narrow, those proved since they came up before others, then by the time to a receipt that is to be expected.
func (l *Link) ranked() []*channel {
	var up []*channel
	for _, c := range l.channels {
		if c.up && c.fast() {
			up = append(up, c)
		}
	}
	slices.SortStableFunc(up, func(a, b *channel) int {
		return cmp.Or(
			order(a.late, b.late), order(a.Narrow, b.Narrow), order(!a.proved, !b.proved),
			cmp.Compare(l.grade(a), l.grade(b)))
	})
	return up
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// What may leave before anything is late is one byte in spareShare of those that left for the first time, and spareMost
// at once: whatever the channels do, hedging costs no more.
const (
	spareShare = 64
	spareMost  = 16 << 10
)

// expire takes out of the air what is late.
func (l *Link) expire(it *item) {
	for i, c := range l.channels {
		if cp := &it.copies[i]; cp.flying && l.now >= cp.due {
			l.landOn(c, it, cp)
			l.overdue(c)
		}
	}
}

// choose lets an item leave over the channels where it is due.
func (l *Link) choose(it *item, fast []*channel) {
	urgent, w := it.Precedence <= parley.Immediate, l.lane(it.Precedence)
	if it.held && it.Precedence != parley.Flash {
		return // Its proof follows when the gap below it is filled.
	}
	if l.now < l.waitUntil && it.Precedence != parley.Flash {
		w.due = earlier(w.due, l.waitUntil)
		return // The peer has no room for it.
	}
	switch {
	case urgent:
		for _, c := range fast {
			cp := &it.copies[c.index]
			if it.asked == c || cp.at == 0 || l.now >= cp.due {
				l.leave(c, it)
			} else {
				w.due = earlier(w.due, cp.due)
			}
		}
	case len(fast) > 0:
		if c := l.next(it, fast); c != nil {
			l.leave(c, it)
		}
	}
	it.asked = nil
	for _, c := range l.channels {
		if c.up && !c.fast() {
			l.chooseCarried(c, it, urgent)
		}
	}
}

// next returns the channel for the next copy of an item that goes over one channel at a time, or nil when none is due.
// While some channel has not had it, the next copy is due when the newest one is later than its channel's distribution
// lets expect, if copies are to be spared for that; and when all have had it, or none are to be spared, when it is late.
func (l *Link) next(it *item, fast []*channel) *channel {
	if it.asked != nil && it.asked.up && it.asked.fast() {
		return it.asked
	}
	var late, newest, hedge parley.Time
	untried := false
	for _, c := range fast {
		cp := it.copies[c.index]
		if cp.at == 0 {
			untried = true
			continue
		}
		late = max(late, cp.due)
		if cp.at >= newest {
			newest, hedge = cp.at, cp.hedge
		}
	}
	if it.asked == nil && l.now < late {
		w := l.lane(it.Precedence)
		switch {
		case !untried || l.spare < it.Bytes*spareShare:
			w.due = earlier(w.due, late)
			return nil
		case l.now < hedge:
			w.due = earlier(w.due, hedge)
			return nil
		}
		l.spare -= it.Bytes * spareShare
	}
	best := fast[0]
	for _, c := range fast[1:] {
		a, b := &it.copies[c.index], &it.copies[best.index]
		held, bestHeld := l.now < c.hold[it.Precedence], l.now < best.hold[it.Precedence]
		if o := cmp.Or(order(held, bestHeld), cmp.Compare(a.tries, b.tries)); o < 0 {
			best = c
		}
	}
	return best
}

// chooseCarried lets an item leave by pouch: Flash and Immediate at once, others when no fast channel serves.
func (l *Link) chooseCarried(c *channel, it *item, urgent bool) {
	from := parley.Time(1)
	if !urgent {
		from = it.since + parley.Time(l.cfg.PouchLateness.Milliseconds())
		if l.fastLost != 0 {
			from = min(from, l.fastLost+l.grace())
		}
	}
	if cp := it.copies[c.index]; cp.at != 0 {
		from = max(from, cp.due)
	}
	if l.now < from {
		w := l.lane(it.Precedence)
		w.due = earlier(w.due, from)
		return
	}
	l.leave(c, it)
}

// grace is how long no fast channel is up before Priority and Routine are carried: nothing on a line that has none.
func (l *Link) grace() parley.Time {
	if !slices.ContainsFunc(l.channels, (*channel).fast) {
		return 0
	}
	return parley.Time(l.cfg.PouchGrace.Milliseconds())
}

// leave puts an item into the batch of a channel, if there is room in the air.
func (l *Link) leave(c *channel, it *item) {
	p, w := it.Precedence, l.lane(it.Precedence)
	if l.now < c.hold[p] {
		w.due = earlier(w.due, c.hold[p])
		c.full[p] = true
		return
	}
	cp := &it.copies[c.index]
	if c.fast() && !cp.flying && c.flying[p] > 0 && c.flying[p]+it.Bytes > l.allowance(c, p) {
		c.short = c.short || p > parley.Immediate
		c.full[p] = true
		return
	}
	// A copy that was taken for lost may still arrive, so that only what leaves for the first time can be timed.
	alone := c.fast() && p > parley.Immediate && it.first == (parley.EpochID{})
	if alone {
		l.spare = min(l.spare+it.Bytes, spareMost*spareShare)
	}
	if c.timing == it.Number {
		c.timing = 0
	}
	cp.at = l.now
	cp.tries++
	if c.fast() {
		before := c.passing(p) // What passes with it is in the times that hedge knows.
		if !cp.flying {
			cp.flying = true
			c.flying[p] += it.Bytes
		}
		cp.due = together(l.now, l.timeout(c, cp.tries)+c.passing(p))
		cp.hedge = min(cp.due, together(l.now, l.hedge(c)+before))
		if alone && c.timing == 0 {
			c.timing, c.timingAt, c.timingDue, c.timingGot = it.Number, l.now, cp.due, c.got
		}
	} else {
		cp.due = l.now + parley.Time(l.cfg.PouchRepeat.Milliseconds())
	}
	w.due = earlier(w.due, cp.due)
	if p > parley.Immediate && c.fast() && l.fasts > 1 {
		w.due = earlier(w.due, cp.hedge)
	}
	l.sentUnder(it)
	c.batch = append(c.batch, it)
}

// together returns a time at least d after now that repeats share, so that what is late goes in few frames.
func together(now, d parley.Time) parley.Time {
	grain := max(d/8, 1)
	return (now + d + grain - 1) / grain * grain
}
