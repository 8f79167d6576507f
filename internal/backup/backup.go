// Package backup makes a backup of a party's folder while its station runs, and makes
// a folder of a backup.
//
// A backup holds the journal in one state, the station's keys and the officers' as
// they are sealed, the papers of the lines and parley.toml. It never holds the secrets
// of epochs and prekeys, so that it opens no captured traffic; nor the start counter,
// nor the root key. A folder that is made of it knows that it was: its station signs
// nothing before the other side of each line has said how far its log goes
// (spec/GENERATION.md §5).
//
// Whoever knows the public key that backups are sealed for can make a file that opens.
// That a backup is one's own is shown by the keys in it, and by nothing else.
package backup

import (
	"errors"
	"time"
)

// Errors of a backup that was not made.
var (
	// ErrBusy is returned while another backup of the folder is being made.
	ErrBusy = errors.New("another backup of this folder is being made")
	// ErrRoom is returned where the disk is too full.
	ErrRoom = errors.New("there is not enough room on the disk")
	// ErrUnsteady is returned when the folder's files changed each time they were read.
	ErrUnsteady = errors.New("keys or papers change all the time: finish that first")
)

// Stage is a part of the work that takes time.
type Stage string

// The stages, of which Make has the first three and Restore and Verify the last.
const (
	Snapshot Stage = "taking the journal's state"
	Reading  Stage = "reading it"
	Sealing  Stage = "sealing"
	Opening  Stage = "opening"
)

// Options are the choices of who makes or opens a backup.
type Options struct {
	// Program is a word for the program, with its version.
	Program string
	// Now is the clock.
	Now func() time.Time
	// Told, if set, is told how much of a stage is done, a share of 1; of a
	// Snapshot, only that it began. It is called often.
	Told func(s Stage, share float64)
}

func (o Options) tell(s Stage, done, of int64) {
	if o.Told != nil {
		o.Told(s, float64(done)/float64(max(of, 1)))
	}
}
