package link

import (
	"slices"

	"parley"
	"parley/wire"
)

// channel is what the link knows of one route.
type channel struct {
	Channel
	index int
	up    bool
	last  parley.Time // last is when it was last heard.
	late  bool        // late: a receipt was late since it was last heard.

	// The confirm time, as TCP measures it (RFC 6298), in milliseconds. One entry at a time is timed, and only one that
	// went over this channel alone, so that no other channel's speed is taken for this one's.
	measured       bool
	smooth, spread parley.Time
	timing         uint64
	timingAt       parley.Time

	flying [parley.Routine + 1]int         // flying is how many bytes are in flight.
	hold   [parley.Routine + 1]parley.Time // hold: the courier's queue was full; not before this.
	wait   [parley.Routine + 1]parley.Time // wait is how long hold was put off last.
	full   [parley.Routine + 1]bool        // full: something had to wait in the newest dispatch.

	nextCheck  parley.Time // nextCheck is when a line check is due; 0 for none.
	askedAt    parley.Time // askedAt is when the newest line check left, until it is answered.
	askedUnder parley.EpochID
	doubted    bool // doubted: an older line check was not answered; whose answer comes is not known.
	askBack    bool // askBack: the peer's line check waits for its answer.
	answeredAt parley.Time

	stateDue parley.Time // stateDue is when our state is to be told, asked or not; 0 for not.
	stateAt  parley.Time

	answer answer
	batch  []*item // batch is what leaves in this Step.

	unopened   []parley.EpochID
	unopenedAt parley.Time
}

func (c *channel) fast() bool { return c.Class != Carried }

// roundTrip is how long an answer takes as a rule, and at least 20 ms, the time that some disorder may take.
func (c *channel) roundTrip() parley.Time {
	if !c.measured {
		return 200
	}
	return max(c.smooth, 20)
}

func (l *Link) timeout(c *channel, tries int) parley.Time {
	d := parley.Time(l.cfg.FirstTimeout.Milliseconds())
	if c.measured {
		d = c.smooth + max(4*c.spread, 10)
	}
	d = max(d, parley.Time(l.cfg.TimeoutFloor.Milliseconds()))
	limit := parley.Time(l.cfg.TimeoutCap.Milliseconds())
	for ; tries > 1 && d < limit; tries-- {
		d *= 2
	}
	return min(d, limit)
}

// The least that a channel is taken to pass, in bytes a second: a modem of 2400 baud, and a poor wide route. A channel
// that is slower is measured to be so, after some needless repeats.
const (
	narrowRate = 240
	wideRate   = 32 << 10
)

// passing is how long what is in flight may take to pass, up to precedence p: repeats of what still waits in a queue
// would only make it longer.
func (c *channel) passing(p parley.Precedence) parley.Time {
	bytes := 0
	for _, b := range c.flying[:p+1] {
		bytes += b
	}
	if c.Narrow {
		return parley.Time(bytes * 1000 / narrowRate)
	}
	return parley.Time(bytes * 1000 / wideRate)
}

func (c *channel) sample(d parley.Time) {
	if !c.measured {
		c.measured, c.smooth, c.spread = true, d, d/2
		return
	}
	off := max(c.smooth, d) - min(c.smooth, d)
	c.spread = (3*c.spread + off) / 4
	c.smooth = (7*c.smooth + d) / 8
}

// timed takes the time of the timed entry when a report by its channel covers it.
func (l *Link) timed(c *channel, r wire.Report) {
	if c.timing != 0 && holds(r, c.timing) {
		c.sample(l.now - c.timingAt)
		c.timing = 0
	}
}

// up makes a channel new: what was under way on it is lost, and goes again at once.
func (l *Link) up(c *channel) {
	if c == nil {
		return
	}
	c.up = true
	if c.fast() {
		l.reset(c)
		l.fastLost = 0
		c.nextCheck = l.now
		c.stateDue = l.now
	} else if l.touch(); c.stateAt == 0 || l.now >= c.stateAt+parley.Time(l.cfg.PouchRepeat.Milliseconds()) {
		c.stateDue = l.now
	}
	l.nudge = nudge{}
}

