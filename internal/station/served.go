package station

import (
	"encoding/binary"
	"errors"

	"parley"
	"parley/internal/journal"
)

// served is how long a line has been served, as far as its station saw the time
// pass. It runs as the clock does, stands still where the clock is set back, and
// takes no more than leap for what lies between two looks, however far the clock
// was set forward or the station stood still. What is kept for a time is kept
// for that much of it, so that a wrong clock destroys nothing that the other
// side may still use, and keeps nothing for ever.
type served struct {
	total parley.Time // until last
	last  parley.Time // by the clock
	leap  parley.Time
}

// pass takes the time that passed by the clock.
func (s *served) pass(now parley.Time) {
	if now > s.last {
		s.total += min(now-s.last, s.leap)
	}
	s.last = now
}

// loadServed goes on where the journal says that the line was, but not before
// the newest thing that was kept: the journal may be older than the secrets.
func (l *Line) loadServed(newest parley.Time) error {
	terms := l.roster.Terms
	l.served = served{
		last: parley.TimeOf(l.cfg.Now()),
		leap: parley.Time(max(terms.PouchWindow/30, terms.CheckEvery).Milliseconds()),
	}
	b, err := l.journal.Meta(l.metaKey("served"))
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	if len(b) == 16 {
		l.served.total = parley.Time(binary.BigEndian.Uint64(b))
		l.served.last = parley.Time(binary.BigEndian.Uint64(b[8:]))
	}
	l.served.total = max(l.served.total, newest)
	return nil
}

// keepServed makes durable how long the line has been served.
func (t *turn) keepServed() {
	key := t.l.metaKey("served")
	value := binary.BigEndian.AppendUint64(nil, uint64(t.l.served.total))
	value = binary.BigEndian.AppendUint64(value, uint64(t.l.served.last))
	t.write(func(tx *journal.Tx) error { return tx.SetMeta(key, value) })
}
