package roster_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
)

// randomTerms returns terms within the limits, for parties north and south
// with three officers each.
func randomTerms(r *rand.Rand) roster.Terms {
	t := roster.DefaultTerms()
	for p := parley.Flash; p <= parley.Routine; p++ {
		t.Quorum[p] = 1 + r.IntN(3)
	}
	for _, k := range []parley.Kind{parley.Text, parley.Acknowledgement} {
		if r.IntN(2) == 0 {
			if t.QuorumKind == nil {
				t.QuorumKind = make(map[parley.Kind]int)
			}
			t.QuorumKind[k] = 1 + r.IntN(3)
		}
	}
	for i := range 1 + r.IntN(roster.MaxChannels) {
		c := roster.Channel{Name: fmt.Sprintf("c-%d", i), Narrow: r.IntN(2) == 0}
		switch c.Kind = []string{roster.TCP, roster.QUIC, roster.Pouch, roster.Pipe}[r.IntN(4)]; c.Kind {
		case roster.TCP, roster.QUIC:
			c.Listener = []parley.Party{"north", "south"}[r.IntN(2)]
			c.Address = fmt.Sprintf("192.0.2.%d:%d", r.IntN(256), 1+r.IntN(65535))
		}
		t.Channels = append(t.Channels, c)
	}
	unit := []time.Duration{time.Millisecond, time.Second, time.Minute}[r.IntN(3)]
	t.CheckEvery = max(100*time.Millisecond, unit*time.Duration(r.IntN(1000)))
	t.PouchWindow = time.Minute + unit*time.Duration(r.IntN(500_000))
	t.Languages = []string{"en", "ru", "zh-Hant", "fa"}[:1+r.IntN(4)]
	return t
}

// What is put into an invite comes out of it, whatever it is, and the line is
// the same whoever invites.
func TestTermsComeBack(t *testing.T) {
	l := rostertest.New(t)
	r := rand.New(rand.NewPCG(1, 2))
	lines := make(map[parley.LineID]bool)
	const rounds = 30
	for range rounds {
		terms := randomTerms(r)
		invite, err := roster.Invite(l.North.Card, "south", terms)
		if err != nil {
			t.Fatalf("%+v: %v", terms, err)
		}
		i, err := roster.ParseInvite(invite)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(i, roster.Invited{To: "south", From: l.North.Side, Terms: terms}) {
			t.Fatalf("%+v came back as %+v", terms, i)
		}
		_, one, err := roster.Accept(invite, l.South.Card)
		if err != nil {
			t.Fatal(err)
		}
		if invite, err = roster.Invite(l.South.Card, "north", terms); err != nil {
			t.Fatal(err)
		}
		_, other, err := roster.Accept(invite, l.North.Card)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(one, other) {
			t.Fatalf("the line depends on who invites:\n%s\n%s", one.Text(), other.Text())
		}
		again, err := roster.ParseRoster(one.Text())
		if err != nil {
			t.Fatal(err)
		}
		for i := range again.Sides { // the text holds no prekeys
			again.Sides[i].Prekeys, again.Sides[i].LastResort = one.Sides[i].Prekeys, one.Sides[i].LastResort
		}
		if !reflect.DeepEqual(one, again) {
			t.Fatalf("%+v\n\tcame back as %+v", one, again)
		}
		lines[one.Line] = true
	}
	if len(lines) != rounds {
		t.Errorf("%d different terms made %d lines", rounds, len(lines))
	}
}

// Sides of every shape come back from their card.
func TestSidesComeBack(t *testing.T) {
	l := rostertest.New(t)
	r := rand.New(rand.NewPCG(3, 4))
	names := []string{"Ann O’Neil", "Иван Петров", "李 明", "نادر", "J.-P. 2", "Đặng", "नीता"}
	for range 30 {
		s := cloneSide(l.North.Side)
		s.Desks, s.Prekeys = nil, s.Prekeys[:r.IntN(3)]
		for i := range 1 + r.IntN(8) {
			s.Desks = append(s.Desks, parley.Desk(fmt.Sprintf("north/d%d", i)))
		}
		for i := range s.Officers {
			s.Officers[i].Name = fmt.Sprintf("%d %s", i, names[r.IntN(len(names))])
			s.Officers[i].Desks = s.Desks[:1+r.IntN(len(s.Desks))]
		}
		s.Officers[r.IntN(3)].Desks = s.Desks // every desk has an officer
		card, err := roster.NewCard(s, l.North.RootKey)
		if err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		back, err := roster.ParseCard(card)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Prekeys) == 0 {
			s.Prekeys = nil
		}
		if !reflect.DeepEqual(back, s) {
			t.Fatalf("%+v\n\tcame back as %+v", s, back)
		}
	}
}

