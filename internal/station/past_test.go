package station

import (
	"context"
	"testing"

	"parley"
	"parley/internal/journal"
	"parley/transcript"
)

// Claims about sizes of a log that are long past are answered, and cost a
// bounded reading a turn, and a bounded number of readings.
func TestPastIsReadWithinBounds(t *testing.T) {
	j, err := journal.Open(t.TempDir(), journal.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	const size = 2*pastLeaves + 100
	log := parley.LogID{1}
	var roots []parley.Hash
	err = j.Commit(context.Background(), func(tx *journal.Tx) error {
		if err := tx.CreateLog(journal.Log{ID: log, Party: "north", Mine: true}); err != nil {
			return err
		}
		var tree transcript.Frontier
		for n := uint64(1); n <= size; n++ {
			leaf := parley.Hash{byte(n), byte(n >> 8)}
			tree.Append(leaf)
			roots = append(roots, tree.Root())
			if err := tx.Append(journal.Record{
				Log: log, Number: n, Leaf: leaf, Entry: []byte("entry"), At: 1,
				Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, State: journal.Believed,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	l := &Line{journal: j, past: past{log: log}}
	ask := func(tn *turn, of uint64, want bool) {
		t.Helper()
		before := tn.pastRead
		root, known, err := tn.pastRoot(&l.past, of)
		if err != nil || known != want || known && root != roots[of-1] {
			t.Errorf("at size %d: known %v, right %v, %v; want known %v", of, known, root == roots[of-1], err, want)
		}
		if tn.pastRead > pastLeaves {
			t.Errorf("a turn read %d leaves, %d of them for this", tn.pastRead, tn.pastRead-before)
		}
	}
	for _, known := range []bool{false, false, true} {
		tn := l.newTurn()
		for range 3 {
			ask(tn, size, known)
		}
	}
	ask(l.newTurn(), 10, false) // once through the log is enough for now
	l.served.total += pastEvery
	tn := l.newTurn()
	ask(tn, 10, true)
	ask(tn, 20, true)
	ask(tn, 10, false)
}
