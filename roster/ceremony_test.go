package roster_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
)

// R26: both parties come out of the ceremony with the same bytes and words.
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
	if !reflect.DeepEqual(north, south) {
		t.Fatalf("the rosters differ:\n%+v\n%+v", north, south)
	}
	if !bytes.Equal(north.Text(), south.Text()) || north.Words() != south.Words() {
		t.Fatalf("the rosters differ:\n%s\n%s", north.Text(), south.Text())
	}
	if err := north.CheckWords(south.Words()); err != nil {
		t.Fatal(err)
	}
	if got := north.Sides[0].Prekeys; !reflect.DeepEqual(got, l.North.Prekeys) {
		t.Error("the prekeys of the card did not reach the roster")
	}
	if bytes.Contains(north.Text(), []byte("prekey")) {
		t.Error("the roster text holds prekeys, which are consumed")
	}
}

func TestTheInviterMaySortLast(t *testing.T) {
	l := rostertest.New(t)
	terms := l.Roster.Terms
	invite, err := roster.Invite(l.South.Card, "north", terms)
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := roster.Accept(invite, l.North.Card)
	if err != nil {
		t.Fatal(err)
	}
	if r.Line != l.Roster.Line {
		t.Error("who invites changes the line")
	}
}

// Whoever changes a byte of either file on its way is refused, or makes the
// words differ: people are the last check.
func TestEveryByteOfTheFilesIsBound(t *testing.T) {
	// One prekey stands for all: the files are shorter.
	few := func(parley.LogID) ([][]byte, []byte) { return nil, bytes.Repeat([]byte{1}, roster.PrekeySize) }
	l := rostertest.New(t, rostertest.Prekeys("north", few), rostertest.Prekeys("south", few))
	words := l.Roster.Words()
	step := 1
	if testing.Short() {
		step = 13 // coprime to the 8 bits that are tried in turn
	}
	for i := 0; i < len(l.Invite); i += step {
		bad := bytes.Clone(l.Invite)
		bad[i] ^= 1 << (i % 8)
		if _, r, err := roster.Accept(bad, l.South.Card); err == nil && r.Words() == words {
			t.Fatalf("invite: byte %d changed, accepted under the same words", i)
		}
		if _, err := roster.Confirm(bad, l.Accept); err == nil {
			t.Fatalf("invite: byte %d changed, and the accept still fits it", i)
		}
	}
	for i := 0; i < len(l.Accept); i += step {
		bad := bytes.Clone(l.Accept)
		bad[i] ^= 1 << (i % 8)
		if r, err := roster.Confirm(l.Invite, bad); err == nil && r.Words() == words {
			t.Fatalf("accept: byte %d changed, confirmed under the same words", i)
		}
	}
}

func TestTermsChangedOnTheWayChangeTheWords(t *testing.T) {
	l := rostertest.New(t)
	softer := bytes.Replace(l.Invite, []byte("quorum flash 2"), []byte("quorum flash 1"), 1)
	accept, south, err := roster.Accept(softer, l.South.Card)
	if err != nil {
		t.Fatal(err)
	}
	if south.Words() == l.Roster.Words() {
		t.Error("other terms, same words")
	}
	if _, err := roster.Confirm(l.Invite, accept); !errors.Is(err, roster.ErrInvite) {
		t.Errorf("Confirm of an accept for other terms: %v, want ErrInvite", err)
	}
}

