package backup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"parley/internal/durable"
)

// newFile makes a file of this name, whole and durable or not at all.
func newFile(name string, write func(io.Writer) error) (size int64, err error) {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, ".parley-backup-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, removed(f.Name())) }()
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if info, e := f.Stat(); e == nil {
		size = info.Size()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	if err := os.Link(f.Name(), name); errors.Is(err, fs.ErrExist) {
		return 0, err
	} else if err != nil { // as on a stick, whose file systems know no links
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("%s: %w", name, cmpErr(err, fs.ErrExist))
		}
		if err := os.Rename(f.Name(), name); err != nil {
			return 0, err
		}
	}
	return size, durable.SyncFolder(dir)
}

// removed removes a file that may be gone.
func removed(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
