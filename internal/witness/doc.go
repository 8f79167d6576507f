// Package witness asks neutral parties to cosign the checkpoints of this party's own
// logs, by C2SP tlog-witness (spec/WITNESS.md §1).
//
// A witness is shown no message and is in nobody's way: each has a goroutine of its
// own, a bounded time and bounded bytes for an answer, and is asked ever more rarely
// while it does not answer. What it answers changes nothing on the line. It is shown to
// people, and its cosignatures are kept for third persons.
package witness

import "errors"

var (
	// ErrURL is returned for the address of a witness that is not to be used.
	ErrURL = errors.New("not the address of a witness")

	// ErrAnswer is returned for an answer that C2SP tlog-witness does not allow, or
	// that has no good cosignature by the key of the witness.
	ErrAnswer = errors.New("not the answer of a witness")

	// ErrUnknown: the witness does not know the log, or not its key.
	ErrUnknown = errors.New("it does not know this log")

	// ErrHistory: the witness says that it holds another history of the log.
	ErrHistory = errors.New("it says that it holds another history of this log")

	// ErrAhead: the witness says that it cosigned more of the log than was signed here.
	ErrAhead = errors.New("it says that it cosigned more of this log than this station signed")
)
