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
// Only the committer uses it after Open.
type reserve struct {
	path string
	size int64 // 0: none is wanted
	held bool
	note func(int64)
}

// openReserve makes the reserve when there is room for it. A full disk is no
// reason to refuse to start: then there is none, and urgent commits have what
// room there is.
func openReserve(path string, size int64, note func(int64)) (*reserve, error) {
	r := &reserve{path: path, size: max(size, 0), note: note}
	if r.size == 0 {
		return r, nil
	}
	st, err := os.Stat(path)
	if err == nil && st.Size() == r.size {
		r.hold(true)
		return r, nil
	}
	if err := r.take(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		return nil, fmt.Errorf("make the reserve: %w", err)
	}
	return r, nil
}

// ready reports whether ordinary commits may be written: always, until the
// reserve was given up; then again when there is room for it and a quarter
// more, in which case it is made anew.
func (r *reserve) ready() bool {
	if r.size == 0 || r.held {
		return true
	}
	room, err := freeBytes(r.path)
	if err != nil || room < r.size+r.size/4 {
		return false
	}
	return r.take() == nil
}

// giveUp frees the reserve's room, and reports whether there was any.
func (r *reserve) giveUp() bool {
	if !r.held || os.Remove(r.path) != nil {
		return false
	}
	r.hold(false)
	return true
}

func (r *reserve) take() (err error) {
	f, err := os.OpenFile(r.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(r.path))
		}
		r.hold(err == nil)
	}()
	if err := allocate(f, r.size); err != nil {
		return err
	}
	return f.Sync()
}

func (r *reserve) hold(held bool) {
	r.held = held
	if held {
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
