package station

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley"
	"parley/internal/journal"
	"parley/link"
)

// A line check that a carrier is on its way with proves its channel also when
// this station was started anew meanwhile: what a carried channel was asked is
// kept in the journal, with its last proof. The checks of fast channels are not:
// they are asked anew when the channel comes up.

// keptChecks is under which key that of a channel is kept.
func (l *Line) keptChecks(channel string) string { return l.metaKey("checks/" + channel) }

// loadChecks goes on with what carriers are on their way with.
func (l *Line) loadChecks(channels []link.Channel) error {
	for _, c := range channels {
		if c.Class != link.Carried {
			continue
		}
		b, err := l.journal.Meta(l.keptChecks(c.Name))
		if errors.Is(err, journal.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := l.checks[c.Name].unmarshal(b); err != nil {
			return fmt.Errorf("line checks of channel %s: %w", c.Name, err)
		}
	}
	return nil
}

// onTheirWay is how much longer a carrier may take that left under an epoch which
// was opened before.
func (l *Line) onTheirWay(now parley.Time) (carried time.Duration) {
	trip := parley.Time(link.CarriedTrip.Milliseconds())
	for _, c := range l.asLink.Channels {
		if p := l.checks[c.Name]; c.Class == link.Carried && p.left != 0 && now < p.left+trip {
			carried = max(carried, time.Duration(min(p.left+trip-now, trip))*time.Millisecond)
		}
	}
	return carried
}

// leaves takes note of a check or an answer that leaves by a carrier, and makes
// durable what the channel was asked. On a full disk a check is not asked until
// the next is due; the rest of its frame goes.
func (l *Line) leaves(channel string, p *proving, now parley.Time) error {
	p.left = now
	return l.journal.Commit(context.Background(), func(tx *journal.Tx) error {
		return tx.SetMeta(l.keptChecks(channel), p.marshal())
	})
}

// clone is a copy to decide on.
func (p *proving) clone() *proving {
	c := *p
	c.asked = slices.Clone(p.asked)
	return &c
}

// marshal returns what is kept: when anything left last, the last proof, since
// when there is no answer, and the checks that may still be answered.
func (p *proving) marshal() []byte {
	var b []byte
	for _, t := range []parley.Time{p.left, p.last.At, p.last.RoundTrip, p.since} {
		b = binary.BigEndian.AppendUint64(b, uint64(t))
	}
	for _, a := range p.asked {
		b = append(b, a.nonce[:]...)
		b = binary.BigEndian.AppendUint64(b, uint64(a.at))
	}
	return b
}

// errKept is what is kept of line checks and cannot be.
var errKept = errors.New("the journal has something else in their place: put back a journal that is whole")

func (p *proving) unmarshal(b []byte) error {
	if len(b) < 32 || len(b)%16 != 0 || len(b) > 32+16*checksOpen {
		return errKept
	}
	next := func() parley.Time {
		t := parley.Time(binary.BigEndian.Uint64(b))
		b = b[8:]
		return t
	}
	p.left, p.last.At, p.last.RoundTrip, p.since = next(), next(), next(), next()
	for len(b) > 0 {
		a := asked{nonce: [8]byte(b[:8])}
		b = b[8:]
		a.at = next()
		p.asked = append(p.asked, a)
	}
	return nil
}

// keepAnswered makes durable, with the turn, that a check of a carried channel
// was answered: who repeats the answer after a restart proves nothing.
func (t *turn) keepAnswered(channel string, nonce [8]byte) {
	p, ok := t.answered[channel]
	if !ok {
		p = t.l.checks[channel].clone()
		if t.answered == nil {
			t.answered = map[string]*proving{}
		}
		t.answered[channel] = p
		t.write(func(tx *journal.Tx) error { return tx.SetMeta(t.l.keptChecks(channel), p.marshal()) })
	}
	if i := slices.IndexFunc(p.asked, func(a asked) bool { return a.nonce == nonce }); i >= 0 {
		p.answers(i, t.now)
	}
}
