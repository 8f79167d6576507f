package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrNoDisk is returned where disks cannot be filled: a small file system is
// needed, which only root can mount.
var ErrNoDisk = errors.New("a disk of its own for each station cannot be mounted here (this needs root)")

// DiskFor is the size in bytes of a station's disk for a soak that long: room
// for its journal's reserve of 64 MiB, for as much again, and for what is said
// in that time, so that the disk is full when the soak fills it and not for good.
func DiskFor(long time.Duration) int64 { return 160<<20 + int64(long/time.Minute)*(8<<20) }

// ballast is the file that fills a disk.
const ballast = "ballast"

// fill fills the disk to the last block.
func fill(disk string) (err error) {
	f, err := os.OpenFile(filepath.Join(disk, ballast), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for size := 1 << 20; size >= 512; size /= 2 {
		b := make([]byte, size)
		for {
			_, err := f.Write(b)
			if errors.Is(err, syscall.ENOSPC) {
				break
			}
			if err != nil {
				return fmt.Errorf("fill the disk: %w", err)
			}
		}
	}
	return nil
}

// free takes the ballast away.
func free(disk string) error {
	if err := os.Remove(filepath.Join(disk, ballast)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
