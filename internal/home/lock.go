package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrBusy is returned while another process works in the folder: the key
// ceremony and a running station both write secrets there.
var ErrBusy = errors.New("another parley is at work there, most likely parley serve: stop it first")

// lock holds the folder for this process until unlock is called or the process
// ends, however it ends.
func (h *Home) lock() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(h.dir, "run", "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrBusy
		}
		return nil, errors.Join(fmt.Errorf("%s: %w", h.dir, err), f.Close())
	}
	// Closing the file ends the lock; nothing was written that could be lost.
	return func() { _ = f.Close() }, nil
}
