package roster

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// A prekey is a public key of X-Wing: the encapsulation key of ML-KEM-768, which is
// 768 coefficients of 12 bits and a seed of 32 bytes, then one of X25519
// (spec/ENVELOPE.md §1).
const (
	coefficientBytes = 1152
	coefficientLimit = 3329 // q of FIPS 203
	x25519At         = coefficientBytes + 32
)

func (s *Side) checkPrekeys() error {
	if n := len(s.Prekeys); n > MaxPrekeys {
		return fmt.Errorf("prekey: %w: there are %d; give at most %d", ErrMalformed, n, MaxPrekeys)
	}
	seen := make(map[string]bool)
	for i, k := range append(slices.Clone(s.Prekeys), s.LastResort) {
		if len(k) != PrekeySize {
			return fmt.Errorf("prekey %d: %w: it has %d bytes; a prekey has %d", i+1, ErrMalformed, len(k), PrekeySize)
		}
		if seen[string(k)] {
			return fmt.Errorf("prekey %d: %w: it stands twice; each is used once", i+1, ErrKey)
		}
		seen[string(k)] = true
		if err := checkPrekey(k); err != nil {
			return fmt.Errorf("prekey %d: %w", i+1, err)
		}
	}
	return nil
}

// checkPrekey refuses what nothing can be sealed to: a line whose last resort is
// such a key could never say anything.
func checkPrekey(key []byte) error {
	for b := range slices.Chunk(key[:coefficientBytes], 3) { // two coefficients, the lowest bits first
		pair := binary.LittleEndian.Uint32([]byte{b[0], b[1], b[2], 0})
		if pair&0xfff >= coefficientLimit || pair>>12 >= coefficientLimit {
			return fmt.Errorf("%w: a coefficient of its ML-KEM part is out of range; make new prekeys", ErrKey)
		}
	}
	return checkX25519(key[x25519At:])
}
