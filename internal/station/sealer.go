package station

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/receipt"
	"parley/roster"
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
	spent   []parley.Hash                // those used last, newest last, at most spentHeld: never used again
	given   parley.KeyID                 // their station key that gave them; zero: the card, or the first

	tries    int         // epochs opened while nobody could say by which key
	turnover parley.Time // how long an epoch is given then; 0 where that is not so
	turned   parley.Time // since when
}

// ownEpoch is an epoch that we opened.
type ownEpoch struct {
	*seal.Epoch
	opening []byte
	by      ed25519.PublicKey // our station key that opened it
}

// closedEpoch is an epoch of ours that is closed, and our word on it once it was
// asked for, by a station key.
type closedEpoch struct {
	id   parley.EpochID
	at   parley.Time
	by   ed25519.PublicKey
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
	spent, err := l.journal.Meta(l.metaKey("prekeys-spent"))
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	for ; len(spent) >= len(parley.Hash{}); spent = spent[len(parley.Hash{}):] {
		s.spent = append(s.spent, parley.Hash(spent[:len(parley.Hash{})]))
	}
	by, err := l.journal.Meta(l.metaKey("prekeys-by"))
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	copy(s.given[:], by)
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

// spentHeld bounds the prekeys that are remembered as used: eight to a batch, a batch
// in hours. One that is older was destroyed by its owner long ago.
const spentHeld = 256

func (l *Line) metaKey(name string) string { return name + "/" + l.id.String() }

// begin makes a new epoch and leaves its prekey unused by any later one. What
// it changes is durable when it returns.
func (s *sealer) begin(l *Line) (parley.EpochID, error) {
	rest, spent := s.prekeys, s.spent
	prekey := rest.LastResort
	for found := false; len(rest.Keys) > 0 && !found; rest.Keys = rest.Keys[1:] {
		if hash := seal.PrekeyHash(rest.Keys[0]); !slices.Contains(spent, hash) {
			prekey, found = rest.Keys[0], true
			spent = append(slices.Clone(spent[max(0, len(spent)-spentHeld+1):]), hash)
		}
	}
	if prekey == nil {
		return parley.EpochID{}, fmt.Errorf("no prekey of %s is known: its card has none, and no line check brought one", l.peer.Party)
	}
	key, err := l.nextVoice(&l.sealer.tries)
	if err != nil {
		return parley.EpochID{}, err
	}
	e, opening, err := seal.NewEpoch(seal.Terms{
		Line: l.id, Roster: l.roster.Hash(), From: l.cfg.Party, To: l.peer.Party,
	}, prekey, key)
	if err != nil {
		return parley.EpochID{}, err
	}
	if len(s.prekeys.Keys) > 0 {
		if err := l.putPrekeys(rest, spent); err != nil {
			return parley.EpochID{}, err
		}
	}
	s.prekeys, s.spent = rest, spent
	by, _ := key.Public().(ed25519.PublicKey)
	s.epochs[e.ID()] = &ownEpoch{Epoch: e, opening: opening, by: by}
	return e.ID(), l.putOpen(s.open())
}

// putPrekeys keeps the prekeys that are left, and the hashes of those that are spent.
func (l *Line) putPrekeys(p wire.Prekeys, spent []parley.Hash) error {
	b, err := wire.AppendPrekeys(nil, p)
	if err != nil {
		return err
	}
	var hashes []byte
	for _, h := range spent {
		hashes = append(hashes, h[:]...)
	}
	// Urgent: without an epoch no Flash leaves.
	return l.journal.CommitUrgent(context.Background(), func(tx *journal.Tx) error {
		if err := tx.SetMeta(l.metaKey("prekeys"), b); err != nil {
			return err
		}
		return tx.SetMeta(l.metaKey("prekeys-spent"), hashes)
	})
}

// close destroys an epoch that link has no more use for. That everything under it
// is receipted is our word, which link sends until it is heard.
func (s *sealer) close(l *Line, now parley.Time, id parley.EpochID) error {
	delete(s.epochs, id)
	s.earlier = slices.DeleteFunc(s.earlier, func(e parley.EpochID) bool { return e == id })
	s.remember(id, now)
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
func (s *sealer) remember(id parley.EpochID, at parley.Time) {
	s.closed = append(s.closed, closedEpoch{id: id, at: at})
	if len(s.closed) > epochsHeld {
		s.closed = slices.Delete(s.closed, 0, 1)
	}
}

// word is our word, signed with a station key, that an epoch is closed; nil if that
// is long ago.
func (s *sealer) word(l *Line, id parley.EpochID, key crypto.Signer) ([]byte, error) {
	i := slices.IndexFunc(s.closed, func(c closedEpoch) bool { return c.id == id })
	if i < 0 {
		return nil, nil
	}
	c := &s.closed[i]
	if c.word != nil && isBy(key, c.by) {
		return c.word, nil
	}
	word, err := receipt.IssueClosed(wire.Closed{Line: l.id, From: l.cfg.Party, Epoch: id, Time: c.at}, key)
	if err != nil {
		return nil, fmt.Errorf("close epoch %s: %w", id, err)
	}
	c.word = word
	c.by, _ = key.Public().(ed25519.PublicKey)
	return word, nil
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
	p, by, err := t.openPrekeys(b)
	if err != nil {
		return err
	}
	t.heardBy(by)
	// By a later key they replace what a thief of the one before may have given,
	// whatever time he wrote.
	given := t.givenBy(by)
	if have := t.l.sealer.prekeys; given == t.l.sealer.given && (p.Time == have.Time || p.Time < have.Time && len(have.Keys) > 0) {
		return nil // a copy, or older than what we have and have not used up
	}
	return t.takePrekeys(p, given)
}

// openPrekeys reads a batch of the other side's for this line, and tells which of its station keys signed it.
func (t *turn) openPrekeys(b []byte) (p wire.Prekeys, by ed25519.PublicKey, err error) {
	if by, err = t.theirKey(b); err != nil {
		return p, nil, err
	}
	if p, err = receipt.OpenPrekeys(b, by); err != nil {
		return p, nil, err
	}
	if p.Line != t.l.id || p.From != t.l.peer.Party {
		return p, nil, fmt.Errorf("prekeys of %s for line %s: %w", p.From, p.Line, errWrongLog)
	}
	return p, by, nil
}

// takePrekeys puts a batch in the place of what we had, and notes who gave it.
func (t *turn) takePrekeys(p wire.Prekeys, given parley.KeyID) error {
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
	if given != t.l.sealer.given {
		t.write(func(tx *journal.Tx) error { return tx.SetMeta(t.l.metaKey("prekeys-by"), given[:]) })
	}
	t.after(func() { t.l.sealer.prekeys, t.l.sealer.given = p, given })
	return nil
}

// givenBy names a station key of theirs that gives prekeys; zero: the first one.
func (t *turn) givenBy(key ed25519.PublicKey) (id parley.KeyID) {
	if terms := t.next.history.Terms(t.l.peer.Party, roster.RoleStation); !terms[len(terms)-1].Key.Equal(key) {
		id = roster.KeyID(roster.RoleStation, key)
	}
	return id
}
