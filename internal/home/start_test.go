package home

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"parley"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/rostertest"
)

// started is a folder that was started twice, once before and once behind a copy of
// its journal, with a line that was served.
type started struct {
	t     *testing.T
	h     *Home
	lines []LineState
	older string
}

func newStarted(t *testing.T) *started {
	s := &started{t: t, h: &Home{dir: t.TempDir()}, older: filepath.Join(t.TempDir(), "journal")}
	s.lines = []LineState{{Name: "south", Step: Confirmed, Roster: rostertest.New(t).Roster}}
	s.ok(os.MkdirAll(s.h.keys(), 0o700))
	s.ok(s.start(false))
	s.serve()
	s.ok(os.CopyFS(s.older, os.DirFS(s.journal())))
	s.ok(s.start(false))
	return s
}

func (s *started) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *started) journal() string { return filepath.Join(s.h.dir, "journal") }

// start is one start of the station, as far as the counters see it.
func (s *started) start(restored bool) error {
	j, err := journal.Open(s.journal(), journal.Options{Reserve: -1})
	s.ok(err)
	return errors.Join(s.h.start(s.t.Context(), j, s.lines, restored), j.Close())
}

// serve makes the log that a station that serves the line has.
func (s *started) serve() {
	j, err := journal.Open(s.journal(), journal.Options{Reserve: -1})
	s.ok(err)
	s.ok(j.Commit(s.t.Context(), func(tx *journal.Tx) error {
		return tx.CreateLog(journal.Log{ID: parley.LogID{1}, Line: s.lines[0].Roster.Line, Party: "north", Mine: true})
	}))
	s.ok(j.Close())
}

// marked reports whether the journal says that it was restored.
func (s *started) marked() bool {
	j, err := journal.Open(s.journal(), journal.Options{Reserve: -1})
	s.ok(err)
	_, err = j.Meta("restored")
	s.ok(j.Close())
	if !errors.Is(err, journal.ErrNotFound) {
		s.ok(err)
	}
	return err == nil
}

// putBack puts the older journal in the place of the newer one.
func (s *started) putBack() {
	s.ok(os.RemoveAll(s.journal()))
	s.ok(os.CopyFS(s.journal(), os.DirFS(s.older)))
}

// An older journal that was put back is refused, and with a person's word taken as a
// restored one, once; the starts behind that are as all others.
func TestOlderJournal(t *testing.T) {
	s := newStarted(t)
	if err := s.start(true); err == nil || errors.Is(err, ErrRestored) {
		t.Errorf("the newest journal is no restored one: %v", err)
	}
	s.putBack()
	if err := s.start(false); !errors.Is(err, ErrRestored) {
		t.Errorf("without the word: %v", err)
	}
	if s.marked() {
		t.Error("it was marked without the word")
	}
	s.ok(s.start(true))
	if !s.marked() {
		t.Error("it does not know that it was restored")
	}
	s.ok(s.start(false))
	if n, err := keyring.Counter(s.h.keys()).Load(); n != 4 || err != nil {
		t.Errorf("%d starts are counted outside, %v; want 4", n, err)
	}
}

// A counter that was lost, or a journal, is as an older one.
func TestLostCounterOrJournal(t *testing.T) {
	for _, lost := range []string{filepath.Join("keys", "starts"), "journal"} {
		s := newStarted(t)
		s.ok(os.RemoveAll(filepath.Join(s.h.dir, lost)))
		if err := s.start(false); !errors.Is(err, ErrRestored) {
			t.Errorf("without %s: %v", lost, err)
		}
		s.ok(s.start(true))
		if !s.marked() {
			t.Errorf("without %s: it does not know that it was restored", lost)
		}
		s.ok(s.start(false))
	}
}

// Where every line was agreed since, nothing was signed that could be contradicted.
func TestOlderJournalWithNewLines(t *testing.T) {
	s := newStarted(t)
	s.putBack()
	s.lines = []LineState{{Name: "south", Step: Confirmed, Roster: rostertest.New(t).Roster, starts: 2}}
	if err := s.start(false); !errors.Is(err, ErrRestored) {
		t.Errorf("without the word: %v", err)
	}
	s.ok(s.start(true))
	if s.marked() {
		t.Error("it asks for a generation of a log that is new")
	}
}
