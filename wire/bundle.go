package wire

import (
	"fmt"
	"math/bits"
)

// MaxParts is how many parts one bundle has at most (spec/ENVELOPE.md §6).
const MaxParts = 512

// PartType says what a part of a bundle is.
type PartType uint64

// The part types, as they stand on the wire. A reader skips the others.
const (
	PartEntry       PartType = 1
	PartNarrowEntry PartType = 2
	PartCheckpoint  PartType = 3
	PartCosigned    PartType = 4
	PartReceipt     PartType = 5
	PartRefusal     PartType = 6
	PartReport      PartType = 7
	PartPrekeys     PartType = 8
	PartClosed      PartType = 9
	PartCheck       PartType = 10
	PartUnknown     PartType = 11
)

// Part is one thing that an envelope carries.
type Part struct {
	_     struct{} `cbor:",toarray"`
	Type  PartType
	Bytes []byte
}

// AppendBundle appends the plaintext of an envelope: its parts in order.
func AppendBundle(dst []byte, parts []Part) ([]byte, error) {
	if err := checkParts(parts); err != nil {
		return dst, err
	}
	return appendValue(dst, "bundle", parts)
}

// ParseBundle reads the plaintext of an envelope. It does not read the parts.
func ParseBundle(b []byte) ([]Part, error) {
	parts, err := parseValue[[]Part](b, "bundle", MaxFrame)
	if err != nil {
		return nil, err
	}
	return parts, checkParts(parts)
}

func checkParts(parts []Part) error {
	if len(parts) == 0 {
		return fmt.Errorf("bundle: %w: it is empty", ErrMalformed)
	}
	if len(parts) > MaxParts {
		return fmt.Errorf("bundle of %d parts: %w of %d", len(parts), ErrLimit, MaxParts)
	}
	for _, p := range parts {
		if p.Type == 0 || p.Bytes == nil {
			return fmt.Errorf("bundle: %w: a part of type 0, or without bytes", ErrMalformed)
		}
	}
	return nil
}

// padFloor is the length below which padding hides everything.
const padFloor = 1024

// Pad returns b with 0x80 and zeros to a length that tells little of its own
// (PADMÉ, at least 1,024 bytes; spec/ENVELOPE.md §5).
func Pad(b []byte) []byte {
	out := make([]byte, paddedLen(len(b)+1))
	copy(out, b)
	out[len(b)] = 0x80
	return out
}

// paddedLen is PADMÉ's length for n bytes: the lowest bits that are rounded
// away leave as many as the length's own length needs.
func paddedLen(n int) int {
	if n <= padFloor {
		return padFloor
	}
	e := bits.Len(uint(n)) - 1
	s := bits.Len(uint(e))
	mask := 1<<(e-s) - 1
	return (n + mask) &^ mask
}

// Unpad returns what Pad was given. Padding that Pad would not have made is
// refused.
func Unpad(b []byte) ([]byte, error) {
	end := len(b)
	for end > 0 && b[end-1] == 0 {
		end--
	}
	if end == 0 || b[end-1] != 0x80 || paddedLen(end) != len(b) {
		return nil, fmt.Errorf("padding: %w", ErrMalformed)
	}
	return b[:end-1], nil
}
