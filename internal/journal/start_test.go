package journal

import (
	"context"
	"errors"
	"testing"
)

func start(j *Journal, counter uint64) error {
	return j.Commit(context.Background(), func(tx *Tx) error { return tx.Started(counter) })
}

// An older copy of the journal is refused, until its logs begin a new generation.
func TestRollbackIsRefused(t *testing.T) {
	j := withLogs(t, Options{})
	for counter := uint64(1); counter <= 3; counter++ {
		if err := start(j, counter); err != nil {
			t.Fatal(err)
		}
	}
	// A crash between the journal and the keyring: the keyring still holds 2.
	if err := start(j, 3); err != nil {
		t.Errorf("the same start again: %v", err)
	}
	err := start(j, 5) // the keyring holds 4, so a journal with 4 was left
	var rolled ErrRolledBack
	if !errors.As(err, &rolled) || rolled != (ErrRolledBack{Have: 3, Want: 4}) {
		t.Fatalf("got %v", err)
	}
	commit(t, j, func(tx *Tx) error {
		generation, err := tx.NewGeneration(5)
		if generation != 1 {
			t.Errorf("generation %d", generation)
		}
		return err
	})
	if err := start(j, 6); err != nil {
		t.Error(err)
	}
	if counter, generation, err := j.Starts(); counter != 6 || generation != 1 || err != nil {
		t.Errorf("start %d, generation %d, %v", counter, generation, err)
	}
}

// A journal that was deleted is a rollback too; the station's values are apart
// from the journal's own.
func TestEmptyIsARollback(t *testing.T) {
	j := withLogs(t, Options{})
	var rolled ErrRolledBack
	if err := start(j, 8); !errors.As(err, &rolled) || rolled != (ErrRolledBack{Have: 0, Want: 7}) {
		t.Errorf("got %v", err)
	}
	err := j.Commit(context.Background(), func(tx *Tx) error { return tx.SetMeta("counter", []byte("12345678")) })
	if err == nil {
		t.Error("the counter was set from outside")
	}
}
