package link

import "parley"

// wake asks for the next time at which something is due, once.
func (l *Link) wake() {
	if l.now >= l.wakeAt {
		l.wakeAt = 0
	}
	next := l.nextDue()
	if next == 0 {
		return
	}
	next = max(next, l.now+1)
	if next == l.wakeAt {
		return
	}
	l.wakeAt = next
	l.out = append(l.out, WakeAt{l.given + next - l.now})
}

// nextDue returns when the next thing is due, or 0. What waits for an event is due never.
func (l *Link) nextDue() parley.Time {
	var next parley.Time
	for _, o := range l.epochs.old {
		if l.proved >= o.last {
			next = earlier(next, l.closes(o))
		}
	}
	if l.epochs.refused && !l.epochs.asked {
		next = earlier(next, l.epochs.reopenAt)
	}
	if l.epochs.asked {
		next = earlier(next, l.epochs.askedAt+askAgain)
	}
	for p := range l.windows {
		if w := &l.windows[p]; w.loading {
			next = earlier(next, w.loadAt+askAgain)
		}
	}
	if !l.epochs.usable() {
		return next
	}
	if l.best() == nil {
		return next
	}
	for p := range l.windows {
		next = earlier(next, l.windows[p].due)
	}
	next = earlier(next, l.nudge.due)
	for _, c := range l.channels {
		if !c.up {
			continue
		}
		next = earlier(next, c.answer.due)
		if c.timing != 0 {
			next = earlier(next, c.timingDue)
		}
		next = earlier(next, c.stateDue)
		next = earlier(next, c.nextCheck)
		if c.askBack {
			next = earlier(next, c.answeredAt+parley.Time(l.cfg.AnswerEvery.Milliseconds()))
		}
		if len(c.unopened) > 0 {
			next = earlier(next, c.unopenedAt+unopenedEvery)
		}
	}
	return next
}
