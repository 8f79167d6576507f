package station

import (
	"crypto"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"

	"parley"
	"parley/internal/keyring"
	"parley/receipt"
	"parley/seal"
	"parley/wire"
)

// prekeyBatch is how many prekeys a card or a wide line check gives the other
// side, beside the last-resort one.
const prekeyBatch = 8

// A prekey's secret is its use, the time it was made (8 bytes), our log on the
// line it is for (16 bytes), and the private half.
const (
	useOnce    = 1 // destroyed when an epoch was opened to it
	lastResort = 2 // stays until a newer one has long replaced it

	prekeyHeader = 1 + 8 + 16
)

// NewPrekeys draws a batch of prekeys and a last-resort one, makes the private
// halves durable in secrets, and returns the public halves for a card. log is
// the log of this party on the line they are for.
func NewPrekeys(secrets Secrets, log parley.LogID, now parley.Time) (keys [][]byte, last []byte, err error) {
	for range prekeyBatch {
		public, err := newPrekey(secrets, useOnce, log, now)
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, public)
	}
	last, err = newPrekey(secrets, lastResort, log, now)
	return keys, last, err
}

func newPrekey(secrets Secrets, use byte, log parley.LogID, now parley.Time) ([]byte, error) {
	private, public, err := seal.NewPrekey()
	if err != nil {
		return nil, err
	}
	id := seal.PrekeyHash(public)
	value := binary.BigEndian.AppendUint64([]byte{use}, uint64(now))
	value = append(append(value, log[:]...), private...)
	if err := secrets.Put(keyring.Prekey, id[:], value); err != nil {
		return nil, fmt.Errorf("keep the prekey %x: %w", id[:8], err)
	}
	return public, nil
}

// privatePrekey returns the private half of a prekey of ours that was made for
// this line. One of another line is to this line's peer as if it were not held.
func (l *Line) privatePrekey(hash parley.Hash) ([]byte, error) {
	value, err := l.cfg.Secrets.Get(keyring.Prekey, hash[:])
	if errors.Is(err, keyring.ErrNotFound) || err == nil && !l.madeFor(value) && !l.first(hash) {
		return nil, fmt.Errorf("prekey %x: %w", hash[:8], seal.ErrPrekey)
	}
	if err != nil {
		return nil, err
	}
	return value[prekeyHeader:], nil
}

// madeFor reports whether a prekey's secret is of this line.
func (l *Line) madeFor(value []byte) bool {
	return len(value) > prekeyHeader && parley.LogID(value[9:prekeyHeader]) == l.self.Log
}

// first reports whether a prekey is the one on our card that the first epoch of
// this deniable line may be opened to.
func (l *Line) first(hash parley.Hash) bool { return l.off != nil && hash == l.lastResort }

// usedPrekey destroys the private half of a prekey, so that a captured opening
// can never be opened again. The last-resort one stays until it is retired.
func (l *Line) usedPrekey(hash parley.Hash, now parley.Time) error {
	delete(l.offered.keys, hash)
	value, err := l.cfg.Secrets.Get(keyring.Prekey, hash[:])
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	if err == nil && value[0] == useOnce {
		err = l.cfg.Secrets.Delete(keyring.Prekey, hash[:])
	}
	if err != nil {
		return fmt.Errorf("destroy the prekey %x: %w", hash[:8], err)
	}
	return l.retirePrekeys(prekeyTime(value), now)
}

// prekeyTime is when a prekey was made, by the clock of then.
func prekeyTime(value []byte) parley.Time { return parley.Time(binary.BigEndian.Uint64(value[1:])) }

// retirePrekeys destroys the prekeys that are older than one that the other
// side has used, and older than a pouch can be on its way. It does not go by
// the clock alone: a clock that jumps must not destroy what the other side
// will seal to.
func (l *Line) retirePrekeys(used, now parley.Time) error {
	window := parley.Time(l.roster.Terms.PouchWindow.Milliseconds())
	ids, err := l.cfg.Secrets.List(keyring.Prekey)
	if err != nil {
		return err
	}
	for _, id := range ids {
		value, err := l.cfg.Secrets.Get(keyring.Prekey, id)
		if err != nil {
			return err
		}
		switch first := parley.Hash(id) == l.lastResort; {
		case l.off == nil && first: // left to the deniable line beside this one
			continue
		case !l.madeFor(value) && !first:
			continue
		}
		if at := prekeyTime(value); at >= used || at+window >= now {
			continue
		}
		if err := l.cfg.Secrets.Delete(keyring.Prekey, id); err != nil {
			return err
		}
	}
	return nil
}

// offer is the batch of our prekeys that the other side was given last.
type offer struct {
	keys map[parley.Hash]bool // not used by them yet
	by   ed25519.PublicKey    // the station key that signed it
	part []byte               // signed, as a line check carries it
}

// makeLean makes, once in a run and for each station key, a batch of a last resort
// only.
func (l *Line) makeLean(now parley.Time, key crypto.Signer) error {
	if l.gens.lean.part != nil && isBy(key, l.gens.lean.by) {
		return nil
	}
	last, err := newPrekey(l.cfg.Secrets, lastResort, l.self.Log, now)
	if err != nil {
		return err
	}
	o := offer{}
	o.by, _ = key.Public().(ed25519.PublicKey)
	o.part, err = receipt.IssuePrekeys(wire.Prekeys{Line: l.id, From: l.cfg.Party, LastResort: last, Time: now}, key)
	if err == nil {
		l.gens.lean = o
	}
	return err
}

// refresh makes a new batch when the other side used most of the last one, or key
// is another than signed it.
func (l *Line) refresh(now parley.Time, key crypto.Signer) error {
	o := l.offered
	if len(o.keys) > prekeyBatch/2 && isBy(key, o.by) {
		return nil
	}
	// By another station key they are given anew, so that none that a thief gave
	// stays in their place (spec/CHANGE.md §6).
	keys, last, err := NewPrekeys(l.cfg.Secrets, l.self.Log, now)
	if err != nil {
		return err
	}
	o = offer{keys: map[parley.Hash]bool{}}
	for _, k := range keys {
		o.keys[seal.PrekeyHash(k)] = true
	}
	o.by, _ = key.Public().(ed25519.PublicKey)
	o.part, err = receipt.IssuePrekeys(wire.Prekeys{
		Line: l.id, From: l.cfg.Party, Keys: keys, LastResort: last, Time: now,
	}, key)
	if err != nil {
		return err
	}
	l.offered = o
	return nil
}
