package station_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"parley"
	"parley/internal/journal"
	"parley/internal/station"
	"parley/internal/stationtest"
)

// smallDisk gives a side a disk of 8 MiB, and skips the test where none can be
// mounted.
func smallDisk(t *testing.T, s *stationtest.Side) (disk string) {
	t.Helper()
	disk = filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("SKIPPED: a small disk cannot be mounted here: %v", err)
	}
	s.Dir = filepath.Join(disk, "journal")
	t.Cleanup(func() {
		s.Stop()
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return disk
}

// On a full disk nothing is receipted, a release says that it was not stored,
// and when there is room again everything goes on, with nothing lost.
func TestFullDisk(t *testing.T) {
	w := stationtest.Prepare(t, two)
	disk := smallDisk(t, w.North)
	w.North.Start()
	w.South.Start()
	w.South.Proved(w.South.Say(parley.Routine, "one"))

	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	var refused int
	for range 1000 {
		_, err := w.North.Line.Release(context.Background(), w.North.Released(w.North.Content(parley.Routine, "no room for this")))
		if errors.Is(err, journal.ErrFull) {
			refused++
			break
		}
		if err != nil {
			t.Fatalf("a release on a full disk: %v, want journal.ErrFull", err)
		}
	}
	if refused == 0 {
		t.Fatal("a full disk stored a thousand messages")
	}
	n := w.South.Say(parley.Flash, "two")
	w.North.Await("the alarm", func(e station.Event) bool { return e.Kind == station.EventAlarm })
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.South.Proved(n)
	w.North.Proved(w.North.Say(parley.Routine, "there is room again"))
	if got := w.North.Held(); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("north holds %q", got)
	}
}

// fill writes to a file until the disk is full.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 16; size >= 1; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// On a full disk Flash passes both ways, from its draft and the epoch it comes
// under to its receipt, in the room that is kept for it; Routine waits for room
// and is not lost.
func TestFlashOnAFullDisk(t *testing.T) {
	w := stationtest.Prepare(t, two)
	disk := smallDisk(t, w.North)
	w.North.Reserve = 3 << 20
	var tight atomic.Bool
	w.North.Secrets.Full = func() bool { return tight.Load() && w.North.Journal.Health().Reserved > 0 }
	w.North.Start()
	w.South.Start()
	w.South.Proved(w.South.Say(parley.Routine, "one"))
	w.North.Proved(w.North.Say(parley.Routine, "ours"))
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	full := false
	for range 10_000 {
		_, err := w.North.Line.Release(t.Context(), w.North.Released(w.North.Content(parley.Routine, strings.Repeat("no room", 4000))))
		if full = errors.Is(err, journal.ErrFull); full {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !full {
		t.Fatal("the disk is not full")
	}

	// South starts anew, and so under a new epoch, for which there is no room either.
	tight.Store(true)
	w.South.Stop()
	w.South.Start()
	routine := w.South.Say(parley.Routine, strings.Repeat("waits", 6000))
	flash := w.South.Say(parley.Flash, "their flash")
	w.South.Await("the receipt of their flash", func(e station.Event) bool {
		return e.Kind == station.EventSingle && e.Ref.Number == flash
	})
	d, err := w.North.Line.Draft(t.Context(), w.North.Content(parley.Flash, "our flash"))
	if err != nil {
		t.Fatalf("a draft of a flash: %v", err)
	}
	var ref *parley.Ref
	for _, name := range []string{"north a", "north b"} {
		if _, ref, err = approve(t, w, d, name); err != nil {
			t.Fatalf("an approval of a flash: %v", err)
		}
	}
	w.North.Await("the receipt of our flash", func(e station.Event) bool {
		return e.Kind == station.EventSingle && e.Ref.Number == ref.Number
	})
	for range 10_000 { // what was given up may have left some room for others
		_, err := w.North.Line.Release(t.Context(), w.North.Released(w.North.Content(parley.Routine, strings.Repeat("no room", 4000))))
		if full = errors.Is(err, journal.ErrFull); full {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !full {
		t.Error("Routine was stored in the room that is kept for Flash")
	}

	tight.Store(false)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	w.South.Proved(routine)
	if got := w.North.Held(); len(got) != 3 {
		t.Errorf("north holds %d messages, want three", len(got))
	}
}
