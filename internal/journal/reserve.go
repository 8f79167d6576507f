package journal

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// reserve is a file that occupies room on the disk, to be given up when the
// disk is full so that urgent commits can still be written. What it promises is
// as good as the file system's allocation: on one that compresses or copies on
// write, the room given up may be less than its size.
//
// After Open it belongs to who holds Journal.writing.
type reserve struct {
	path  string
	size  int64 // 0: none is wanted
	state reserveState
	note  func(held int64)
}

type reserveState int

const (
	none    reserveState = iota // not wanted, or there never was room for it
	held                        // ready to be given up
	givenUp                     // ordinary commits wait until there is room for it again
)

// startRoom is what the database needs to open: its index of the log, and some.
const startRoom = 1 << 20

// openReserve makes the reserve when there is room for it and a quarter more.
// A disk too full for that is no reason to refuse to start, nor is one that is
// wholly full: then the reserve of the last run is given up to start at all.
// That it was given up is remembered by the empty file.
func openReserve(path string, size int64, note func(int64)) (*reserve, error) {
	r := &reserve{path: path, size: max(size, 0), note: note}
	if r.size == 0 {
		return r, nil
	}
	room, _, err := diskBytes(path)
	if err != nil {
		return nil, fmt.Errorf("make the reserve: %w", err)
	}
	st, err := os.Stat(path)
	switch {
	case err == nil && st.Size() == r.size:
		r.set(held)
		if room < startRoom && !r.giveUp() {
			return nil, fmt.Errorf("give up the reserve %s to start on a full disk: remove it by hand", path)
		}
	case err == nil && st.Size() == 0:
		r.set(givenUp)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("make the reserve: %w", err)
	case r.fits(room):
		// Something else may have taken the room meanwhile.
		if err := r.take(); err != nil && !errors.Is(err, syscall.ENOSPC) {
			return nil, fmt.Errorf("make the reserve: %w", err)
		}
	}
	return r, nil
}

// ready reports whether ordinary commits may be written: always, until the
// reserve was given up; then again when there is room for it and a quarter
// more, in which case it is made anew.
func (r *reserve) ready() bool {
	if r.state != givenUp {
		return true
	}
	room, _, err := diskBytes(r.path)
	return err == nil && r.fits(room) && r.take() == nil
}

func (r *reserve) fits(room int64) bool { return room >= r.size+r.size/4 }

// giveUp frees the reserve's room, and reports whether there was any.
func (r *reserve) giveUp() bool {
	if r.state != held || os.Truncate(r.path, 0) != nil {
		return false
	}
	r.set(givenUp)
	return true
}

// take occupies the room. When it cannot, nothing is occupied and the state is
// as before.
func (r *reserve) take() (err error) {
	f, err := os.OpenFile(r.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = allocate(f, r.size)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(0), f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	r.set(held)
	return nil
}

func (r *reserve) set(s reserveState) {
	r.state = s
	if s == held {
		r.note(r.size)
	} else {
		r.note(0)
	}
}

// writeZeros is allocate where the system has no call for it.
func writeZeros(f *os.File, size int64) error {
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < size; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), size-at)], at); err != nil {
			return err
		}
	}
	return nil
}
