package station

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/receipt"
	"parley/roster"
	"parley/wire"
)

// Another log key of ours (spec/GENERATION.md §8). A change puts it on record. When
// the other side has cosigned that, we ask it to close our log, as a restored station
// does, but by the new key and with nothing lost: until the closing comes, our log
// goes on as it was.

// A rekeying is what we have asked for.
type rekeying struct {
	renewal []byte            // signed; nil: nothing
	id      parley.LogID      // the generation that it asks for
	key     ed25519.PublicKey // by which it is

	tries int         // how often a line check was begun for it
	again parley.Time // when the next may be
}

// The answer to a line check may leave before the closing is made. So some are begun
// soon after one another; then the closing comes with those of the schedule.
const (
	askAgain = parley.Time(50) // milliseconds, doubled each time
	asksMost = 8
)

// askClosing begins a line check, which brings the renewal and has the closing come back.
func (l *Line) askClosing(now parley.Time) {
	r := &l.gens.rekeying
	if r.tries >= asksMost || r.tries > 0 && now < r.again {
		return
	}
	r.again = now + askAgain<<r.tries
	r.tries++
	l.step(now, link.CheckNow{})
	l.wake.Reset(l.rest(now))
}

// asksFor reports whether a name is the one that we have asked for.
func (r rekeying) asksFor(log parley.LogID) bool { return r.renewal != nil && r.id == log }

// logKeys are the log keys of ours that may have to sign: that of the newest
// generation, and those by which the next may be.
func (s *state) logKeys(party parley.Party) []ed25519.PublicKey {
	all := s.history.Generations(party)
	newest := all[len(all)-1].Key
	next := s.nextLogKeys(party)
	if newest.Equal(next[len(next)-1]) {
		return next
	}
	return append(next, newest)
}

// nextLogKeys are the log keys by which our next generation may be, the newest first:
// the one that stands behind what the other side is proved to have cosigned, last, and
// before it those that came in its place since.
func (s *state) nextLogKeys(party parley.Party) (keys []ed25519.PublicKey) {
	for _, t := range s.history.Terms(party, roster.RoleLog) {
		keys = append(keys, t.Key)
		if t.From <= s.own.cosignedSize+1 {
			break
		}
	}
	return keys
}

// issueRenewals signs a renewal for a restored station by each key of nextLogKeys: how
// much the other side has cosigned was lost with the station, and only one of them is
// taken there (spec/GENERATION.md §8).
func (l *Line) issueRenewals(r wire.Renewal) (all [][]byte, err error) {
	for _, key := range l.st.nextLogKeys(l.cfg.Party) {
		signer, err := l.private(roster.RoleLog, key)
		if err != nil {
			return nil, err
		}
		b, err := receipt.IssueRenewal(r, signer)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	slices.Reverse(all)
	return all, nil
}

// renewalKept opens the renewal of ours that is durable, by whichever log key of ours
// it is: a key that came since stands for a later one.
func (l *Line) renewalKept() (r wire.Renewal, err error) {
	for _, t := range l.st.history.Terms(l.cfg.Party, roster.RoleLog) {
		if r, err = receipt.OpenRenewalAt(l.gens.renewal, l.st.history, l.cfg.Party, t.From-1); err == nil {
			break
		}
	}
	return r, err
}

// loadRekeying reads what was asked for before a restart, unless another key was put
// on record since.
func (l *Line) loadRekeying() error {
	b, err := l.journal.Meta(l.metaKey("rekeying"))
	if errors.Is(err, journal.ErrNotFound) || err == nil && len(b) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	key := l.st.history.LogKey(l.cfg.Party, l.st.own.cosignedSize)
	r, err := receipt.OpenRenewalAt(b, l.st.history, l.cfg.Party, l.st.own.cosignedSize)
	if errors.Is(err, wire.ErrSignature) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the renewal in the journal: %w", err)
	}
	l.gens.rekeying = rekeying{renewal: b, id: r.Log, key: key}
	return nil
}

