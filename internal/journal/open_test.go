package journal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestSecondOpenIsRefused(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	if _, err := Open(dir, Options{Reserve: -1}); !errors.Is(err, ErrBusy) {
		t.Fatalf("got %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, Options{})
}

func TestClosed(t *testing.T) {
	j := withLogs(t, Options{})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	nothing := func(*Tx) error { return nil }
	if err := j.Commit(context.Background(), nothing); !errors.Is(err, ErrClosed) {
		t.Errorf("commit: %v", err)
	}
	var submitted error
	submit(j, nothing, func(err error) { submitted = err })
	if !errors.Is(submitted, ErrClosed) {
		t.Errorf("submit: %v", submitted)
	}
	if _, err := j.Log(northLog); !errors.Is(err, ErrClosed) {
		t.Errorf("read: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
}

// Close commits what waits.
func TestCloseDrains(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{Group: 3})
	commit(t, j, createLogs)
	outcomes := make(chan error, 20)
	for n := uint64(1); n <= 20; n++ {
		submit(j, func(tx *Tx) error { return tx.Append(record(northLog, n)) }, func(err error) { outcomes <- err })
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if err := wait(t, outcomes, "an outcome"); err != nil {
			t.Error(err)
		}
	}
	if _, err := open(t, dir, Options{}).Record(northLog, 20); err != nil {
		t.Error(err)
	}
}

func TestDamageIsFound(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	commit(t, j, createLogs)
	commit(t, j, func(tx *Tx) error {
		for n := uint64(1); n <= 500; n++ {
			if err := tx.Append(record(northLog, n)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fileName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, from := range map[string]int{"the middle": len(b) / 2, "the head": 0} {
		damaged := bytes.Clone(b)
		for i := from; i < from+8192; i++ {
			damaged[i] ^= 0xff
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, Options{Reserve: -1, Check: true}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("damage in %s: %v", what, err)
		}
	}
}

func TestFileIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "journal")
	j := open(t, dir, Options{Reserve: 4096})
	commit(t, j, createLogs)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", f.Name(), info.Mode())
		}
	}
}
