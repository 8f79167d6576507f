package roster_test

import (
	"bytes"
	"testing"

	"parley/internal/rostertest"
	"parley/roster"
)

func TestBothSidesGetTheSameRoster(t *testing.T) {
	l := rostertest.New(t)
	accept, south, err := roster.Accept(l.Invite, l.South.Card)
	if err != nil {
		t.Fatal(err)
	}
	north, err := roster.Confirm(l.Invite, accept)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(north.Text(), south.Text()) || north.Words() != south.Words() {
		t.Fatalf("the rosters differ:\n%s\n%s", north.Text(), south.Text())
	}
	again, err := roster.ParseRoster(north.Text())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Text(), north.Text()) || again.Line != north.Line {
		t.Fatal("the roster does not print as it was read")
	}
	if err := north.CheckWords(again.Words()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%s", north.Text(), north.Words())
}

func FuzzRoster(f *testing.F) {
	l := rostertest.New(f)
	f.Add(l.Roster.Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := roster.ParseRoster(text); err == nil && !bytes.Equal(r.Text(), text) {
			t.Fatalf("%q prints as %q", text, r.Text())
		}
	})
}

func FuzzCeremonyFiles(f *testing.F) {
	l := rostertest.New(f)
	f.Add(l.Invite)
	f.Add(l.Accept)
	f.Add(l.South.Card)
	f.Fuzz(func(t *testing.T, text []byte) {
		roster.ParseCard(text)
		roster.ParseInvite(text)
		roster.ParseAccept(text)
	})
}
