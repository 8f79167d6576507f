package wire

import "errors"

// The sentinels on which callers and vectors decide. Each error about bytes or
// a value wraps exactly one of them.
var (
	// ErrMalformed is returned for bytes that are not the one encoding of any
	// value of their format (spec/MESSAGE.md §1).
	ErrMalformed = errors.New("malformed")

	// ErrVersion is returned for a well-formed entry or frame of a version
	// that is not known here (spec/MESSAGE.md §5, spec/FRAME.md §2).
	ErrVersion = errors.New("unknown version")

	// ErrLimit is returned when a length, a count, a number or a time exceeds
	// its limit (spec/MESSAGE.md §1).
	ErrLimit = errors.New("limit exceeded")

	// ErrText is returned for text that is not UTF-8, not NFC, or holds a
	// character that text may not hold (spec/MESSAGE.md §2).
	ErrText = errors.New("text not allowed")

	// ErrForm is returned for an entry that the narrow form cannot carry, and
	// for a narrow entry that cannot be restored (spec/ENVELOPE.md §5).
	ErrForm = errors.New("not in this form")

	// ErrSignature is returned for a signature that is not of the key, the
	// domain and the bytes it is held against (spec/MESSAGE.md §4).
	ErrSignature = errors.New("bad signature")
)
