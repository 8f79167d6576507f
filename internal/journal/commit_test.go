package journal

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestCommitIsRead(t *testing.T) {
	j := withLogs(t, Options{})
	want := record(northLog, 1)
	commit(t, j, func(tx *Tx) error { return tx.Append(want) })
	got, err := j.Record(northLog, 1)
	if err != nil {
		t.Fatal(err)
	}
	want.Seq = 1
	if string(got.Entry) != string(want.Entry) || got.Leaf != want.Leaf || got.Draft != want.Draft || got.Seq != 1 {
		t.Errorf("read %+v, want %+v", got, want)
	}
}

// submit leaves fn to the committer, and has done called with the outcome.
func submit(j *Journal, fn func(*Tx) error, done func(error)) {
	if !j.queue.add(&task{fn: fn, done: done}) {
		done(ErrClosed)
		return
	}
	j.queue.wake()
}

// What a failing closure did is undone, and nothing else in its transaction.
func TestFailureIsAlone(t *testing.T) {
	j := withLogs(t, Options{})
	mine := errors.New("mine")
	outcomes := make(chan error, 4)
	report := func(err error) { outcomes <- err }
	// The first closure holds the committer until the others wait together.
	ready := make(chan struct{})
	submit(j, func(*Tx) error { <-ready; return nil }, report)
	submit(j, func(tx *Tx) error { return tx.Append(record(northLog, 1)) }, report)
	submit(j, func(tx *Tx) error {
		if err := tx.Append(record(northLog, 2)); err != nil {
			return err
		}
		if err := tx.PutSingle(northLog, 1, []byte("no")); err != nil {
			return err
		}
		return mine
	}, report)
	submit(j, func(tx *Tx) error { return tx.Append(record(northLog, 3)) }, report)
	close(ready)
	for i, want := range []error{nil, nil, mine, nil} {
		if err := wait(t, outcomes, "an outcome"); !errors.Is(err, want) {
			t.Errorf("closure %d: %v, want %v", i, err, want)
		}
	}
	for n, want := range map[uint64]error{1: nil, 2: ErrNotFound, 3: nil} {
		if _, err := j.Record(northLog, n); !errors.Is(err, want) {
			t.Errorf("entry %d: %v, want %v", n, err, want)
		}
	}
	if _, err := j.Single(northLog, 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("the receipt of the failed closure: %v", err)
	}
}

// Outcomes come in the order of submission, whatever the size of a transaction.
func TestOutcomesAreInOrder(t *testing.T) {
	j := withLogs(t, Options{Group: 7})
	var order []int
	last := make(chan struct{})
	for i := range 100 {
		submit(j, func(*Tx) error { return nil }, func(err error) {
			if err != nil {
				t.Error(err)
			}
			if order = append(order, i); len(order) == 100 {
				close(last)
			}
		})
	}
	wait(t, last, "the last outcome")
	if !slices.IsSorted(order) {
		t.Errorf("order %v", order)
	}
}

// A commit whose caller gives up before its turn is not written; the
// committer does not wait for it.
func TestCommitIsWithdrawn(t *testing.T) {
	j := withLogs(t, Options{})
	busy, goOn := make(chan struct{}), make(chan struct{})
	submit(j, func(*Tx) error { close(busy); <-goOn; return nil }, func(error) {})
	wait(t, busy, "the committer")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := j.Commit(ctx, func(tx *Tx) error { return tx.Append(record(northLog, 1)) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(goOn)
	commit(t, j, func(tx *Tx) error {
		if _, err := tx.Record(northLog, 1); !errors.Is(err, ErrNotFound) {
			t.Errorf("the withdrawn entry: %v", err)
		}
		return nil
	})
}

func TestPanicIsAnError(t *testing.T) {
	j := withLogs(t, Options{})
	err := j.Commit(context.Background(), func(tx *Tx) error {
		if err := tx.Append(record(northLog, 1)); err != nil {
			return err
		}
		panic("poison")
	})
	if err == nil || !strings.Contains(err.Error(), "poison") {
		t.Fatalf("got %v", err)
	}
	commit(t, j, func(tx *Tx) error { return tx.Append(record(northLog, 1)) })
}
