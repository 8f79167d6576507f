package station_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley"
	"parley/internal/journal"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/roster"
	"parley/transcript"
)

// rekeyed reports that the log of a party goes on by another key.
func rekeyed(p parley.Party) func(station.Event) bool {
	return func(e station.Event) bool {
		return e.Kind == station.EventRoster && e.Ref.Number > 0 && strings.Contains(e.Text, string(p)+" has another log key")
	}
}

// rollLog has a side bring another log key.
func rollLog(t *testing.T, w *stationtest.World, s *stationtest.Side, stolen bool) {
	t.Helper()
	party := w.Line.North
	if s == w.South {
		party = w.Line.South
	}
	ref, err := s.Line.Release(context.Background(), s.Released(s.Change(rolling(t, party, s.Line.History(), stolen, roster.RoleLog))))
	if err != nil {
		t.Fatal(err)
	}
	s.Proved(ref.Number)
}

// Both sides bring another log key, and another again, while they talk and are stopped
// and started between the steps: no message is lost or renamed, each generation is by
// its own key, and an auditor with the first roster proves all of it
// (spec/GENERATION.md §8).
func TestLogKeyRolledAtBothEnds(t *testing.T) {
	for name, stolen := range map[string]bool{"rolled": false, "stolen": true} {
		t.Run(name, func(t *testing.T) {
			w := stationtest.New(t, two)
			sides := []*stationtest.Side{w.North, w.South}
			for round := range 2 {
				for i, s := range sides {
					s.Proved(s.Say(parley.Routine, "before"))
					w.North.Forget()
					w.South.Forget()
					rollLog(t, w, s, stolen)
					for _, at := range sides {
						at.Await("the other log key", rekeyed(s.Line.Self().Party))
					}
					if (round+i)%2 == 0 {
						for _, at := range sides {
							at.Stop()
							at.Start()
						}
					}
					for _, at := range sides {
						at.Proved(at.Say(parley.Flash, "by the key that came"))
					}
				}
			}
			doubtful(t, w, stolen)
			for _, s := range sides {
				all := s.Line.History().Generations(s.Line.Self().Party)
				if len(all) != 3 || all[1].Key.Equal(all[0].Key) || all[2].Key.Equal(all[1].Key) {
					t.Errorf("the log of %s has %d generations", s.Line.Self().Party, len(all))
				}
				report := proved(t, s, w.Line.Roster)
				for _, log := range report.Logs {
					if log.Receipted != log.Size || len(log.Refused) > 0 {
						t.Errorf("of %s %d of %d entries are receipted and %d refused", log.Party, log.Receipted, log.Size, len(log.Refused))
					}
				}
				for _, e := range s.Events() {
					if e.Kind == station.EventAlarm {
						t.Errorf("alarm: %s", e.Text)
					}
				}
			}
		})
	}
}

// doubtful has north keep a proof by south's first log key: it is told as in doubt if the
// key was told as compromised, and not otherwise (spec/GENERATION.md §8).
func doubtful(t *testing.T, w *stationtest.World, stolen bool) {
	t.Helper()
	var notes [2][]byte
	for i := range notes {
		c, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: w.Line.Roster.Line, Log: w.Line.South.Log, Size: 1, Root: parley.Hash{byte(i)}}, w.Line.South.LogKey)
		if err != nil {
			t.Fatal(err)
		}
		notes[i] = c.Note()
	}
	proof, err := transcript.AppendFork(nil, transcript.Fork{A: notes[0], B: notes[1]})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.North.Journal.Commit(t.Context(), func(tx *journal.Tx) error {
		return tx.PutFork(w.Line.Roster.Line, w.Line.South.Log, proof)
	}); err != nil {
		t.Fatal(err)
	}
	id := roster.KeyID(roster.RoleLog, w.Line.South.Side.LogKey).String()
	told, err := w.North.Line.Forks()
	if err != nil || len(told) != 1 || strings.Contains(told[0].InDoubt, "south says that its log key "+id+" was compromised") != stolen || (told[0].InDoubt != "") != stolen {
		t.Errorf("told %+v, %v", told, err)
	}
	if st, err := w.North.Line.Status(t.Context()); err != nil || (st.Theirs.LogKeyDoubt != "") != stolen {
		t.Errorf("status %+v, %v", st.Theirs, err)
	}
}

// A station that dies behind any commit on the way goes on with it, whichever side it
// is; and what is said meanwhile is said once.
func TestLogKeyRolledOverCrashes(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many stations")
	}
	for _, c := range []struct {
		who     string
		commits int64
	}{{"north", 4}, {"south", 3}} {
		for at := range c.commits {
			t.Run(fmt.Sprintf("%s dies behind commit %d", c.who, at+1), func(t *testing.T) {
				w := stationtest.Prepare(t, two)
				dies := w.North
				if c.who == "south" {
					dies = w.South
				}
				var armed atomic.Bool
				var commits atomic.Int64
				ended := make(chan struct{}, 1)
				dies.Started = func(l *station.Line) {
					l.CrashWhen(func() bool { return armed.Load() && commits.Add(1) == at+1 })
				}
				dies.Ended = func(err error) {
					if err != nil {
						ended <- struct{}{}
					}
				}
				w.North.Start()
				w.South.Start()
				w.North.Proved(w.North.Say(parley.Routine, "before"))
				w.Cut()
				_, err := w.North.Line.Release(context.Background(), w.North.Released(w.North.Change(rolling(t, w.Line.North, w.North.Line.History(), false, roster.RoleLog))))
				if err != nil {
					t.Fatal(err)
				}
				dies.Stop()
				armed.Store(true)
				dies.Start()
				w.Restore()
				if c.who == "south" {
					w.North.Say(parley.Flash, "meanwhile")
				}
				select {
				case <-ended:
				case <-time.After(2 * time.Minute):
					t.Fatal("it did not die within two minutes")
				}
				if dies.Crashed() == nil {
					t.Fatal("it ended without having died")
				}
				armed.Store(false)
				dies.Start()
				if c.who == "north" {
					w.North.Say(parley.Flash, "meanwhile")
				}
				for _, s := range []*stationtest.Side{w.North, w.South} {
					if len(s.Line.History().Generations("north")) < 2 {
						s.Await("the other log key", rekeyed("north"))
					}
				}
				w.South.Proved(w.South.Say(parley.Flash, "answer"))
				w.North.Proved(w.North.Say(parley.Routine, "after"))
				proved(t, w.North, w.Line.Roster)
				proved(t, w.South, w.Line.Roster)
				said := bodiesOf(t, w.North)
				if held := w.South.Held(); !slices.Equal(held, said) || len(said) != 4 {
					t.Errorf("north said %q, and south holds %q", said, held)
				}
			})
		}
	}
}
