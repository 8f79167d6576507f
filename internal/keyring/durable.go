package keyring

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// newSuffix ends the names of files that are being written. One that is left
// after a crash holds nothing that anyone relies on.
const newSuffix = ".new"

// createFile makes path with content, durably, or leaves no such file; it never
// replaces one. An error after the file got its name says so: the key is then
// on disk, and may not survive a power cut.
func (w workshop) createFile(path string, content []byte) error {
	temp, err := w.writeNew(path, content)
	if err != nil {
		return err
	}
	// A link fails where the name is taken; a rename would replace it.
	if err := w.disk.Link(temp, path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("%w: %s", ErrExists, path)
		} else {
			err = fmt.Errorf("give it its name (the file system must know hard links): %w", err)
		}
		return errors.Join(err, w.disk.Remove(temp))
	}
	if err := errors.Join(w.disk.Remove(temp), w.disk.SyncDir(filepath.Dir(path))); err != nil {
		return fmt.Errorf("the file is there but may not be durable; check the disk, then use it or remove it: %w", err)
	}
	return nil
}

// replaceFile gives path the content, durably: after any failure it holds
// either the old content or the new.
func (w workshop) replaceFile(path string, content []byte) error {
	temp, err := w.writeNew(path, content)
	if err != nil {
		return err
	}
	if err := w.disk.Rename(temp, path); err != nil {
		return errors.Join(err, w.disk.Remove(temp))
	}
	return w.disk.SyncDir(filepath.Dir(path))
}

// writeNew writes content, durably, to a new file beside path, in a folder that it makes, and returns its name.
func (w workshop) writeNew(path string, content []byte) (temp string, err error) {
	if err := w.makeDir(filepath.Dir(path)); err != nil {
		return "", err
	}
	var tail [8]byte
	if _, err := rand.Read(tail[:]); err != nil {
		return "", err
	}
	temp = path + "." + hex.EncodeToString(tail[:]) + newSuffix
	f, err := w.disk.Create(temp)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, w.disk.Remove(temp))
	}
	return temp, nil
}

// makeDir makes dir and what is missing above it, for the owner alone, durably.
func (w workshop) makeDir(dir string) error {
	err := w.disk.Mkdir(dir)
	switch up := filepath.Dir(dir); {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist) && up != dir:
		if err := w.makeDir(up); err != nil {
			return err
		}
		return w.makeDir(dir)
	case err != nil:
		return err
	default:
		return w.disk.SyncDir(up)
	}
}
