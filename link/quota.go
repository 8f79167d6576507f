package link

import "parley"

// longestWait bounds what a report's wait does, in milliseconds: a report may be overtaken on its way by one that says
// there is room again.
const longestWait = 60_000

// waiting takes how long the peer wants to be sent nothing but Flash. What is under way will not be receipted, and that
// is not the channels' fault: it is taken out of the air.
func (l *Link) waiting(seconds uint64) {
	before := l.now < l.waitUntil
	l.waitUntil = 0
	if seconds > 0 {
		l.waitUntil = l.now + min(parley.Time(seconds)*1000, longestWait)
	}
	if before == (seconds > 0) {
		return
	}
	for _, c := range l.channels {
		c.timing = 0
	}
	for p := parley.Immediate; p <= parley.Routine; p++ {
		w := &l.windows[p]
		w.stale = true
		for _, it := range w.items {
			if !it.gone && seconds > 0 {
				l.land(it)
			}
		}
	}
}

// heldBack answers an entry that was not stored with a report, not more often than copies are answered.
func (l *Link) heldBack(c *channel) {
	if c == nil || !c.up {
		c = l.best()
	}
	if c != nil {
		c.answer.by(max(l.now, c.answer.sentAt+parley.Time(l.cfg.AnswerEvery.Milliseconds())))
	}
}
