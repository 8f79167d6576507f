package wire

import (
	"bytes"
	"fmt"
	"math/bits"
)

// padFloor is the least length of a padded bundle.
const padFloor = 1024

// Pad returns b, the byte 0x80, and zeros up to the next length that PADMÉ
// allows, at least 1,024: a length tells at most its magnitude and a few bits,
// for at most 12 % more bytes (spec/ENVELOPE.md §5).
func Pad(b []byte) []byte {
	padded := make([]byte, paddedLen(len(b)))
	copy(padded, b)
	padded[len(b)] = 0x80
	return padded
}

// Unpad returns what was padded, as a part of p, if Pad would have written
// exactly p; else an error that wraps ErrMalformed (spec/ENVELOPE.md §5).
func Unpad(p []byte) ([]byte, error) {
	end := len(bytes.TrimRight(p, "\x00"))
	if end == 0 || p[end-1] != 0x80 {
		return nil, fmt.Errorf("unpad %d bytes: %w: no mark before the zeros", len(p), ErrMalformed)
	}
	if b := p[:end-1]; len(p) == paddedLen(len(b)) {
		return b, nil
	}
	return nil, fmt.Errorf("unpad %d bytes: %w: not the padded length of %d", len(p), ErrMalformed, end-1)
}

// paddedLen is the length of n bytes and the mark under PADMÉ (Nikitin et al.,
// "Reducing metadata leakage from encrypted files and communication with
// PURBs", §4): of a length with exponent e, only the first ⌊log₂ e⌋ + 1 bits
// behind the leading one may be set.
func paddedLen(n int) int {
	length := uint(n) + 1
	if length <= padFloor {
		return padFloor
	}
	e := bits.Len(length) - 1
	mask := uint(1)<<(e-bits.Len(uint(e))) - 1
	return int((length + mask) &^ mask)
}
