// Package durable is package os for files that must still be there, whole,
// after the power went: what it returns from without an error is on the disk.
//
// The order of system calls is write to a temporary name, fsync, rename (or
// link, where nothing may be replaced), fsync of the folder. See
// https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai
// for what happens without each of them.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Create makes a file that was not there, readable by this user alone. It
// returns an error that wraps fs.ErrExist, and leaves the old file as it was,
// if there is one of that name.
func Create(name string, data []byte) error {
	tmp, err := temporary(name, data)
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	if err := os.Link(tmp, name); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(name))
}

// Replace makes or replaces a file, readable by this user alone. After a
// crash the folder holds the old file or the new one, never a part.
func Replace(name string, data []byte) error {
	tmp, err := temporary(name, data)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return SyncFolder(filepath.Dir(name))
}

// Folder makes a folder and those above it, for this user alone, and makes
// sure that they are still there after a crash.
func Folder(name string) error {
	if info, err := os.Stat(name); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is in the way: it is not a folder", name)
		}
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(name)
	if err := Folder(parent); err != nil {
		return err
	}
	if err := os.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncFolder(parent)
}

// SyncFolder makes the names in a folder durable.
func SyncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// temporary writes data to a new name in the folder of name.
func temporary(name string, data []byte) (tmp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return "", err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(data); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}