// rekey asks for a generation by the log key on record, when the other side has
// cosigned all that we wrote: what it does not hold at the close would need other
// numbers.
func (l *Line) rekey(now parley.Time) error {
	own, h, g := &l.st.own, l.st.history, &l.gens
	all := h.Generations(l.cfg.Party)
	key := h.LogKey(l.cfg.Party, own.cosignedSize)
	switch {
	case key.Equal(all[len(all)-1].Key), g.restoring():
		return nil
	case key.Equal(g.rekeying.key):
		l.askClosing(now)
		return nil
	case own.size != own.cosignedSize:
		return nil
	case l.off != nil, own.halted != "", len(all) == roster.MaxGenerations:
		return nil
	}
	signer, err := l.private(roster.RoleLog, key)
	if err != nil {
		return err
	}
	r := l.renewalNow()
	if _, err := rand.Read(r.Log[:]); err != nil {
		return err
	}
	b, err := receipt.IssueRenewal(r, signer)
	if err != nil {
		return err
	}
	err = l.journal.Commit(context.Background(), func(tx *journal.Tx) error { return tx.SetMeta(l.metaKey("rekeying"), b) })
	if errors.Is(err, journal.ErrFull) {
		return nil // it is asked for when there is room
	}
	if err == nil {
		err = l.crashes.now()
	}
	if err != nil {
		return err
	}
	g.rekeying = rekeying{renewal: b, id: r.Log, key: key}
	l.askClosing(now)
	return nil
}

// renewalNow is a renewal of our log that is later than those before it, without the
// name that it asks for.
func (l *Line) renewalNow() wire.Renewal {
	r := wire.Renewal{Line: l.id, Party: l.cfg.Party, Time: parley.TimeOf(l.cfg.Now())}
	for _, before := range l.st.history.Generations(l.cfg.Party) {
		r.Time = max(r.Time, before.Renewed+1)
	}
	return r
}

// adopt has the closing that came bring our log to its close, as after a restore: as a
// rule there is nothing to bring. What was asked for stays until that is done, to tell
// it from a restore.
func (r rekeying) adopt(tx *journal.Tx, l *Line, came bool) error {
	if !came {
		return nil
	}
	return tx.SetMeta(l.metaKey("renewal"), r.renewal)
}

// rekeyed reports whether a statement is the closing that we asked for, to go on by
// another key.
func (g *generations) rekeyed(said receipt.Generation) bool {
	return !g.restoring() && g.rekeying.renewal != nil && said.Renewal.Log == g.rekeying.id
}

// byAnotherKey returns what people are told of a log that goes on in a new generation
// by another log key, and false if the key stayed.
func byAnotherKey(h *roster.History, p parley.Party) (text string, ok bool) {
	all := h.Generations(p)
	last := all[len(all)-1]
	if len(all) < 2 || last.Key.Equal(all[len(all)-2].Key) {
		return "", false
	}
	return fmt.Sprintf("%s has another log key: its log goes on behind entry %d, in its generation %d, by key %s",
		p, last.From-1, len(all), roster.KeyID(roster.RoleLog, last.Key)), true
}

// tellRekeyed tells people of a log that goes on by another key: expected, since its
// officers brought it.
func (l *Line) tellRekeyed(now parley.Time, p parley.Party, end uint64, text string) {
	log := l.self.Log
	if p == l.peer.Party {
		log = l.peer.Log
	}
	l.cfg.Notify(Event{Kind: EventRoster, Line: l.id, Ref: parley.Ref{Log: log, Number: end}, At: now, Text: text})
}

// renewalBy opens a renewal of their log: by the key that stands where we would close
// it or, if it was answered before, by that of its generation.
func (l *Line) renewalBy(b []byte) (wire.Renewal, error) {
	h, peer := l.st.history, l.peer.Party
	r, err := receipt.OpenRenewalAt(b, h, peer, l.st.peer.cosignedSize)
	if err == nil {
		return r, nil
	}
	for _, g := range h.Generations(peer) {
		if old, err := receipt.OpenRenewalAt(b, h, peer, g.From-1); err == nil && old.Log == g.Log {
			return old, nil
		}
	}
	return r, err
}
