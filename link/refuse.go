package link

import "parley"

// Refusals leave in their order, and further ones when a report counts those before: the peer says how many it holds, not
// which (spec/RECEIPT.md §6). So what is on its way is not sent again before it is late, and a run of them takes no more
// frames than one of entries that are believed, but for one frame at most in each disputeReport.

// disputeReport is how long a report that counts refusals waits at most for another reason to leave, in milliseconds.
func (c *channel) disputeReport() parley.Time {
	if c.Narrow {
		return 10_000
	}
	return 1000
}

// refusedTo sends a refusal with the answer to the entry.
func (l *Link) refusedTo(count uint64) {
	if count <= l.refused {
		return
	}
	l.refused = count
	if l.now < l.refusedUntil {
		return // the report that counts those before has it sent
	}
	for _, c := range l.answerOn(nil, false) {
		c.answer.by(l.answerBy(c))
	}
	if len(l.ranked()) == 0 {
		for _, c := range l.channels {
			if c.up {
				c.answer.by(l.answerBy(c))
			}
		}
	}
}

// refuses reports whether refusals go with a frame that leaves by c now.
func (l *Link) refuses(c *channel) bool {
	if l.refused <= l.peerRefused || c.fast() && l.now < l.refusedUntil {
		return false
	}
	if c.fast() {
		l.refusedUntil = l.now + l.timeout(c, 1) + c.disputeReport()
	}
	return true
}

// refusalsCounted takes how many of our refusals the peer says it holds.
func (l *Link) refusalsCounted(c *channel, count uint64) {
	if count <= l.peerRefused {
		return
	}
	l.peerRefused, l.refusedUntil = count, 0
	if c != nil && c.up && c.fast() && l.refused > count {
		c.answer.by(l.answerBy(c))
	}
}

// disputed has the peer told how many of its refusals are held, so that it can go on. What was carried is counted by the
// report of the next question.
func (l *Link) disputed(c *channel) {
	if c == nil || !c.up || !c.fast() {
		if c = l.best(); c == nil || !c.fast() {
			return
		}
	}
	c.answer.by(l.now + c.disputeReport())
}
