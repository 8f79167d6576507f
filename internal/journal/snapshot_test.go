package journal

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"parley"
)

// taken takes a snapshot of a journal into a folder of its own and opens it.
func taken(t *testing.T, dir string) (*Journal, Contents) {
	t.Helper()
	to := t.TempDir()
	c, err := Snapshot(t.Context(), dir, filepath.Join(to, fileName))
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(to); err != nil || len(entries) != 1 {
		t.Errorf("the folder of the snapshot holds %v, %v", entries, err)
	}
	return open(t, to, Options{Check: true}), c
}

func append1(n uint64) func(*Tx) error {
	return func(tx *Tx) error { return tx.Append(record(northLog, n)) }
}

// stored returns how many entries of north's log a journal holds, which must be the first ones.
func stored(t *testing.T, j *Journal) (n uint64) {
	t.Helper()
	err := j.Entries(northLog, 1, 0, func(r Record) error {
		if n++; r.Number != n || !bytes.Equal(r.Entry, record(northLog, n).Entry) {
			t.Errorf("entry %d in the place of %d", r.Number, n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A snapshot is one state, however much is committed meanwhile.
func TestSnapshotWhileWriting(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{softFrames: 4})
	commit(t, j, createLogs)
	const first, last = 200, 600
	for n := uint64(1); n <= first; n++ {
		commit(t, j, append1(n))
	}
	began, done := make(chan struct{}), make(chan error)
	go func() {
		var err error
		for n := uint64(first + 1); n <= last && err == nil; n++ {
			err = j.Commit(context.Background(), append1(n))
			if n == first+1 {
				close(began)
			}
		}
		done <- err
	}()
	wait(t, began, "the first commit beside the snapshot")
	s, c := taken(t, dir)
	if err := wait(t, done, "the commits beside the snapshot"); err != nil {
		t.Fatal(err)
	}
	if n := stored(t, s); n <= first || n > last {
		t.Errorf("the snapshot holds %d entries, want %d to %d", n, first+1, last)
	}
	if len(c.Logs) != 2 || c.Logs[0].ID != northLog || c.Logs[1].Party != "south" {
		t.Errorf("the logs are %+v", c.Logs)
	}
	if n := stored(t, j); n != last {
		t.Errorf("the journal holds %d entries, want %d", n, last)
	}
}

// A journal that nobody has open is taken as well, closed or killed.
func TestSnapshotOfStopped(t *testing.T) {
	dir, killed := t.TempDir(), t.TempDir()
	j := open(t, dir, Options{})
	commit(t, j, createLogs)
	commit(t, j, append1(1))
	commit(t, j, func(tx *Tx) error { return tx.Started(1) })
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"closed": dir, "killed": killed} {
		s, c := taken(t, dir)
		if stored(t, s) != 1 || c.Starts != 1 || len(c.Logs) != 2 {
			t.Errorf("%s: the snapshot is of %+v", name, c)
		}
	}
}

// What was deleted does not leave with a snapshot, though its pages are in the journal.
func TestSnapshotHoldsNothingDeleted(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	secret := bytes.Repeat([]byte("withdrawn and never said "), 1000)
	commit(t, j, func(tx *Tx) error {
		return tx.PutDraft(Draft{ID: parley.DraftID{1}, Line: testLine, Content: secret})
	})
	commit(t, j, func(tx *Tx) error { return tx.DeleteDraft(parley.DraftID{1}) })
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "snapshot")
	if _, err := Snapshot(t.Context(), dir, to); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want bool
	}{{filepath.Join(dir, fileName), true}, {to, false}} {
		b, err := os.ReadFile(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, secret[:25]) != c.want {
			t.Errorf("%s holds the text: %v", c.path, !c.want)
		}
	}
}

func TestSnapshotFails(t *testing.T) {
	j := withLogs(t, Options{})
	dir := filepath.Dir(j.lock.Name())
	to := filepath.Join(t.TempDir(), "snapshot")
	gone := func(what string) {
		t.Helper()
		if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s left a file: %v", what, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Snapshot(ctx, dir, to); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	gone("a snapshot that was cancelled")
	if _, err := Snapshot(t.Context(), t.TempDir(), to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no journal: %v", err)
	}
	gone("a snapshot of nothing")
	if err := os.WriteFile(to, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Snapshot(t.Context(), dir, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if b, err := os.ReadFile(to); err != nil || string(b) != "mine" {
		t.Errorf("the file that was there: %q, %v", b, err)
	}
}

// A snapshot does not bring a journal to another version, nor read one of another.
func TestSnapshotOfOtherVersions(t *testing.T) {
	for version, want := range map[string]error{"1": ErrOlder, "1000": ErrNewer} {
		dir := t.TempDir()
		j := open(t, dir, Options{})
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		c, err := dial(filepath.Join(dir, fileName), true)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.script(`PRAGMA user_version = `+version), c.close()); err != nil {
			t.Fatal(err)
		}
		if _, err := Snapshot(t.Context(), dir, filepath.Join(t.TempDir(), "snapshot")); !errors.Is(err, want) {
			t.Errorf("schema %s: %v", version, err)
		}
	}
}
