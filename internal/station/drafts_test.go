package station_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/release"
)

// approve signs a draft of north with one of its officers' keys.
func approve(t *testing.T, w *stationtest.World, d station.Draft, officer string) (station.Draft, *parley.Ref, error) {
	t.Helper()
	_, key := w.Line.North.Officer(t, officer)
	sig, err := release.Approve(d.Content, key)
	if err != nil {
		t.Fatal(err)
	}
	return w.North.Line.Approve(context.Background(), d.ID, sig)
}

// Two officers who approve at the same moment release the message, once.
func TestApprovalsAtOnce(t *testing.T) {
	w := stationtest.New(t, two)
	for range 20 {
		d, err := w.North.Line.Draft(t.Context(), w.North.Content(parley.Flash, "two officers"))
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		released := make(chan parley.Ref, 2)
		for _, officer := range []string{"north a", "north b"} {
			wg.Go(func() {
				_, ref, err := approve(t, w, d, officer)
				if err != nil {
					t.Errorf("%s approves: %v", officer, err)
				}
				if ref != nil {
					released <- *ref
				}
			})
		}
		wg.Wait()
		if len(released) != 1 {
			t.Fatalf("released %d times", len(released))
		}
	}
}

// The approval that completes the quorum is stored with the entry, not before:
// a station that dies in between leaves a draft that waits for that officer.
func TestLastApprovalIsStoredWithTheEntry(t *testing.T) {
	w := stationtest.New(t, two)
	d, err := w.North.Line.Draft(t.Context(), w.North.Content(parley.Flash, "two officers"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := approve(t, w, d, "north a"); err != nil {
		t.Fatal(err)
	}
	resume := w.North.Line.Pause()
	released := make(chan *parley.Ref)
	go func() {
		_, ref, err := approve(t, w, d, "north b")
		if err != nil {
			t.Errorf("north b approves: %v", err)
		}
		released <- ref
	}()
	w.North.Line.AwaitInputs(1)
	between, err := w.North.Line.DraftOf(d.ID)
	if err != nil || len(between.Approved) != 1 {
		t.Errorf("before the entry is durable: approved by %q, %v", between.Approved, err)
	}
	resume()
	if ref := <-released; ref == nil {
		t.Fatal("not released")
	}
	if _, err := w.North.Line.DraftOf(d.ID); !errors.Is(err, station.ErrNoDraft) {
		t.Errorf("after it was released: %v, want ErrNoDraft", err)
	}
}

// A draft is approved once by each officer, and after it was withdrawn by none.
func TestDraftWithdrawn(t *testing.T) {
	w := stationtest.New(t, two)
	d, err := w.North.Line.Draft(t.Context(), w.North.Content(parley.Flash, "never sent"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := approve(t, w, d, "north a"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := approve(t, w, d, "north a"); !errors.Is(err, station.ErrSigned) {
		t.Errorf("a second approval by the same officer: %v, want ErrSigned", err)
	}
	if err := w.North.Line.Withdraw(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := approve(t, w, d, "north b"); !errors.Is(err, station.ErrNoDraft) {
		t.Errorf("an approval of a withdrawn draft: %v, want ErrNoDraft", err)
	}
	if err := w.North.Line.Withdraw(t.Context(), d.ID); !errors.Is(err, station.ErrNoDraft) {
		t.Errorf("withdrawn twice: %v, want ErrNoDraft", err)
	}
	for _, k := range []station.EventKind{station.EventDraft, station.EventDraft, station.EventWithdrawn} {
		w.North.Await("news of the draft, of its approval and of its end", func(e station.Event) bool { return e.Kind == k && e.Text == d.ID.String() })
	}
	if got := w.North.Held(); len(got) != 0 {
		t.Errorf("south was sent %q", got)
	}
}

// An entry that was held before its log was halted, and never cosigned, is
// receipted by itself when it comes again.
func TestHeldBeforeTheHaltIsReceipted(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	first := f.Good("one")
	f.Send(f.Frame(first))
	w.North.Await("the first", arrived(1))
	f.Send(f.Frame(f.CheckpointOf(1, parley.Hash{7})))
	w.North.Await("the alarm", of(station.EventAlarm))
	f.Send(f.Frame(first))
	f.Send(f.Frame(f.Good("two")))
	w.North.Await("the second", arrived(2))
	for n := uint64(1); n <= 2; n++ {
		if _, err := w.North.Journal.Single(f.Side.Log, n); err != nil {
			t.Errorf("entry %d has no receipt: %v", n, err)
		}
	}
}
