package roster

import (
	"crypto/ecdh"
	"fmt"
)

// x25519Size is the size of a deniable key, in bytes.
const x25519Size = 32

// fitsEvidence checks that the side has a deniable key if and only if the terms
// have deniable traffic, and no receipt-pq key where all of it is (spec/DENIABLE.md §1).
func (s *Side) fitsEvidence(t Terms) error {
	switch {
	case t.Deniably() && s.Deniable == nil:
		return fmt.Errorf("evidence %s: %w: the card of %s has no deniable key; make a card for these terms", t.Evidence, ErrDeniable, s.Party)
	case !t.Deniably() && s.Deniable != nil:
		return fmt.Errorf("evidence %s: %w: the card of %s has a deniable key; make a card for these terms", t.Evidence, ErrDeniable, s.Party)
	case t.Evidence == Deniable && s.ReceiptPQ != nil:
		return fmt.Errorf("evidence %s: %w: the card of %s has a receipt-pq key, with which deniable messages could be proved; make a card for these terms", t.Evidence, ErrDeniable, s.Party)
	}
	return nil
}

// checkX25519 refuses what no secret can be agreed with: a point of small
// order, with which every key has the same secret, zero.
func checkX25519(pub []byte) error {
	key, err := ecdh.X25519().NewPublicKey(pub)
	if err != nil {
		return fmt.Errorf("%w: it has %d bytes; a key for X25519 has %d", ErrKey, len(pub), x25519Size)
	}
	probe := make([]byte, x25519Size)
	probe[0] = 1 // any scalar does: X25519 makes each a multiple of 8
	scalar, err := ecdh.X25519().NewPrivateKey(probe)
	if err != nil {
		return err
	}
	if _, err := scalar.ECDH(key); err != nil {
		return fmt.Errorf("%w: it is a point of small order, with which anybody knows the secret; make a new key", ErrKey)
	}
	return nil
}
