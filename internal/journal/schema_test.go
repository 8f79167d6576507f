package journal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"parley"
)

// A file written by a newer version is refused, and left alone.
func TestNewerIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	c := dialTest(t, filepath.Join(dir, fileName))
	if err := c.script(`PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Reserve: -1}); !errors.Is(err, ErrNewer) {
		t.Fatalf("got %v", err)
	}
}

// testdata/v1.db was written by the first version, with writeVersion1, and is
// never written again: every later version opens it and reads what is in it.
func TestOpenVersion1(t *testing.T) {
	dir := t.TempDir()
	old, err := os.ReadFile(filepath.Join("testdata", "v1.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fileName), old, 0o600); err != nil {
		t.Fatal(err)
	}
	readVersion1(t, open(t, dir, Options{Check: true}))
}

// What version 1 wrote, this version writes and reads as well.
func TestWriteVersion1(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	commit(t, j, writeVersion1)
	readVersion1(t, j)
}

func readVersion1(t *testing.T, j *Journal) {
	t.Helper()
	for n := uint64(1); n <= 3; n++ {
		got, err := j.Record(northLog, n)
		if err != nil {
			t.Fatal(err)
		}
		if want := record(northLog, n); string(got.Entry) != string(want.Entry) || got.Leaf != want.Leaf || got.Draft != want.Draft || got.At != want.At {
			t.Errorf("entry %d reads %+v", n, got)
		}
	}
	logs, err := j.Logs(testLine)
	if err != nil || len(logs) != 2 {
		t.Errorf("%d logs, %v", len(logs), err)
	}
	if b, err := j.Single(northLog, 1); err != nil || string(b) != "receipt" {
		t.Errorf("receipt %q, %v", b, err)
	}
	if refusals, err := j.Refusals(southLog, 0, 10); err != nil || len(refusals) != 1 {
		t.Errorf("refusals %v, %v", refusals, err)
	}
	if drafts, err := j.Drafts(testLine); err != nil || len(drafts) != 1 {
		t.Errorf("drafts %v, %v", drafts, err)
	}
	if fates, err := j.Fates(northLog, 1); err != nil || len(fates) != 1 {
		t.Errorf("fates %v, %v", fates, err)
	}
	if counts, err := j.RefusedFrames(testLine); err != nil || len(counts) != 1 || counts[0].First != 1 || counts[0].Count != 1 {
		t.Errorf("refused frames %v, %v", counts, err)
	}
	if forks, err := j.Forks(testLine); err != nil || len(forks) != 1 {
		t.Errorf("forks %v, %v", forks, err)
	}
	if counter, generation, err := j.Starts(); err != nil || counter != 1 || generation != 0 {
		t.Errorf("start %d, generation %d, %v", counter, generation, err)
	}
}

func writeVersion1(tx *Tx) error {
	err := firstError(createLogs(tx), tx.PutSingle(northLog, 1, []byte("receipt")), tx.PutRefusal(southLog, 7, []byte("refusal")),
		tx.PutDraft(Draft{ID: parley.DraftID{1}, Line: testLine, At: 1, Precedence: parley.Flash, Status: parley.Real, Content: []byte("draft")}),
		tx.PutFate(northLog, 1, Fate{Channel: "a", Direction: Out, First: 1, Last: 2, Count: 3}),
		tx.CountFrames(FrameCount{Line: testLine, Channel: "a", Reason: "malformed", First: 1, Last: 1, Count: 1}), tx.PutFork(testLine, southLog, []byte("proof")), tx.Started(1))
	for n := uint64(1); n <= 3 && err == nil; n++ {
		err = tx.Append(record(northLog, n))
	}
	return err
}

// A step that fails, or is cut off, leaves the version before it, whole; the
// next start takes it up again.
func TestMigrationIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), fileName)
	first, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	next := int64(len(first) + 1)
	broken := append(first[:len(first):len(first)], step{version: next, sql: `CREATE TABLE extra (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);`})
	mended := append(first[:len(first):len(first)], step{version: next, sql: `CREATE TABLE extra (x INTEGER) STRICT;`})

	version := func(c *conn) int64 {
		n, err := c.oneInt(`PRAGMA user_version`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	c := dialTest(t, path)
	if err := migrate(c, broken); err == nil {
		t.Fatal("the broken step succeeded")
	}
	c.close()
	c = dialTest(t, path)
	if got := version(c); got != next-1 {
		t.Fatalf("after the broken step the version is %d", got)
	}
	// Cut off before its end: the connection goes away inside the transaction.
	if err := c.script("BEGIN IMMEDIATE;" + mended[len(mended)-1].sql); err != nil {
		t.Fatal(err)
	}
	c.close()
	c = dialTest(t, path)
	defer c.close()
	if err := migrate(c, mended); err != nil {
		t.Fatal(err)
	}
	if got := version(c); got != next {
		t.Fatalf("the version is %d", got)
	}
	if err := migrate(c, first); !errors.Is(err, ErrNewer) {
		t.Errorf("an older program: %v", err)
	}
}

func dialTest(t *testing.T, path string) *conn {
	t.Helper()
	c, err := dial(path, true)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
