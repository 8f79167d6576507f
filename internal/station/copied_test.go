package station_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/transcript"
)

// aside copies what a stopped side has of its journal.
func aside(t *testing.T, s *stationtest.Side) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(s.Dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A station that runs on an older copy of its journal learns from the other
// side's cosignature that its log is longer elsewhere: it signs nothing more,
// also after a restart, and still receives (DESIGN §4, restored state).
func TestOlderCopyHalts(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Proved(w.North.Say(parley.Routine, "one"))
	w.North.Stop()
	copied := aside(t, w.North)
	w.North.Start()
	w.North.Proved(w.North.Say(parley.Routine, "two"))
	w.North.Stop()

	w.North.Dir = copied
	w.North.Forget()
	w.North.Start()
	w.North.Await("the alarm", halted)
	for range 2 {
		_, err := w.North.Line.Release(context.Background(), w.North.Released(w.North.Content(parley.Flash, "never")))
		if !errors.Is(err, station.ErrHalted) {
			t.Errorf("a release on the copy: %v, want ErrHalted", err)
		}
		w.North.Stop()
		w.North.Start()
	}
	w.South.Proved(w.South.Say(parley.Routine, "still heard"))
	if got := w.North.Received(); !slices.Equal(got, []string{"still heard"}) {
		t.Errorf("north received %q", got)
	}
	if got := w.South.Received(); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("south received %q", got)
	}
}

// Two copies of one station that both signed leave the other side with a proof
// of it, whichever log is the longer; what it held first stands, the later
// copy halts, and the line still carries what the other side says.
func TestTwoCopiesAreProved(t *testing.T) {
	for name, first := range map[string][]string{"of one size": {"two"}, "the first is longer": {"two", "three", "four"}} {
		t.Run(name, func(t *testing.T) {
			w := stationtest.New(t, two)
			w.North.Proved(w.North.Say(parley.Routine, "one"))
			w.North.Stop()
			copied := aside(t, w.North)
			w.North.Start()
			for _, body := range first {
				w.North.Proved(w.North.Say(parley.Routine, body))
			}
			w.North.Stop()

			w.North.Dir = copied
			w.North.Forget()
			w.South.Forget()
			w.Cut()
			w.North.Start()
			w.North.Say(parley.Routine, "another two")
			w.Restore()
			w.North.Await("the alarm of the copy", halted)
			w.South.Await("the proof", func(e station.Event) bool {
				forks, err := w.South.Journal.Forks(w.Line.Roster.Line)
				if err != nil {
					t.Fatal(err)
				}
				return len(forks) > 0
			})
			_, err := w.North.Line.Release(context.Background(), w.North.Released(w.North.Content(parley.Flash, "never")))
			if !errors.Is(err, station.ErrHalted) {
				t.Errorf("a release on the copy: %v, want ErrHalted", err)
			}
			w.South.Proved(w.South.Say(parley.Routine, "still heard"))
			if got, want := w.South.Received(), append([]string{"one"}, first...); !slices.Equal(got, want) {
				t.Errorf("south received %q, want %q", got, want)
			}
			forks, err := w.South.Journal.Forks(w.Line.Roster.Line)
			if err != nil || len(forks) != 1 {
				t.Fatalf("%d forks kept, %v", len(forks), err)
			}
			fork, err := transcript.ParseFork(forks[0].Bytes)
			if err != nil {
				t.Fatal(err)
			}
			if party, err := fork.Check(w.Line.Roster); err != nil || party != "north" {
				t.Errorf("the proof is against %q, %v", party, err)
			}
		})
	}
}