func TestCeremonyRefuses(t *testing.T) {
	l := rostertest.New(t)
	other := rostertest.New(t)
	terms := l.Roster.Terms

	if _, err := roster.Invite(l.North.Card, "north", terms); !errors.Is(err, roster.ErrParty) {
		t.Errorf("north invites north: %v", err)
	}
	if _, err := roster.Invite(l.North.Card, "North", terms); !errors.Is(err, parley.ErrName) {
		t.Errorf("a name that is none: %v", err)
	}
	if _, _, err := roster.Accept(l.Invite, other.North.Card); !errors.Is(err, roster.ErrParty) {
		t.Errorf("north accepts what is for south: %v", err)
	}
	if _, err := roster.Confirm(other.Invite, l.Accept); !errors.Is(err, roster.ErrInvite) {
		t.Errorf("accept of another invite: %v", err)
	}
	if _, err := roster.Confirm(l.Accept, l.Invite); !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("files the wrong way round: %v", err)
	}

	// South's card takes over a key of north.
	for name, take := range map[string]func(*roster.Side){
		"hop":     func(s *roster.Side) { s.Hop = l.North.Hop },
		"role":    func(s *roster.Side) { s.Receipt = l.North.Station },
		"officer": func(s *roster.Side) { s.Officers[1].Key = l.North.Root },
		"log id":  func(s *roster.Side) { s.Log = l.North.Log },
	} {
		side := cloneSide(l.South.Side)
		take(&side)
		card, err := roster.NewCard(side, l.South.RootKey)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := roster.Accept(l.Invite, card); !errors.Is(err, roster.ErrKey) || !strings.Contains(err.Error(), "north") {
			t.Errorf("%s of north on south's card: %v", name, err)
		}
	}
}

