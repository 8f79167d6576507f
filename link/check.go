package link

import "parley"

// askWhenLate is how far apart line checks are at least that lateness causes, in milliseconds.
const askWhenLate = 1000

func (l *Link) checkNow() {
	for _, c := range l.channels {
		if c.up {
			c.nextCheck = l.now
		}
	}
}

// ask says that a line check leaves now. One before it that was not answered is taken for lost.
func (l *Link) ask(c *channel) {
	c.nextCheck = l.checkAfter(c)
	c.doubted = c.askedAt != 0
	if c.doubted && c.fast() {
		c.probe(true)
	}
	c.checkedAt, c.askedAt, c.askedUnder = l.now, l.now, l.epochs.id()
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
				c.trip(l.now - c.askedAt)
			}
		}
		c.askedAt = 0
		l.answered(c)
	}
}

// checkAfter is when a channel is to be asked again. One that owes an answer, or was not proved since it came up, is
// asked sooner, the sooner the shorter that is ago: a cut is noticed to be over within a quarter of its length.
func (l *Link) checkAfter(c *channel) parley.Time {
	if !c.fast() {
		return 0
	}
	least := parley.Time(2000)
	if c.Narrow {
		least = 10_000
	}
	every := parley.Time(l.cfg.CheckEvery.Milliseconds())
	if c.late && len(l.items) > 0 || !c.proved {
		every = min(every, max(least, (l.now-c.owesFrom)/4))
	}
	return l.now + every
}
