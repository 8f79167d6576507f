// Package transcript is the Merkle log of one party's entries on one line: its
// leaves and roots, the checkpoints its log key signs, the proofs about it,
// and the file in which both logs of a line are carried to a third person.
//
// The tree is that of RFC 6962 §2.1, the checkpoint is C2SP tlog-checkpoint in
// a C2SP signed note, so auditors of other transparency logs can read ours. It
// refuses a checkpoint of another log or key, every encoding but the one it
// writes, and a proof with a hash too many or too few. It does not judge what
// stands in an entry: that is release.Verify, and for a whole file audit.Audit.
//
// Its spec is spec/TRANSCRIPT.md.
package transcript

import (
	"errors"

	"parley/wire"
)

var (
	// ErrMalformed is returned for bytes that are not written as
	// spec/TRANSCRIPT.md says, or not in its one form.
	ErrMalformed = wire.ErrMalformed

	// ErrSignature is returned when the key that should have signed did not.
	ErrSignature = wire.ErrSignature

	// ErrLog is returned for a checkpoint or an entry of another log than the
	// one asked about.
	ErrLog = errors.New("of another log")

	// ErrProof is returned for a proof that does not prove what it claims.
	ErrProof = errors.New("does not prove it")

	// ErrSize is returned for a size, or a place in a log, that cannot be: zero
	// where an entry is needed, beyond the end, or beyond MaxSize.
	ErrSize = errors.New("impossible size")
)

// MaxSize is the most entries a log can hold in this version. It is far beyond
// what a line carries; it keeps arithmetic on sizes that come from outside
// away from overflow (spec/TRANSCRIPT.md §2).
const MaxSize = 1 << 40
