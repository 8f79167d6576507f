package home

import (
	"strings"
	"testing"

	"parley/internal/rostertest"
)

// A confirmation is for one roster, and for nothing that was written otherwise.
func TestConfirmationIsOfOneRoster(t *testing.T) {
	s := LineState{Roster: rostertest.New(t).Roster}
	text := confirmedText(s, 7, "2026-11-28T12:00:00Z")
	if n, ok := parseConfirmed(s, text); !ok || n != 7 {
		t.Fatalf("read %d, %v; want 7", n, ok)
	}
	other := LineState{Roster: rostertest.New(t).Roster}
	if _, ok := parseConfirmed(other, text); ok {
		t.Error("it counts for another roster")
	}
	for _, changed := range []string{
		"", "\n\n\n\n", string(text) + "\n", strings.Replace(string(text), "starts 7", "starts 07", 1),
		strings.Replace(string(text), "starts", "begins", 1), strings.TrimSuffix(string(text), "\n"),
	} {
		if _, ok := parseConfirmed(s, []byte(changed)); ok {
			t.Errorf("%q counts", changed)
		}
	}
}

func FuzzConfirmed(f *testing.F) {
	s := LineState{Roster: rostertest.New(f).Roster}
	f.Add(confirmedText(s, 0, "2026-11-28T12:00:00Z"))
	f.Add([]byte("line\nwords\nstarts 1\nconfirmed\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, ok := parseConfirmed(s, b); ok && n > 0 && !strings.Contains(string(b), s.Roster.Words()) {
			t.Fatalf("%q counts for %s", b, s.Roster.Line)
		}
	})
}
