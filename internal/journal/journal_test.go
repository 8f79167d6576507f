package journal

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"parley"
)

// The two logs and the line of the tests.
var (
	testLine = parley.LineID{1: 'l'}
	northLog = parley.LogID{0: 'n'}
	southLog = parley.LogID{0: 's'}
)

// open opens a journal without a reserve, and closes it with the test.
func open(t testing.TB, dir string, o Options) *Journal {
	t.Helper()
	if o.Reserve == 0 {
		o.Reserve = -1
	}
	j, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return j
}

// wait returns what c gives, or ends the test when it gives nothing.
func wait[T any](t testing.TB, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
	return v
}

func commit(t testing.TB, j *Journal, fn func(*Tx) error) {
	t.Helper()
	if err := j.Commit(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// withLogs opens a journal that has the two logs.
func withLogs(t testing.TB, o Options) *Journal {
	t.Helper()
	j := open(t, t.TempDir(), o)
	commit(t, j, createLogs)
	return j
}

func createLogs(tx *Tx) error {
	return firstError(
		tx.CreateLog(Log{ID: northLog, Line: testLine, Party: "north", Mine: true}),
		tx.CreateLog(Log{ID: southLog, Line: testLine, Party: "south"}),
	)
}

// record is entry n of a log, with a content of its own.
func record(log parley.LogID, n uint64) Record {
	entry := binary.BigEndian.AppendUint64(append(make([]byte, 0, 300), log[:]...), n)
	entry = entry[:300]
	r := Record{
		Log: log, Number: n, Entry: entry, Leaf: sha256.Sum256(entry), At: parley.Time(1000 + n),
		Precedence: parley.Precedence(n%4 + 1), Status: parley.Real, Kind: parley.Text, State: Believed,
	}
	copy(r.Draft[:], r.Leaf[:])
	return r
}
