package journal

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"parley"
)

// A log that is cut has what was below, counted anew, and nothing of what was
// above; its drafts may be used again.
func TestCutLog(t *testing.T) {
	j := withLogs(t, Options{Reserve: -1})
	var rows []Record
	commit(t, j, func(tx *Tx) (err error) {
		for n := uint64(1); n <= 5 && err == nil; n++ {
			r := record(northLog, n)
			rows = append(rows, r)
			err = firstError(tx.Append(r), tx.PutSingle(northLog, n, []byte("receipt")),
				tx.PutFate(northLog, n, Fate{Channel: "a", Direction: Out, First: 1, Last: 2, Count: 3}))
		}
		for _, n := range []uint64{4, 2, 5, 1} {
			err = firstError(err, tx.PutRefusal(northLog, n, []byte{byte(n)}))
		}
		return err
	})
	log, err := j.Log(northLog)
	if err != nil {
		t.Fatal(err)
	}
	log.Size, log.Head = 3, parley.Hash{3}
	commit(t, j, func(tx *Tx) error {
		return firstError(tx.PutStray(Stray{Line: testLine, Party: "north", Draft: rows[3].Draft, Shown: true, Entry: rows[3].Entry}), tx.CutLog(log))
	})
	if got, err := j.Log(northLog); err != nil || got.Size != 3 || got.Head != log.Head {
		t.Errorf("the log: %+v, %v", got, err)
	}
	if _, err := j.Record(northLog, 4); err == nil {
		t.Error("entry 4 is there")
	}
	if _, err := j.Single(northLog, 5); err == nil {
		t.Error("the receipt of entry 5 is there")
	}
	refusals, err := j.Refusals(northLog, 0, 10)
	if err != nil || len(refusals) != 2 || refusals[0].Number != 2 || refusals[0].Seq != 1 || refusals[1].Number != 1 || refusals[1].Seq != 2 {
		t.Errorf("refusals %+v, %v", refusals, err)
	}
	strays, err := j.Strays(testLine, "north", 9)
	if err != nil || len(strays) != 1 || strays[0].Draft != rows[3].Draft || !strays[0].Shown {
		t.Errorf("strays %+v, %v", strays, err)
	}
	if _, err := j.Stray(testLine, "north", rows[3].Draft); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that has no number: %v", err)
	}
	commit(t, j, func(tx *Tx) error { return tx.PlaceStray(testLine, "north", rows[3].Draft, 7) })
	if s, err := j.Stray(testLine, "north", rows[3].Draft); err != nil || !s.Shown || !bytes.Equal(s.Entry, rows[3].Entry) {
		t.Errorf("one that has a number: %+v, %v", s, err)
	}
	if strays, err := j.Strays(testLine, "north", 9); err != nil || len(strays) != 0 {
		t.Errorf("strays %+v, %v", strays, err)
	}
	again := rows[3]
	commit(t, j, func(tx *Tx) error {
		return firstError(tx.Append(again), tx.DeleteStray(testLine, "north", again.Draft), tx.DeleteStray(testLine, "north", again.Draft))
	})
	if strays, err := j.Strays(testLine, "north", 9); err != nil || len(strays) != 0 {
		t.Errorf("strays %+v, %v", strays, err)
	}
}

// Generation statements come back in the order in which they were kept.
func TestGenerations(t *testing.T) {
	j := withLogs(t, Options{Reserve: -1})
	want := []Generation{{"south", []byte("first")}, {"north", []byte("second")}, {"south", []byte("third")}}
	commit(t, j, func(tx *Tx) (err error) {
		for _, g := range want {
			err = firstError(err, tx.PutGeneration(testLine, g))
		}
		return err
	})
	got, err := j.Generations(testLine)
	if err != nil || !slices.EqualFunc(got, want, func(a, b Generation) bool { return a.Party == b.Party && bytes.Equal(a.Statement, b.Statement) }) {
		t.Errorf("generations %q, %v", got, err)
	}
	if got, err := j.Generations(parley.LineID{9}); err != nil || len(got) != 0 {
		t.Errorf("generations of another line %q, %v", got, err)
	}
}
