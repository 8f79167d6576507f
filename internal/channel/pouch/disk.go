package pouch

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// A file is written under a name of this kind, which nobody takes for a pouch file, until it is whole.
const (
	tempPrefix = ".parley-"
	tempSuffix = ".tmp"
)

// disk is the file system. A test may make an operation fail.
type disk struct {
	fault func(op, path string) error // called before each operation, when not nil; fails with what it returns
}

func (d *disk) fails(op, path string) error {
	if d.fault == nil {
		return nil
	}
	return d.fault(op, path)
}

// folder returns nil when path is a folder.
func (d *disk) folder(path string) error {
	if err := d.fails("stat", path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", path)
	}
	return err
}

// count returns the bytes in the pouch files of a folder, and removes what a write that was cut short has left.
func (d *disk) count(folder string) (bytes int64, err error) {
	if err := d.fails("list", folder); err != nil {
		return 0, err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case !entry.Type().IsRegular():
		case strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix):
			if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return 0, err
			}
		case named(name):
			info, err := entry.Info()
			if errors.Is(err, os.ErrNotExist) {
				continue // carried away
			}
			if err != nil {
				return 0, err
			}
			bytes += info.Size()
		}
	}
	return bytes, nil
}

// write puts a file into a folder, whole and lasting or not at all.
func (d *disk) write(folder, name string, content []byte) error {
	temp := filepath.Join(folder, tempPrefix+rand.Text()+tempSuffix)
	err := d.writeTemp(temp, content)
	if err == nil {
		err = d.rename(temp, filepath.Join(folder, name))
	}
	if err != nil {
		_ = os.Remove(temp) // or count does, when the disk is better
		return err
	}
	return d.syncFolder(folder)
}

func (d *disk) writeTemp(temp string, content []byte) (err error) {
	if err := d.fails("create", temp); err != nil {
		return err
	}
	// The peer's station is another user on another machine: all may read what only the peer can open.
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := d.fails("write", temp); err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := d.fails("sync", temp); err != nil {
		return err
	}
	return f.Sync()
}

// syncFolder makes a rename last. Some file systems of sticks have no such thing, and say so.
func (d *disk) syncFolder(folder string) error {
	if err := d.fails("sync", folder); err != nil {
		return err
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// read returns a file's content, or a little more of it than a pouch file may have, and what the file was afterwards.
func (d *disk) read(path string) (content []byte, info os.FileInfo, err error) {
	if err := d.fails("read", path); err != nil {
		return nil, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	if content, err = io.ReadAll(io.LimitReader(f, int64(maxFile)+1)); err == nil {
		info, err = f.Stat()
	}
	return content, info, err
}

// aside moves a file to the refused folder.
func (d *disk) aside(folder, name string) error {
	refused := filepath.Join(folder, refusedFolder)
	if err := os.Mkdir(refused, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return d.rename(filepath.Join(folder, name), filepath.Join(refused, name))
}

func (d *disk) rename(from, to string) error {
	if err := d.fails("rename", from); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func (d *disk) remove(path string) error {
	if err := d.fails("remove", path); err != nil {
		return err
	}
	return os.Remove(path)
}
