package deniable_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley"
	"parley/deniable"
	"parley/internal/rostertest"
	"parley/roster"
	"parley/wire"
)

func line(t testing.TB, o ...rostertest.Option) *rostertest.Line {
	t.Helper()
	return rostertest.New(t, append(o, rostertest.Evidence(roster.NonPapers))...)
}

// content is a text from a desk to the other party.
func content(t testing.TB, d *deniable.Line, from parley.Desk, p parley.Precedence) []byte {
	t.Helper()
	peer, _ := d.Roster().Peer(from.Party())
	b, err := wire.AppendContent(nil, wire.Content{
		Line: d.Roster().Line, Draft: parley.DraftID{1}, From: from, To: []parley.Desk{peer.Desks[0]},
		Precedence: p, Status: parley.Real, Kind: parley.Text, Language: "en", Body: "A pause?",
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func derive(t testing.TB, l *rostertest.Line, me *rostertest.Party) *deniable.Line {
	t.Helper()
	d, err := deniable.New(l.Roster, me.Party, me.DeniableKey)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Both sides come to one roster and to one set of keys: each has the other's.
func TestBothSidesDeriveTheSame(t *testing.T) {
	l := line(t)
	n, s := derive(t, l, l.North), derive(t, l, l.South)
	if got, want := string(n.Roster().Text()), string(s.Roster().Text()); got != want {
		t.Fatalf("north derives\n%s\nsouth\n%s", got, want)
	}
	if n.Roster().Line == l.Roster.Line || n.Roster().Terms.Evidence != roster.Deniable {
		t.Errorf("the derived roster is that of line %s, evidence %s", n.Roster().Line, n.Roster().Terms.Evidence)
	}
	for _, p := range []parley.Party{"north", "south"} {
		side, _ := n.Roster().Side(p)
		k, err := s.Keys(p)
		if err != nil {
			t.Fatal(err)
		}
		if !side.LogKey.Equal(k.Log().Public()) || !side.Station.Equal(k.Station().Public()) || !side.Receipt.Equal(k.Receipt().Public()) {
			t.Errorf("the keys of %s are not those of the derived roster", p)
		}
		for _, prec := range []parley.Precedence{parley.Flash, parley.Routine} {
			sigs, err := s.Sign(content(t, n, parley.Desk(p+"/duty"), prec))
			if err != nil || len(sigs) != n.Roster().QuorumFor(prec, parley.Text) {
				t.Fatalf("%s of %s: %d signatures, %v", prec, p, len(sigs), err)
			}
			for _, sig := range sigs {
				if _, ok := n.Roster().Officer(p, sig.Key); !ok {
					t.Errorf("%s of %s: signed by a key that is no officer's", prec, p)
				}
			}
		}
	}
}

// Nothing of the agreed keys is in the derived roster: a signature on one line
// means nothing on the other.
func TestNoKeyOnBothLines(t *testing.T) {
	l := line(t)
	derived := string(derive(t, l, l.North).Roster().Text())
	for row := range strings.Lines(string(l.Roster.Text())) {
		switch word, rest, _ := strings.Cut(strings.TrimSpace(row), " "); word {
		case "log", "root", "log-key", "station", "receipt", "hop", "officer":
			if value, _, _ := strings.Cut(rest, " "); strings.Contains(derived, value) {
				t.Errorf("%s %s stands in both rosters", word, value)
			}
		}
	}
}

// Another line of the same parties, with the same deniable keys, has other keys.
func TestBoundToTheLine(t *testing.T) {
	l := line(t)
	other := *l.Roster
	other.Line[0]++
	a := derive(t, l, l.North)
	b, err := deniable.New(&other, "north", l.North.DeniableKey)
	if err != nil {
		t.Fatal(err)
	}
	if a.Roster().Sides[0].LogKey.Equal(b.Roster().Sides[0].LogKey) {
		t.Error("two lines have one log key")
	}
}

func TestRefused(t *testing.T) {
	l := line(t)
	plain := rostertest.New(t)
	if _, err := deniable.New(plain.Roster, "north", l.North.DeniableKey); !errors.Is(err, roster.ErrDeniable) {
		t.Errorf("an attributable line: %v", err)
	}
	if _, err := deniable.New(l.Roster, "west", l.North.DeniableKey); !errors.Is(err, roster.ErrParty) {
		t.Errorf("a third party: %v", err)
	}
	stranger, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d, err := deniable.New(l.Roster, "north", stranger)
	if err != nil {
		t.Fatal(err)
	}
	if d.Roster().Line == derive(t, l, l.North).Roster().Line {
		t.Error("a stranger's key derives the line")
	}
	weak := *l.Roster
	weak.Sides[1].Deniable = make([]byte, 32)
	if _, err := deniable.New(&weak, "north", l.North.DeniableKey); !errors.Is(err, deniable.ErrSecret) {
		t.Errorf("a key with which anybody knows the secret: %v", err)
	}
}

// A party with 16 desks has keys for each of them.
func TestManyDesks(t *testing.T) {
	l := line(t)
	r := *l.Roster
	for i := range 14 {
		r.Sides[0].Desks = append(r.Sides[0].Desks, parley.Desk(fmt.Sprintf("north/x%02d", i)))
	}
	d, err := deniable.New(&r, "north", l.North.DeniableKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, desk := range r.Sides[0].Desks {
		if _, err := d.Sign(content(t, d, desk, parley.Flash)); err != nil {
			t.Error(err)
		}
	}
}

func TestNothingIsPrinted(t *testing.T) {
	l := line(t)
	d := derive(t, l, l.North)
	k, err := d.Keys("north")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%v %+v %#v %s %x", k.Log(), k.Station(), k.Receipt(), k.Log(), k.Log()); strings.ContainsAny(strings.ToLower(got), "0123456789") {
		t.Errorf("a key prints as %s", got)
	}
}
