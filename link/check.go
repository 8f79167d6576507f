package link

import "parley"

// The two sides ask line checks in turn (spec/RECEIPT.md §5). What is kept for that is whose turn it is; it takes no
// numbers and no common clock, and after losses and restarts the two agree again by the next question.

// askWhenLate is how far apart line checks are at least that lateness causes, in milliseconds. With an opening one takes
// six seconds of a modem of 2400 baud: what is heard there after such a silence must not have the next one sent.
func (c *channel) askWhenLate() parley.Time {
	if c.Narrow {
		return 30_000
	}
	return 1000
}

// Pace returns how far apart the line checks of a channel are, and within what grace an answer is due, and the question
// of the side whose turn it is.
func (cfg Config) Pace(c Channel) (every, grace parley.Time) {
	cfg = cfg.withDefaults()
	every = parley.Time(cfg.CheckEvery.Milliseconds())
	switch {
	case c.Class == Carried:
		every = max(every, parley.Time(cfg.CarriedCheck.Milliseconds()))
		return every, every
	case c.Narrow:
		return every, max(every/4, 30_000)
	}
	return every, max(every/4, 2000)
}

func (l *Link) checkNow() {
	for _, c := range l.channels {
		if c.up {
			c.nextCheck = l.now
		}
	}
}

// ask says that a line check leaves now: it is the peer's turn then. One before it that was not answered is taken for
// lost.
func (l *Link) ask(c *channel) {
	c.doubted = c.askedAt != 0
	if c.doubted && c.fast() {
		c.probe(true)
	}
	c.ours = false
	c.nextCheck = l.checkAfter(c)
	c.checkedAt, c.askedAt, c.askedUnder = l.now, l.now, l.epochs.id()
}

// checkAfter is when a channel is to be asked again if the question that leaves now is not answered: once soon, then at
// its pace. One that owes an answer, or was not proved since it came up, is asked sooner, the sooner the shorter that is
// ago: a cut is noticed to be over within a quarter of its length.
func (l *Link) checkAfter(c *channel) parley.Time {
	wait, grace := l.cfg.Pace(c.Channel)
	if !c.doubted {
		wait = grace
	}
	if c.fast() && (c.late && len(l.items) > 0 || !c.proved) {
		least := parley.Time(2000)
		if c.Narrow {
			least = 30_000
		}
		wait = min(wait, max(least, (l.now-c.owesFrom)/4))
	}
	return l.now + wait
}

func (l *Link) checked(c *channel, kind CheckKind) {
	switch {
	case c == nil:
	case kind == CheckAsk:
		l.askedBack(c)
	case kind == CheckAnswer && c.askedAt != 0:
		if !c.doubted {
			l.epochProved(c.askedUnder)
			if c.fast() {
				c.trip(l.now - c.askedAt)
			}
		}
		c.askedAt = 0
		c.rounds++
		if every, grace := l.cfg.Pace(c.Channel); !c.ours {
			l.wait(c, c.checkedAt+every+grace)
		}
		l.answered(c)
	}
}

// settling is how many questions are asked apart from the turns after a channel came up: the first answer took an opening
// with it, and the next tells how long answers take.
const settling = 2

// wait puts the next question off until it is due in turn.
func (l *Link) wait(c *channel, due parley.Time) {
	if c.rounds >= settling || !c.fast() {
		c.nextCheck = due
	}
}

// askedBack is told of the peer's question: the next is ours, unless the two have crossed and the peer's name sorts
// first.
func (l *Link) askedBack(c *channel) {
	c.askBack = true
	every, grace := l.cfg.Pace(c.Channel)
	crossed := c.askedAt != 0 && l.now < c.askedAt+grace
	if c.ours = !crossed || l.cfg.First; c.ours {
		l.wait(c, l.now+every)
	}
}
