package link

import (
	"slices"

	"parley"
)

// control lets leave what is no entry: one frame for each channel, with all that is due there.
func (l *Link) control() {
	if !l.epochs.usable() {
		return
	}
	l.nudged()
	for _, c := range l.channels {
		if c.up {
			l.controlOn(c)
		}
	}
}

func (l *Link) controlOn(c *channel) {
	due := func(t parley.Time) bool { return t != 0 && l.now >= t }
	s := Send{Urgency: 1}
	send := false
	if due(c.answer.due) {
		l.fill(c, &s)
		send = true
	}
	if due(c.stateDue) {
		l.state(c, &s)
		send = true
	}
	switch {
	case c.askBack && l.now >= c.answeredAt+parley.Time(l.cfg.AnswerEvery.Milliseconds()):
		c.askBack, c.answeredAt = false, l.now
		s.Check, s.Report = CheckAnswer, true
		send = true
	case due(c.nextCheck):
		l.ask(c)
		s.Check, s.Report = CheckAsk, true
		send = true
	}
	if len(c.unopened) > 0 && l.now >= c.unopenedAt+unopenedEvery {
		s.Unknown, c.unopened, c.unopenedAt = c.unopened, nil, l.now
		send = true
	}
	if send {
		l.emit(c, s)
	}
}

// state tells the peer all that it may lack without knowing: what we hold, what we cosigned, what we have.
func (l *Link) state(c *channel, s *Send) {
	c.stateDue, c.stateAt = 0, l.now
	for _, n := range l.ahead {
		if n > l.cosigned {
			c.answer.add(owed{number: n})
		}
	}
	l.ahead = nil
	c.answer.cosign = c.answer.cosign || l.cosigned > l.peerCosigned
	urgency, cosigned, singles := s.Urgency, s.Cosigned, s.Singles
	l.fill(c, s)
	s.Urgency = min(urgency, s.Urgency)
	s.Cosigned = s.Cosigned || cosigned
	s.Singles = append(singles, s.Singles...)
	slices.Sort(s.Singles)
	s.Checkpoint = l.own > l.proved
}

// tell has our state told by a channel, soon, and not more often than answers are.
func (l *Link) tell(c *channel) {
	c.stateDue = earlier(c.stateDue, max(l.now, c.stateAt+parley.Time(l.cfg.AnswerEvery.Milliseconds())))
}

// unopenedEvery is how often a channel says what cannot be opened, in milliseconds, and maxUnopened how many epochs it
// then names: strangers can cause it.
const (
	unopenedEvery = 1000
	maxUnopened   = 16
)

func (l *Link) unopened(c *channel, id parley.EpochID) {
	if c == nil || !c.up {
		if c = l.best(); c == nil {
			return
		}
	}
	if len(c.unopened) < maxUnopened && !slices.Contains(c.unopened, id) {
		c.unopened = append(c.unopened, id)
	}
}

// best returns the best fast channel that is up, else a carried one, else nil.
func (l *Link) best() *channel {
	if fast := l.ranked(); len(fast) > 0 {
		return fast[0]
	}
	for _, c := range l.channels {
		if c.up {
			return c
		}
	}
	return nil
}