func (l *Link) down(c *channel) {
	if c == nil || !c.up {
		return
	}
	c.up = false
	if c.fast() {
		l.reset(c)
	}
	c.nextCheck, c.stateDue, c.askBack, c.unopened = 0, 0, false, nil
	l.redirect(c)
	if l.fastLost == 0 && !slices.ContainsFunc(l.channels, func(o *channel) bool { return o.up && o.fast() }) {
		l.fastLost = l.now
	}
}

// touch has every entry looked at again.
func (l *Link) touch() {
	for p := range l.windows {
		l.windows[p].stale = true
	}
}

// reset forgets what left over a channel.
func (l *Link) reset(c *channel) {
	for p := range l.windows {
		for _, it := range l.windows[p].items {
			l.landOn(c, it, &it.copies[c.index])
			it.copies[c.index] = copied{}
		}
	}
	c.late, c.timing, c.askedAt = false, 0, 0
	c.hold = [parley.Routine + 1]parley.Time{}
	l.touch()
}

// heard takes a channel for alive. After a silence its repeats are far apart, and now go at once.
func (l *Link) heard(c *channel) {
	if c == nil {
		return
	}
	silent := l.now - c.last
	c.last = l.now
	if !c.late {
		return
	}
	c.late = false
	l.touch()
	if silent < max(2*l.timeout(c, 1), 2000) {
		return
	}
	for p := range l.windows {
		for _, it := range l.windows[p].items {
			if cp := &it.copies[c.index]; cp.at != 0 && c.fast() && l.now >= cp.at+c.roundTrip() {
				l.landOn(c, it, cp)
				*cp = copied{}
			}
		}
	}
}

// busy takes back what the courier had no room for, and waits longer each time until there is room.
func (l *Link) busy(c *channel, numbers []uint64) {
	if c == nil {
		return
	}
	for _, n := range numbers {
		it := l.items[n]
		if it == nil {
			continue
		}
		l.landOn(c, it, &it.copies[c.index])
		it.copies[c.index] = copied{}
		l.lane(it.Precedence).stale = true
		if c.timing == n {
			c.timing = 0
		}
		c.putOff(it.Precedence, l.now)
	}
}

// putOff holds a precedence back on a channel. What is held back already stays as it is.
func (c *channel) putOff(p parley.Precedence, now parley.Time) {
	if now < c.hold[p] {
		return
	}
	least, most := parley.Time(250), parley.Time(5000)
	if !c.fast() {
		least, most = 5000, 600_000
	}
	if now > c.hold[p]+c.wait[p] {
		c.wait[p] = 0
	}
	c.wait[p] = min(max(2*c.wait[p], least), most)
	c.hold[p] = now + c.wait[p]
}

func (l *Link) checkNow() {
	for _, c := range l.channels {
		if c.up {
			c.nextCheck = l.now
		}
	}
}

func (l *Link) checked(c *channel, kind CheckKind) {
	switch {
	case c == nil:
	case kind == CheckAsk:
		c.askBack = true
	case kind == CheckAnswer && c.askedAt != 0:
		if !c.doubted {
			l.epochProved(c.askedUnder)
			if c.fast() {
				c.sample(l.now - c.askedAt)
			}
		}
		c.askedAt = 0
	}
}

// checkAfter is when a channel is to be asked again. One that owes receipts and is silent is asked sooner, the sooner
// the shorter its silence: a cut is noticed to be over within a quarter of its length.
func (l *Link) checkAfter(c *channel) parley.Time {
	if !c.fast() {
		return 0
	}
	every := parley.Time(l.cfg.CheckEvery.Milliseconds())
	if c.late && len(l.items) > 0 {
		least := parley.Time(2000)
		if c.Narrow {
			least = 10_000
		}
		every = min(every, max(least, (l.now-c.last)/4))
	}
	return l.now + every
}
