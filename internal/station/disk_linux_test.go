package station_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"parley"
	"parley/internal/journal"
	"parley/internal/station"
	"parley/internal/stationtest"
)

// On a full disk nothing is receipted, a release says that it was not stored,
// and when there is room again everything goes on, with nothing lost.
func TestFullDisk(t *testing.T) {
	w := stationtest.Prepare(t, two)
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("SKIPPED: a small disk cannot be mounted here: %v", err)
	}
	w.North.Dir = filepath.Join(disk, "north")
	t.Cleanup(func() {
		w.North.Stop()
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
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
