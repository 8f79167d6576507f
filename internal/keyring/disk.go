package keyring

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// disk is every change that this package makes to the file system, one method
// a system call, so that tests can fail each of them in turn.
type disk interface {
	Mkdir(path string) error               // mode 0700; fs.ErrExist when it is there
	Create(path string) (handle, error)    // mode 0600, must not exist
	OpenWrite(path string) (handle, error) // an existing file, not cut
	Link(from, to string) error            // fails where to exists
	Rename(from, to string) error          // replaces to
	Remove(path string) error
	SyncDir(path string) error
}

// handle is a file being written.
type handle interface {
	io.WriteCloser
	Sync() error
}

// osDisk is the operating system's disk.
type osDisk struct{}

func (osDisk) Mkdir(path string) error { return os.Mkdir(path, 0o700) }

func (osDisk) Create(path string) (handle, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (osDisk) OpenWrite(path string) (handle, error) { return os.OpenFile(path, os.O_WRONLY, 0) }
func (osDisk) Link(from, to string) error            { return os.Link(from, to) }
func (osDisk) Rename(from, to string) error          { return os.Rename(from, to) }
func (osDisk) Remove(path string) error              { return os.Remove(path) }

func (osDisk) SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// readPrivate reads a file of secrets that nobody else may read or change: a
// plain file, not a link, without any permission of group and others but those
// allowed. Errors: ErrExposed with what to do, ErrNotFound, ErrMalformed when it
// is larger than limit.
func readPrivate(path string, limit int64, allowed os.FileMode) ([]byte, error) {
	seen, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no such file", ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	if seen.Mode()&fs.ModeSymlink != 0 {
		return nil, fmt.Errorf("%w: it is a symbolic link: name the file itself", ErrExposed)
	}
	if !seen.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is not a plain file", ErrExposed)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(seen, info) {
		return nil, fmt.Errorf("%w: it was replaced while being opened", ErrExposed)
	}
	if open := info.Mode().Perm() & 0o077 &^ allowed; open != 0 {
		return nil, fmt.Errorf("%w: mode %04o lets others in: who can have read it? then: chmod 600 %s", ErrExposed, info.Mode().Perm(), path)
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrMalformed, limit)
	}
	return b, nil
}
