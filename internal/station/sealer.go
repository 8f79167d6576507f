package station

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/receipt"
	"parley/seal"
	"parley/wire"
)

// sealer holds what a line seals with: the epoch of our direction, and the
// prekeys of the other side that later epochs will be opened to.
//
// Its secret stays in memory: a station that starts opens a new epoch, so
// there is nothing to steal from its disk and nothing to reuse from a copy.
type sealer struct {
	epochs  map[parley.EpochID]*ownEpoch // of this run, not closed
	earlier []parley.EpochID             // of earlier runs, not closed: their secrets are gone
	closed  []closedEpoch                // those that were closed last; newest last, at most epochsHeld
	prekeys wire.Prekeys                 // theirs, not used by us yet
}

// ownEpoch is an epoch that we opened.
type ownEpoch struct {
	*seal.Epoch
	opening []byte
}

// closedEpoch is an epoch of ours that is closed, and our signed word on it.
type closedEpoch struct {
	id   parley.EpochID
	word []byte
}

// load reads the other side's prekeys: the newest batch that came over the
// line, or those of its card.
func (s *sealer) load(l *Line, card wire.Prekeys) error {
	s.epochs = map[parley.EpochID]*ownEpoch{}
	s.prekeys = card
	earlier, err := l.journal.Meta(l.metaKey("open"))
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	for ; len(earlier) >= 8; earlier = earlier[8:] {
		s.earlier = append(s.earlier, parley.EpochID(earlier[:8]))
	}
	b, err := l.journal.Meta(l.metaKey("prekeys"))
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.prekeys, err = wire.ParsePrekeys(b); err != nil {
		return fmt.Errorf("the prekeys of %s in the journal: %w", l.peer.Party, err)
	}
	return nil
}

func (l *Line) metaKey(name string) string { return name + "/" + l.id.String() }

// begin makes a new epoch and leaves its prekey unused by any later one. What
// it changes is durable when it returns.
func (s *sealer) begin(l *Line) (parley.EpochID, error) {
	rest := s.prekeys
	prekey := rest.LastResort
	if len(rest.Keys) > 0 {
		prekey, rest.Keys = rest.Keys[0], rest.Keys[1:]
	}
	if prekey == nil {
		return parley.EpochID{}, fmt.Errorf("no prekey of %s is known: its card has none, and no line check brought one", l.peer.Party)
	}
	e, opening, err := seal.NewEpoch(seal.Terms{
		Line: l.id, Roster: l.roster.Hash(), From: l.cfg.Party, To: l.peer.Party,
	}, prekey, l.cfg.Keys.Station())
	if err != nil {
		return parley.EpochID{}, err
	}
	if len(s.prekeys.Keys) > 0 {
		if err := l.putPrekeys(rest); err != nil {
			return parley.EpochID{}, err
		}
	}
	s.prekeys = rest
	s.epochs[e.ID()] = &ownEpoch{Epoch: e, opening: opening}
	return e.ID(), l.putOpen(s.open())
}

func (l *Line) putPrekeys(p wire.Prekeys) error {
	b, err := wire.AppendPrekeys(nil, p)
	if err != nil {
		return err
	}
	// Urgent: without an epoch no Flash leaves.
	return l.journal.CommitUrgent(context.Background(), func(tx *journal.Tx) error {
		return tx.SetMeta(l.metaKey("prekeys"), b)
	})
}

// close destroys an epoch that link has no more use for, and signs our word
// that everything under it is receipted, which link sends until it is heard.
func (s *sealer) close(l *Line, now parley.Time, id parley.EpochID) error {
	b, err := receipt.IssueClosed(wire.Closed{Line: l.id, From: l.cfg.Party, Epoch: id, Time: now}, l.cfg.Keys.Station())
	if err != nil {
		return fmt.Errorf("close epoch %s: %w", id, err)
	}
	delete(s.epochs, id)
	s.earlier = slices.DeleteFunc(s.earlier, func(e parley.EpochID) bool { return e == id })
	s.remember(id, b)
	return l.putOpen(s.open())
}

// open returns the epochs of ours that are not closed, of earlier runs too, in
// order.
func (s *sealer) open() []parley.EpochID {
	ids := slices.Collect(maps.Keys(s.epochs))
	ids = append(ids, s.earlier...)
	slices.SortFunc(ids, func(a, b parley.EpochID) int { return bytes.Compare(a[:], b[:]) })
	return ids
}

// remember keeps our word on an epoch, and forgets that on the one closed
// longest ago when there are too many: it went as often as link sends it.
func (s *sealer) remember(id parley.EpochID, word []byte) {
	s.closed = append(s.closed, closedEpoch{id, word})
	if len(s.closed) > epochsHeld {
		s.closed = slices.Delete(s.closed, 0, 1)
	}
}

// word is our signed word that an epoch is closed, nil if that is long ago.
func (s *sealer) word(id parley.EpochID) []byte {
	for _, c := range s.closed {
		if c.id == id {
			return c.word
		}
	}
	return nil
}

// putOpen keeps which epochs of ours are to be closed, for the next run.
func (l *Line) putOpen(ids []parley.EpochID) error {
	if len(ids) > epochsHeld {
		ids = ids[len(ids)-epochsHeld:]
	}
	value := []byte{}
	for _, id := range ids {
		value = append(value, id[:]...)
	}
	return l.journal.CommitUrgent(context.Background(), func(tx *journal.Tx) error { // urgent, as in putPrekeys
		return tx.SetMeta(l.metaKey("open"), value)
	})
}

// peerPrekeys takes a fresh batch of the other side's prekeys. It replaces
// the older one whole.
func (t *turn) peerPrekeys(b []byte) error {
	p, err := receipt.OpenPrekeys(b, t.l.peer.Station)
	if err != nil {
		return err
	}
	if p.Line != t.l.id || p.From != t.l.peer.Party {
		return fmt.Errorf("prekeys of %s for line %s: %w", p.From, p.Line, errWrongLog)
	}
	if have := t.l.sealer.prekeys; p.Time == have.Time || p.Time < have.Time && len(have.Keys) > 0 {
		return nil // a copy, or older than what we have and have not used up
	}
	for _, key := range append(slices.Clone(p.Keys), p.LastResort) {
		if err := seal.CheckPrekey(key); err != nil {
			return fmt.Errorf("prekeys of %s: %w", p.From, err) // or nothing could be sealed from here on
		}
	}
	value, err := wire.AppendPrekeys(nil, p)
	if err != nil {
		return err
	}
	value = slices.Clone(value)
	t.write(func(tx *journal.Tx) error { return tx.SetMeta(t.l.metaKey("prekeys"), value) })
	t.after(func() { t.l.sealer.prekeys = p })
	return nil
}
