// Package journal is the station's durable memory: one embedded SQL file that
// holds every log, entry, receipt, refusal and draft, and the few facts about
// each that the station reads again.
//
// It stores bytes and facts, and verifies nothing: no signature, no root, no
// format. What it promises is order and durability. One goroutine writes; a
// commit that returned nil is on the disk, and a commit whose error is
// [ErrUnknown] may or may not be: stop, reopen, look. Outbox, inbox and
// transcript are readings of the same rows (DESIGN.md §4, "Storage").
//
// It refuses a second process on the same folder, a file written by a newer
// version, and, through [Tx.Started], a file older than the one it left.
package journal

import "errors"

// Errors on which a caller decides.
var (
	// ErrNotFound: the row asked for is not there.
	ErrNotFound = errors.New("not in the journal")
	// ErrExists: the log, or the number in its log, is taken.
	ErrExists = errors.New("already in the journal")
	// ErrDraftUsed: the party has an entry of the draft already, in this or
	// another of its logs on the line (R12). An entry that is to be stored and refused as a replay is appended with a zero Draft.
	ErrDraftUsed = errors.New("draft already used")
	// ErrBusy: another process, or another Journal of this one, has the folder open.
	ErrBusy = errors.New("journal is open elsewhere")
	// ErrNewer: the file was written by a newer version of Parley.
	ErrNewer = errors.New("journal was written by a newer version")
	// ErrOlder: the file was written by an older version, and nothing brought it to
	// this one yet.
	ErrOlder = errors.New("journal was written by an older version: start the station once")
	// ErrFull: the disk is full; the transaction is known not to be written, and
	// later ones may succeed.
	ErrFull = errors.New("disk is full, nothing was written")
	// ErrUnknown: the commit failed at a point where the transaction may or may
	// not be on the disk. Close the journal, open it again and look.
	ErrUnknown = errors.New("unknown whether it was written")
	// ErrStopped: an earlier commit ended in ErrUnknown, so this one was not
	// begun. It is known not to be written.
	ErrStopped = errors.New("journal has stopped; reopen it")
	// ErrClosed: the journal was closed before this transaction was begun. It
	// is known not to be written.
	ErrClosed = errors.New("journal is closed")
	// ErrCorrupt: the integrity check of Open found damage.
	ErrCorrupt = errors.New("journal is damaged")
	// ErrLimit: a value is outside what the journal can hold.
	ErrLimit = errors.New("value out of range")
)
