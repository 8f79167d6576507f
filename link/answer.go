package link

import (
	"slices"
	"time"

	"parley"
)

// maxSingles bounds the single receipts of one frame, and maxOwed those that wait for one channel: what falls off is
// asked for again by the next copy.
const (
	maxSingles = 64
	maxOwed    = 512
)

// flashAnswer is how long the receipt of a Flash waits at most, in milliseconds: for a cosignature made together with it.
const flashAnswer = 2

// answer is what a channel owes the peer for entries that came by it.
type answer struct {
	due     parley.Time // due is when it leaves; 0 while nothing is owed.
	sentAt  parley.Time
	urgent  bool // urgent: a Flash is among them.
	cosign  bool // cosign: the cosignature goes with it.
	cosigAt parley.Time
	owes    uint64 // owes: the cosignature to this size is still to be sent here.
	singles []owed // singles, ascending by number.
}

// owed is one single receipt.
type owed struct {
	number uint64
	flash  bool
}

func (a *answer) by(t parley.Time) { a.due = earlier(a.due, t) }

func (a *answer) add(o owed) {
	i, found := slices.BinarySearchFunc(a.singles, o.number, func(s owed, n uint64) int {
		switch {
		case s.number < n:
			return -1
		case s.number > n:
			return 1
		}
		return 0
	})
	if !found && len(a.singles) < maxOwed {
		a.singles = slices.Insert(a.singles, i, o)
	}
}

// stored answers an entry where its copies came; a Flash on every fast channel, and what was carried also on the best
// fast one, since its receipt would else take as long as it did.
func (l *Link) stored(c *channel, e Stored) {
	l.peer = max(l.peer, e.Size)
	flash := e.Precedence == parley.Flash
	for _, to := range l.answerOn(c, flash) {
		a := &to.answer
		if e.Single || flash || e.Number > e.Size {
			a.add(owed{e.Number, flash})
		}
		a.urgent = a.urgent || flash
		a.owes = max(a.owes, e.Number)
		a.cosign = a.cosign || e.Number <= l.cosigned
		due := l.answerBy(to)
		if flash {
			due = min(due, l.now+flashAnswer)
		}
		if !e.Fresh {
			due = max(l.now, a.sentAt+parley.Time(l.cfg.AnswerEvery.Milliseconds()))
		}
		a.by(due)
	}
}

func (l *Link) answerOn(c *channel, flash bool) []*channel {
	fast := l.ranked()
	var to []*channel
	switch {
	case flash:
		to = fast
	case c == nil || !c.up || !c.fast():
		to = fast[:min(1, len(fast))]
	}
	if c != nil && c.up && !slices.Contains(to, c) {
		to = append(to, c)
	}
	return to
}

// cosignedTo answers with the cosignature at once when it covers all that is held in one piece, and else with the next
// answer, since another is to be expected.
func (l *Link) cosignedTo(size uint64) {
	if size <= l.cosigned {
		return
	}
	l.cosigned = size
	due := func(c *channel) parley.Time {
		if size < l.peer {
			return l.answerBy(c)
		}
		return l.now
	}
	owing := false
	for _, c := range l.channels {
		if a := &c.answer; a.owes != 0 {
			a.cosign = true
			a.by(due(c))
			owing = true
		}
	}
	if fast := l.ranked(); !owing && len(fast) > 0 {
		fast[0].answer.cosign = true
		fast[0].answer.by(due(fast[0]))
	}
}

// wideAnswer is how long an answer waits at most on a wide channel: a frame more costs it nothing, and who waits for
// answers to send more, or measures by them, should not wait for a frame that was spared.
const wideAnswer = 5 * time.Millisecond

// answerBy is when an answer is due on a channel at last.
func (l *Link) answerBy(c *channel) parley.Time {
	if c.fast() && !c.Narrow {
		return l.after(min(l.cfg.AnswerDelay, wideAnswer))
	}
	return l.after(l.cfg.AnswerDelay)
}

// answerReport sends what the peer's report lacks of ours, unless it may be on its way.
func (l *Link) answerReport(c *channel) {
	if l.peerCosigned >= l.cosigned && (l.peerRefused >= l.refused || c.fast() && l.now < l.refusedUntil) || !c.up {
		return
	}
	wait := l.timeout(c, 1)
	if !c.fast() {
		wait = parley.Time(l.cfg.PouchRepeat.Milliseconds())
	}
	a := &c.answer
	if a.cosigAt != 0 && l.now < a.cosigAt+wait {
		return
	}
	a.cosign = a.cosign || l.peerCosigned < l.cosigned
	a.by(max(l.now, a.sentAt+parley.Time(l.cfg.AnswerEvery.Milliseconds())))
}

// redirect moves what a channel that went down owes to the best that is up. Without one it is dropped: a channel that
// comes up tells our state first.
func (l *Link) redirect(c *channel) {
	from := c.answer
	c.answer = answer{sentAt: from.sentAt, cosigAt: from.cosigAt}
	fast := l.ranked()
	if len(fast) == 0 || from.due == 0 && from.owes == 0 {
		return
	}
	to := &fast[0].answer
	for _, o := range from.singles {
		to.add(o)
	}
	to.urgent = to.urgent || from.urgent
	to.cosign = to.cosign || from.cosign
	to.owes = max(to.owes, from.owes)
	if from.due != 0 {
		to.by(from.due)
	}
}

// fill puts an answer into a frame.
func (l *Link) fill(c *channel, s *Send) {
	a := &c.answer
	s.Report = true
	s.Cosigned = a.cosign && l.cosigned > 0
	s.Refusals = l.refuses(c)
	n := 0
	for n < len(a.singles) && len(s.Singles) < maxSingles {
		if o := a.singles[n]; o.flash || o.number > l.cosigned {
			s.Singles = append(s.Singles, o.number)
		}
		n++
	}
	if a.urgent {
		s.Urgency = 0
	}
	a.singles = a.singles[n:]
	a.sentAt, a.due, a.cosign = l.now, 0, false
	if s.Cosigned || s.Refusals {
		a.cosigAt = l.now
	}
	if s.Cosigned && l.cosigned >= a.owes {
		a.owes = 0
	}
	if len(a.singles) > 0 {
		a.due = l.answerBy(c)
		return
	}
	a.singles, a.urgent = nil, false
}
