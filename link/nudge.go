package link

import "parley"

// nudge asks for the proof of what the peer says it holds: our report tells it which of its cosignatures has come, our
// checkpoint lets it cosign, and neither repeats an entry.
type nudge struct {
	due   parley.Time
	tries int
}

// arm has a nudge follow, unless one is to follow already.
func (n *nudge) arm(l *Link) {
	if n.due != 0 {
		return
	}
	wait := parley.Time(l.cfg.FirstTimeout.Milliseconds())
	if fast := l.ranked(); len(fast) > 0 {
		wait = l.timeout(fast[0], 1)
	}
	n.due = l.now + 2*wait
}

// nudged tells our state to the peer when what it says it holds stays unproved: by the fast channels in turn, and by
// pouch when there are none.
func (l *Link) nudged() {
	n := &l.nudge
	if l.held <= l.proved {
		*n = nudge{}
		return
	}
	n.arm(l)
	if l.now < n.due {
		return
	}
	fast := l.ranked()
	if len(fast) == 0 {
		n.due = l.after(l.cfg.PouchRepeat)
		for _, c := range l.channels {
			if c.up {
				l.tell(c)
			}
		}
		return
	}
	c := fast[n.tries%len(fast)]
	n.tries++
	n.due = l.now + l.timeout(c, 1+n.tries)
	if c.Narrow && !l.drained(c) {
		return // Its queue is not drained: the checkpoint is still to follow.
	}
	l.tell(c)
}
