package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of size bytes, or skips the test where that
// cannot be.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("NOT TESTED: a small file system is needed and cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// On a full disk ordinary commits fail and are not there, urgent ones use the
// reserve, and when there is room again everything is as before.
func TestFullDisk(t *testing.T) {
	disk := smallDisk(t, "8m")
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	const reserved = 1 << 20
	dir := filepath.Join(disk, "journal")
	j := open(t, dir, Options{Reserve: reserved})
	if got := j.Health().Reserved; got != reserved {
		t.Fatalf("reserved %d", got)
	}
	commit(t, j, createLogs)

	// Entries of the largest size until there is no room.
	large := func(n uint64) func(*Tx) error {
		r := record(northLog, n)
		r.Entry = make([]byte, 40_000)
		return func(tx *Tx) error { return tx.Append(r) }
	}
	ctx := context.Background()
	n := uint64(1)
	for ; ; n++ {
		err := j.Commit(ctx, large(n))
		if errors.Is(err, ErrFull) {
			break
		}
		if err != nil {
			t.Fatalf("entry %d: %v", n, err)
		}
		if n > 1000 {
			t.Fatal("the disk is never full")
		}
	}
	if _, err := j.Record(northLog, n); !errors.Is(err, ErrNotFound) {
		t.Errorf("the entry that found no room: %v", err)
	}

	for urgent := range uint64(5) {
		if err := j.CommitUrgent(ctx, large(n+urgent)); err != nil {
			t.Fatalf("urgent entry: %v", err)
		}
	}
	if got := j.Health().Reserved; got != 0 {
		t.Errorf("reserved %d after it was given up", got)
	}
	// The room that is left is kept for urgent traffic.
	if err := j.Commit(ctx, large(n+5)); !errors.Is(err, ErrFull) {
		t.Errorf("ordinary entry in the reserve: %v", err)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	commit(t, j, large(n+5))
	if got := j.Health().Reserved; got != reserved {
		t.Errorf("reserved %d after there was room again", got)
	}
	for i := uint64(1); i <= n+5; i++ {
		if _, err := j.Record(northLog, i); err != nil {
			t.Error(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, Options{Reserve: reserved, Check: true})
}

// A station starts on a disk that is wholly full, at the cost of its reserve,
// and remembers that at the next start.
func TestOpenOnFullDisk(t *testing.T) {
	disk := smallDisk(t, "4m")
	dir := filepath.Join(disk, "journal")
	o := Options{Reserve: 1 << 20}
	j := open(t, dir, o)
	commit(t, j, createLogs)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	ballast := fill(t, filepath.Join(disk, "ballast"))
	for range 2 {
		j = open(t, dir, o)
		if got := j.Health().Reserved; got != 0 {
			t.Errorf("reserved %d on a full disk", got)
		}
		if err := j.Commit(context.Background(), createLogs); !errors.Is(err, ErrFull) {
			t.Errorf("ordinary commit: %v", err)
		}
		err := j.CommitUrgent(context.Background(), func(tx *Tx) error { return tx.SetMeta("flash", []byte{1}) })
		if err != nil {
			t.Errorf("urgent commit: %v", err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	j = open(t, dir, o)
	commit(t, j, func(tx *Tx) error { return tx.Append(record(northLog, 1)) })
	if got := j.Health().Reserved; got != o.Reserve {
		t.Errorf("reserved %d when there was room", got)
	}
}

// Where there never was room for the reserve, there is none, and the journal works.
func TestNoRoomForReserve(t *testing.T) {
	j := open(t, filepath.Join(smallDisk(t, "4m"), "journal"), Options{Reserve: 8 << 20})
	commit(t, j, createLogs)
	if got := j.Health().Reserved; got != 0 {
		t.Errorf("reserved %d", got)
	}
}

// fill writes a file until there is no room for another byte.
func fill(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		_, err := f.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			t.Fatal(err)
		}
	}
	return path
}