// Every field of the terms and of a side's identity is in the line id; prekeys are not.
func TestEveryFieldIsInTheLine(t *testing.T) {
	l := rostertest.New(t)
	line := func(side roster.Side, terms roster.Terms) parley.LineID {
		t.Helper()
		card, err := roster.NewCard(side, l.South.RootKey)
		if err != nil {
			t.Fatal(err)
		}
		invite, err := roster.Invite(l.North.Card, side.Party, terms)
		if err != nil {
			t.Fatal(err)
		}
		_, r, err := roster.Accept(invite, card)
		if err != nil {
			t.Fatal(err)
		}
		return r.Line
	}
	spare := rostertest.New(t).South
	seen := map[parley.LineID]string{l.Roster.Line: "nothing"}
	different := func(what string, id parley.LineID) {
		t.Helper()
		if other, ok := seen[id]; ok {
			t.Errorf("%s changed: the line is that of %s changed", what, other)
		}
		seen[id] = what
	}
	for what, change := range map[string]func(*roster.Side){
		"language":      func(s *roster.Side) { s.Language = "fr" },
		"log":           func(s *roster.Side) { s.Log = spare.Log },
		"log key":       func(s *roster.Side) { s.LogKey = spare.Side.LogKey },
		"station":       func(s *roster.Side) { s.Station = spare.Station },
		"receipt":       func(s *roster.Side) { s.Receipt = spare.Receipt },
		"hop":           func(s *roster.Side) { s.Hop = spare.Hop },
		"desk":          func(s *roster.Side) { s.Desks = s.Desks[1:]; s.Officers[2].Desks = s.Desks },
		"officer":       func(s *roster.Side) { s.Officers = s.Officers[1:] },
		"officer name":  func(s *roster.Side) { s.Officers[0].Name = "south 0" },
		"officer key":   func(s *roster.Side) { s.Officers[0].Key = spare.Side.Officers[0].Key },
		"officer desks": func(s *roster.Side) { s.Officers[0].Desks = s.Desks },
	} {
		side := cloneSide(l.South.Side)
		change(&side)
		different(what, line(side, l.Roster.Terms))
	}
	for what, change := range map[string]func(*roster.Terms){
		"quorum":           func(t *roster.Terms) { t.Quorum[parley.Routine] = 2 },
		"quorum of a kind": func(t *roster.Terms) { t.QuorumKind = map[parley.Kind]int{parley.Text: 2} },
		"channel":          func(t *roster.Terms) { t.Channels = t.Channels[1:] },
		"channel order":    func(t *roster.Terms) { t.Channels[0], t.Channels[1] = t.Channels[1], t.Channels[0] },
		"channel kind":     func(t *roster.Terms) { t.Channels[0].Kind = roster.Pouch },
		"narrow":           func(t *roster.Terms) { t.Channels[0].Narrow = true },
		"check":            func(t *roster.Terms) { t.CheckEvery += time.Second },
		"languages":        func(t *roster.Terms) { t.Languages = []string{"en", "ru"} },
		"pouch window":     func(t *roster.Terms) { t.PouchWindow += time.Second },
	} {
		terms := cloneTerms(l.Roster.Terms)
		change(&terms)
		different(what, line(l.South.Side, terms))
	}
	side := cloneSide(l.South.Side)
	side.Prekeys, side.LastResort = spare.Prekeys, spare.LastResort
	if line(side, l.Roster.Terms) != l.Roster.Line {
		t.Error("other prekeys made another line; they are consumed, and no part of it")
	}
}