func TestQuorumOutOfReachSaysWhatToDo(t *testing.T) {
	l := rostertest.New(t)
	terms := l.Roster.Terms
	terms.Quorum = map[parley.Precedence]int{1: 4, 2: 1, 3: 1, 4: 1}
	_, err := roster.Invite(l.North.Card, "south", terms)
	if !errors.Is(err, roster.ErrQuorum) {
		t.Fatalf("quorum 4 of 3 officers: %v", err)
	}
	for _, want := range []string{"flash 4", "north", "3 officers", "lower the quorum"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}

	// North can reach it, south cannot: south learns so when it accepts.
	side := cloneSide(l.South.Side)
	side.Desks = side.Desks[1:]
	side.Officers = side.Officers[:1]
	card, err := roster.NewCard(side, l.South.RootKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := roster.Accept(l.Invite, card); !errors.Is(err, roster.ErrQuorum) || !strings.Contains(err.Error(), "south") {
		t.Errorf("two officers of one: %v", err)
	}

	// Officers of different desks do not add up: release needs them for one desk.
	side = cloneSide(l.South.Side)
	side.Officers = side.Officers[1:]
	side.Officers[1].Desks = []parley.Desk{"south/chief"}
	if card, err = roster.NewCard(side, l.South.RootKey); err != nil {
		t.Fatal(err)
	}
	if _, _, err := roster.Accept(l.Invite, card); !errors.Is(err, roster.ErrQuorum) {
		t.Errorf("one officer for each of two desks: %v", err)
	}
}

// Deniable traffic takes keys on both cards, and the keys such terms.
func TestEvidenceFitsTheCards(t *testing.T) {
	l := rostertest.New(t)
	terms := l.Roster.Terms
	terms.Evidence = roster.Deniable
	if _, err := roster.Invite(l.North.Card, "south", terms); !errors.Is(err, roster.ErrDeniable) {
		t.Errorf("Invite: %v", err)
	}
	invite := recount(bytes.Replace(l.Invite, []byte("evidence attributable"), []byte("evidence deniable"), 1))
	if _, _, err := roster.Accept(invite, l.South.Card); !errors.Is(err, roster.ErrDeniable) || !strings.Contains(err.Error(), "no deniable key") {
		t.Errorf("Accept: %v", err)
	}
	for _, mode := range []string{roster.Deniable, roster.NonPapers} {
		d := rostertest.New(t, rostertest.Evidence(mode))
		if again, err := roster.ParseRoster(d.Roster.Text()); err != nil || again.Terms.Evidence != mode || !bytes.Equal(again.Sides[0].Deniable, d.Roster.Sides[0].Deniable) {
			t.Errorf("%s: read again: %v", mode, err)
		}
		if _, err := roster.Invite(d.North.Card, "south", l.Roster.Terms); !errors.Is(err, roster.ErrDeniable) {
			t.Errorf("%s: attributable terms with the card: %v", mode, err)
		}
		if _, _, err := roster.Accept(d.Invite, l.South.Card); !errors.Is(err, roster.ErrDeniable) {
			t.Errorf("%s: a card without the key: %v", mode, err)
		}
		if _, _, err := roster.Accept(l.Invite, d.South.Card); !errors.Is(err, roster.ErrDeniable) {
			t.Errorf("%s: a card with the key: %v", mode, err)
		}
		reflected := d.South.Side
		reflected.Deniable = d.North.Deniable
		card, err := roster.NewCard(reflected, d.South.RootKey)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := roster.Accept(d.Invite, card); !errors.Is(err, roster.ErrKey) {
			t.Errorf("%s: south has north's key: %v", mode, err)
		}
		for _, weak := range [][]byte{make([]byte, 32), append([]byte{1}, make([]byte, 31)...), make([]byte, 31)} {
			side := d.South.Side
			side.Deniable = weak
			if _, err := roster.NewCard(side, d.South.RootKey); !errors.Is(err, roster.ErrKey) {
				t.Errorf("%s: key %x: %v", mode, weak, err)
			}
		}
	}
}

func TestLookups(t *testing.T) {
	l := rostertest.New(t, rostertest.QuorumKind(parley.Acknowledgement, 1))
	r := l.Roster
	if s, ok := r.Side("south"); !ok || s.Log != l.South.Log {
		t.Error("Side(south)")
	}
	if s, ok := r.Peer("south"); !ok || s.Party != "north" {
		t.Error("Peer(south)")
	}
	if s, ok := r.Log(l.North.Log); !ok || s.Party != "north" {
		t.Error("Log(north's)")
	}
	id, _ := l.South.Officer(t, "south c")
	if o, ok := r.Officer("south", id); !ok || o.Name != "south c" || !o.Speaks("south/chief") || o.Speaks("north/chief") {
		t.Error("Officer(south c)")
	}
	if _, ok := r.Officer("north", id); ok {
		t.Error("an officer of south is one of north")
	}
	for _, p := range []parley.Party{"", "east"} {
		if _, ok := r.Side(p); ok {
			t.Errorf("Side(%q)", p)
		}
		if _, ok := r.Peer(p); ok {
			t.Errorf("Peer(%q)", p)
		}
		if _, ok := r.Officer(p, id); ok {
			t.Errorf("Officer(%q)", p)
		}
	}
	if _, ok := r.Log(parley.LogID{}); ok {
		t.Error("Log(zero)")
	}
	for _, c := range []struct {
		p    parley.Precedence
		k    parley.Kind
		want int
	}{
		{parley.Flash, parley.Text, 2}, {parley.Routine, parley.Text, 1},
		{parley.Flash, parley.Acknowledgement, 1},
		{0, parley.Text, 0}, {5, parley.Text, 0}, {0, parley.Acknowledgement, 0},
	} {
		if got := r.QuorumFor(c.p, c.k); got != c.want {
			t.Errorf("QuorumFor(%v, %v) = %d, want %d", c.p, c.k, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	var line parley.LineID
	var log parley.LogID
	line[0], log[15] = 0xab, 0xcd
	zeros := strings.Repeat("0", 62)
	if got, want := roster.LogOrigin(line, log), "parley/v1/ab"+zeros+"/"+zeros[:30]+"cd"; got != want {
		t.Errorf("LogOrigin = %s, want %s", got, want)
	}
	if roster.LogKeyName(line, log) != roster.LogOrigin(line, log) {
		t.Error("the log key is not named as the log")
	}
	if got, want := roster.ReceiptKeyName(line, "north"), "parley/v1/ab"+zeros+"/receipt/north"; got != want {
		t.Errorf("ReceiptKeyName = %s, want %s", got, want)
	}
}
