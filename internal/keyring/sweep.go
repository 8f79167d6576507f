package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sweep destroys what a crash left in dir of the key files whose names begin with
// prefix. One that was being made is a copy of keys that may have to be destroyed
// later, and nobody would think of it then.
func (w workshop) sweep(dir, prefix string) error {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), prefix) {
			continue
		}
		path := filepath.Join(dir, f.Name())
		switch {
		case strings.HasSuffix(path, goneSuffix), strings.HasSuffix(path, newSuffix) && !sameFile(path, madeFor(path)):
			err = w.destroy(path)
		case strings.HasSuffix(path, newSuffix):
			// It has its name already: what is overwritten here would be overwritten there.
			err = errors.Join(w.disk.Remove(path), w.disk.SyncDir(dir))
		}
		if err != nil {
			return fmt.Errorf("destroy %s, which a crash left: %w", path, err)
		}
	}
	return nil
}

// madeFor returns the name that writeNew's file was to get.
func madeFor(temp string) string {
	path := strings.TrimSuffix(temp, newSuffix)
	return strings.TrimSuffix(path, filepath.Ext(path))
}

// sameFile reports whether two names are of one file.
func sameFile(a, b string) bool {
	x, err := os.Lstat(a)
	y, err2 := os.Lstat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}
