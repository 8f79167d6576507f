package roster_test

import (
	"errors"
	"slices"
	"testing"

	"parley/internal/rostertest"
	"parley/roster"
)

// The history says for every entry which officers count, and for every key when
// it was valid; what was said before a change is not touched by it.
func TestHistory(t *testing.T) {
	l := rostertest.New(t)
	h := roster.NewHistory(l.Roster)
	desks := l.North.Side.Desks
	d, e := l.North.Hire(t, "north d", desks...), l.North.Hire(t, "north e", desks...)
	a := l.Roster.Sides[0].Officers[0]
	first, err := h.Draft("north", 4, roster.Change{Join: []roster.Officer{d}})
	if err != nil {
		t.Fatal(err)
	}
	h1, err := h.Apply("north", roster.Place{Number: 5}, first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := h1.Draft("north", 9, roster.Change{
		Leave: []roster.Leave{{Key: a.KeyID(), Name: a.Name}}, Join: []roster.Officer{e},
		Thefts: []roster.Compromise{{Role: roster.RoleOfficer, Key: a.KeyID(), Since: 7, Name: a.Name}},
	})
	if err != nil {
		t.Fatal(err)
	}
	h2, err := h1.Apply("north", roster.Place{Number: 10}, second)
	if err != nil {
		t.Fatal(err)
	}
	names := func(n uint64) (names []string) {
		side, _ := h2.At("north", n).Side("north")
		for _, o := range side.Officers {
			names = append(names, o.Name)
		}
		return names
	}
	for n, want := range map[uint64][]string{
		1: {"north a", "north b", "north c"}, 5: {"north a", "north b", "north c"},
		6: {"north a", "north b", "north c", "north d"}, 10: {"north a", "north b", "north c", "north d"},
		11: {"north b", "north c", "north d", "north e"}, 1 << 62: {"north b", "north c", "north d", "north e"},
	} {
		if got := names(n); !slices.Equal(got, want) {
			t.Errorf("entry %d: %q, want %q", n, got, want)
		}
	}
	if h2.At("south", 99) != l.Roster || h2.At("west", 1) != l.Roster || h2.Versions("west") != nil || h2.Keys("west") != nil {
		t.Error("north changed another side than its own")
	}
	for n, want := range map[uint64]bool{6: false, 7: true, 10: true} {
		if _, in := h2.Doubt("north", a.KeyID(), n); in != want {
			t.Errorf("entry %d in doubt: %v", n, in)
		}
	}
	for _, k := range h2.Keys("north") {
		want := roster.Validity{Role: k.Role, Name: k.Name, Key: k.Key, From: 1}
		switch k.Name {
		case "north a":
			want.To, want.Doubt = 10, 7
		case "north d":
			want.From = 6
		case "north e":
			want.From = 11
		}
		if k.From != want.From || k.To != want.To || k.Doubt != want.Doubt {
			t.Errorf("key of %s %q: %+v", k.Role, k.Name, k)
		}
	}

	// The same changes again, in other places and orders.
	for name, c := range map[string]struct {
		h *roster.History
		n uint64
		c *roster.Change
	}{
		"twice": {h1, 6, first}, "before the one it follows": {h, 5, second}, "twice, later": {h2, 11, second},
	} {
		if _, err := c.h.Apply("north", roster.Place{Number: c.n}, c.c); !errors.Is(err, roster.ErrChange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Entry 5 judged again, as an auditor or a screen does: what came later is left out.
	if again, err := h2.Apply("north", roster.Place{Number: 5}, first); err != nil || len(again.Versions("north")) != 2 {
		t.Errorf("entry 5 again: %v", err)
	}
	// A key that left does not come back, and a later notice reaches further back only.
	if _, err := h2.Draft("north", 10, roster.Change{Join: []roster.Officer{a}}); !errors.Is(err, roster.ErrChange) {
		t.Errorf("a key that left joins: %v", err)
	}
	notice := func(since uint64) roster.Change {
		return roster.Change{Thefts: []roster.Compromise{{Role: roster.RoleOfficer, Key: a.KeyID(), Since: since, Name: a.Name}}}
	}
	if _, err := h2.Draft("north", 10, notice(8)); !errors.Is(err, roster.ErrChange) {
		t.Errorf("less is in doubt than was said: %v", err)
	}
	third, err := h2.Draft("north", 10, notice(2))
	if err != nil {
		t.Fatal(err)
	}
	h3, err := h2.Apply("north", roster.Place{Number: 11}, third)
	if err != nil {
		t.Fatal(err)
	}
	if _, in := h3.Doubt("north", a.KeyID(), 2); !in {
		t.Error("a notice that reaches further back is not taken")
	}
}

// Officers may have names that look like the words of a notice.
func TestNoticeOfOddName(t *testing.T) {
	l := rostertest.New(t)
	h := roster.NewHistory(l.Roster)
	o := l.North.Hire(t, "x approved what this key signed in entries 3 and later of north", l.North.Side.Desks...)
	if len(o.Name) > 64 {
		o.Name = o.Name[:64]
	}
	for o.Name[len(o.Name)-1] == ' ' {
		o.Name = o.Name[:len(o.Name)-1]
	}
	join, err := h.Draft("north", 0, roster.Change{Join: []roster.Officer{o}})
	if err != nil {
		t.Fatal(err)
	}
	if h, err = h.Apply("north", roster.Place{Number: 1}, join); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Draft("north", 3, roster.Change{
		Leave:  []roster.Leave{{Key: o.KeyID(), Name: o.Name}},
		Thefts: []roster.Compromise{{Role: roster.RoleOfficer, Key: o.KeyID(), Since: 3, Name: o.Name}},
	}); err != nil {
		t.Error(err)
	}
}
