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
	late  bool        // late: a receipt was late, and no answer to a question of ours has come since.

	proved   bool        // proved: a line check or a timed entry was answered since it came up.
	owesFrom parley.Time // owesFrom is when it came up, or was late first since such an answer.

	measure
	pace

	flying [parley.Routine + 1]int         // flying is how many bytes are in flight.
	hold   [parley.Routine + 1]parley.Time // hold: the courier's queue was full; not before this.
	wait   [parley.Routine + 1]parley.Time // wait is how long hold was put off last.
	full   [parley.Routine + 1]bool        // full: something had to wait in the newest dispatch.

	nextCheck  parley.Time // nextCheck is when a line check is due; 0 for none.
	ours       bool        // ours: it is our turn to ask; see check.go.
	rounds     int         // rounds is how many line checks were answered since it came up.
	checkedAt  parley.Time // checkedAt is when the newest line check left.
	askedAt    parley.Time // askedAt is the same, until it is answered.
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
	if !c.measured() {
		return 200
	}
	return max(c.smooth, 20)
}

// timed takes the time of the timed entry when a report by its channel covers it.
func (l *Link) timed(c *channel, r wire.Report) {
	if c.timing != 0 && holds(r, c.timing) {
		l.paced(c, l.now-c.timingAt)
		c.entry(l.now)
		l.answered(c)
	}
}

// judge finds the timed entries that are late, those too that another channel has proved meanwhile.
func (l *Link) judge() {
	for _, c := range l.channels {
		if c.timing != 0 && l.now >= c.timingDue {
			c.overdueEntry()
			l.overdue(c)
		}
	}
}

// answered takes a channel for one that carries both ways: something of ours went by it alone, and the answer came.
func (l *Link) answered(c *channel) {
	c.proved = true
	if c.late {
		c.late = false
		l.touch()
	}
}

// overdue takes a channel for one that owes an answer, and asks it at once: what else comes by it proves one way only.
func (l *Link) overdue(c *channel) {
	if !c.late {
		c.late, c.owesFrom = true, l.now
		c.nextCheck = earlier(c.nextCheck, max(l.now, c.checkedAt+c.askWhenLate()))
	}
}

// up makes a channel new: what was under way on it is lost, and goes again at once.
func (l *Link) up(c *channel) {
	if c == nil {
		return
	}
	c.up, c.owesFrom = true, l.now
	if c.fast() {
		l.reset(c)
		l.fastLost = 0
		c.nextCheck = l.now
		c.stateDue = l.now
	} else {
		l.touch()
		if c.stateAt == 0 || l.now >= c.stateAt+parley.Time(l.cfg.PouchRepeat.Milliseconds()) {
			c.stateDue = l.now
		}
		if c.nextCheck == 0 {
			c.nextCheck = l.now
		}
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
		c.nextCheck = 0
	}
	c.stateDue, c.askBack, c.unopened = 0, false, nil
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
	c.late, c.proved, c.rounds, c.timing, c.askedAt = false, false, 0, 0, 0
	c.hold = [parley.Routine + 1]parley.Time{}
	l.touch()
}

// heard takes a channel for alive, one way. After a silence its repeats are far apart, and now go at once; whether it
// carries the other way too, a line check asks.
func (l *Link) heard(c *channel) {
	if c == nil {
		return
	}
	silent := l.now - c.last
	c.last = l.now
	if !c.late || !c.fast() || silent < max(2*l.timeout(c, 1), 2000) {
		return
	}
	c.nextCheck = earlier(c.nextCheck, max(l.now, c.checkedAt+c.askWhenLate()))
	l.touch()
	for p := range l.windows {
		for _, it := range l.windows[p].items {
			if cp := &it.copies[c.index]; cp.at != 0 && l.now >= cp.at+c.roundTrip() {
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
