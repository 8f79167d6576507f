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
func (h *Home) lock() (unlock func(), err error) { return h.hold("lock", syscall.LOCK_NB) }

// lockConfig holds the party's configuration while it is changed: it waits for
// whoever does so now. A station that runs has read it and goes on, so that an
// officer can be added without stopping the line.
func (h *Home) lockConfig() (unlock func(), err error) { return h.hold("config.lock", 0) }

func (h *Home) hold(name string, how int) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(h.dir, "run", name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrBusy
		}
		return nil, errors.Join(fmt.Errorf("%s: %w", h.dir, err), f.Close())
	}
	// Closing the file ends the lock; nothing was written that could be lost.
	return func() { _ = f.Close() }, nil
}
