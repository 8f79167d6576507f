package journal

import (
	"errors"
	"fmt"
)

// SQLite's log (the WAL) takes every commit; a checkpoint moves it into the
// file. The committer does that, between transactions: only when no
// commit runs beside it can it catch up and let the log start again.
//
//   - over softFrames: PASSIVE, which waits for nobody and holds nobody up
//   - over hardFrames, when readers have kept the log from starting again:
//     RESTART, which waits a moment for them; new readers are not held up
//
// A reader's snapshot lasts for one page of rows, so hardFrames is reached only
// under a View that is kept open.
const (
	frameBytes = 4096 + 24 // a page and its header
	softFrames = 8 << 20 / frameBytes
	hardFrames = 64 << 20 / frameBytes
)

// walPragmas: every commit syncs the log before it returns, and a log that has
// grown gives its room back.
const walPragmas = `
PRAGMA synchronous = full;
PRAGMA wal_autocheckpoint = 0;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -32768;
`

// checkpoint moves the log into the file when it has grown.
func (j *Journal) checkpoint() {
	if j.health.stopped() != nil {
		return
	}
	frames, moved, err := j.walState(`PRAGMA wal_checkpoint(NOOP)`)
	if err == nil && frames-moved >= j.soft {
		frames, _, err = j.walState(`PRAGMA wal_checkpoint(PASSIVE)`)
	}
	if err == nil && frames >= j.restartAt {
		// When a reader outlasts the wait, the next try comes after as much
		// again, so that commits do not wait for it one by one.
		j.restartAt = frames + hardFrames
		err = j.restart()
	}
	if frames < hardFrames {
		j.restartAt = hardFrames
	}
	j.health.checkpoint(frames, err)
}

// restart lets the log start again once the present readers are done.
func (j *Journal) restart() error {
	if err := j.writer.run(`PRAGMA busy_timeout = 100`); err != nil {
		return err
	}
	_, _, err := j.walState(`PRAGMA wal_checkpoint(RESTART)`)
	return errors.Join(err, j.writer.run(`PRAGMA busy_timeout = 0`))
}

// walState runs a checkpoint and returns how many frames the log holds, and how
// many of them are in the file. That readers were in the way is no error.
func (j *Journal) walState(pragma string) (frames, moved int64, err error) {
	err = j.writer.one(pragma, func(r row) error {
		frames, moved = r.int(1), r.int(2)
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("journal: checkpoint: %w", err)
	}
	return frames, moved, nil
}
