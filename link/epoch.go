package link

import (
	"slices"
	"time"

	"parley"
)

// epochs are ours: one direction, opened by us (spec/ENVELOPE.md §2).
//
// The peer surely holds an epoch once it has a thing that went under no other: it receipted or reported an entry whose
// first copy went under it, or it answered the newest line check of a channel, asked under it. Until then every frame
// carries the opening. An epoch that was replaced closes when the cosignature covers the last entry sent under it.
type epochs struct {
	current *epoch
	old     []*epoch
	asked   bool // asked: a NewEpoch is unanswered.
	askedAt parley.Time
	rotate  bool // rotate: the station asks for another one.
	refused bool // refused: the peer cannot open the current one; nothing more goes under it.

	reopenAt parley.Time // reopenAt is not before when a refused epoch is replaced.
	backoff  parley.Time
	closed   []closing
	carried  time.Duration // carried is Start.Carried.
}

type epoch struct {
	id      parley.EpochID
	opened  parley.Time
	retired parley.Time
	last    uint64      // last is the highest of our entries sent under it.
	carried parley.Time // carried is until when a carrier may be on its way with a line check under it.
	entries int
	proved  bool
}

// closing is an epoch whose close is still to be told, in as many frames as left says: it has no receipt, and the peer
// that misses it waits for the pouch window instead.
type closing struct {
	id   parley.EpochID
	left int
}

const (
	maxOpen      = 64 // maxOpen bounds the epochs that wait for their close; then the current one goes on.
	maxClosing   = 16
	closeRepeats = 4

	firstBackoff = 1000    // milliseconds
	lastBackoff  = 600_000 // milliseconds
)

func (e *epochs) usable() bool { return e.current != nil && !e.refused }

func (e *epochs) id() parley.EpochID {
	if e.current == nil {
		return parley.EpochID{}
	}
	return e.current.id
}

// stamp puts into a frame what it is sealed under, and closes that are to be told.
func (l *Link) stamp(c *channel, s *Send) {
	e := &l.epochs
	s.Epoch = e.current.id
	// A peer that cannot open our frames could not read that we cannot open its own: hence the opening.
	s.Opening = !e.current.proved || len(s.Unknown) > 0
	for _, n := range s.Entries {
		e.current.last = max(e.current.last, n)
	}
	e.current.entries += len(s.Entries)
	if s.Check != NoCheck && !c.fast() {
		e.current.carried = l.after(l.cfg.CarriedTrip)
	}
	if c.Narrow {
		return
	}
	for i := range e.closed {
		s.Closed = append(s.Closed, e.closed[i].id)
		e.closed[i].left--
	}
	e.closed = slices.DeleteFunc(e.closed, func(c closing) bool { return c.left == 0 })
}

// turnEpochs asks for a new epoch when there is none that serves, and closes what is receipted.
func (l *Link) turnEpochs() {
	e := &l.epochs
	if e.asked && l.now >= e.askedAt+askAgain || !e.asked && l.wantsEpoch() {
		e.asked, e.askedAt = true, l.now
		l.out = append(l.out, NewEpoch{})
	}
	e.old = slices.DeleteFunc(e.old, func(o *epoch) bool {
		if l.proved < o.last || l.now < l.closes(o) {
			return false
		}
		l.out = append(l.out, CloseEpoch{o.id})
		if len(e.closed) < maxClosing {
			e.closed = append(e.closed, closing{o.id, closeRepeats})
		}
		return true
	})
}

// closes is when an epoch that was replaced may close, if all is receipted.
func (l *Link) closes(o *epoch) parley.Time {
	return max(o.retired+parley.Time(l.cfg.EpochLinger.Milliseconds()), o.carried)
}

func (l *Link) wantsEpoch() bool {
	e := &l.epochs
	switch {
	case e.current == nil:
		return true
	case e.refused:
		return l.now >= e.reopenAt
	case len(e.old) >= maxOpen || l.best() == nil:
		return false
	}
	return e.rotate || e.current.entries >= l.cfg.EpochEntries ||
		l.now >= e.current.opened+parley.Time(l.cfg.EpochAge.Milliseconds())
}

func (l *Link) epochReady(id parley.EpochID) {
	e := &l.epochs
	e.asked = false
	if e.current != nil {
		e.current.retired = l.now
		e.old = append(e.old, e.current)
	}
	e.current, e.refused, e.rotate = &epoch{id: id, opened: l.now}, false, false
	l.touch()
}

func (l *Link) epochProved(id parley.EpochID) {
	if e := &l.epochs; e.current != nil && e.current.id == id {
		e.current.proved = true
		e.backoff = 0
	}
}

// epochSeen takes an item that the peer has for the proof of its first epoch. What an earlier run may have sent proves
// nothing.
func (l *Link) epochSeen(it *item) {
	if it.Number > l.start && it.first != (parley.EpochID{}) {
		l.epochProved(it.first)
	}
}

func (l *Link) sentUnder(it *item) {
	it.under = l.epochs.id()
	if it.first == (parley.EpochID{}) {
		it.first = it.under
	}
}

// unknown sends again, under another epoch, what the peer could not open: entries, and our state in place of the
// receipts that were with them.
func (l *Link) unknown(c *channel, ids []parley.EpochID) {
	e := &l.epochs
	if e.current != nil && slices.Contains(ids, e.current.id) && !e.refused {
		e.refused = true
		e.reopenAt = l.now + e.backoff
		e.backoff = min(max(2*e.backoff, firstBackoff), lastBackoff)
	}
	for p := range l.windows {
		for _, it := range l.windows[p].items {
			if slices.Contains(ids, it.under) {
				l.land(it)
				clear(it.copies)
				it.held = false
				l.windows[p].stale = true
			}
		}
	}
	if c == nil || !c.up {
		c = l.best()
	}
	if c != nil {
		l.tell(c)
	}
}
