package lab

import (
	"errors"
	"fmt"
	"syscall"
)

// mount mounts a disk of so many bytes at dir.
func mount(dir string, size int64) error {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		return errors.Join(ErrNoDisk, err)
	}
	return nil
}

// unmount takes it away, also while someone has a file of it open.
func unmount(dir string) error { return syscall.Unmount(dir, syscall.MNT_DETACH) }
