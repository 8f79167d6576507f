package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"

	"parley/internal/rostertest"
	"parley/roster"
)

// Each key of a role stands until the next, and counts up to what the entry that
// ended it had seen; a key that stood does not come back, in any role.
func TestTerms(t *testing.T) {
	l := rostertest.New(t)
	fresh := func() ed25519.PublicKey { return l.North.Hire(t, "no officer").Key }
	h := roster.NewHistory(l.Roster)
	rolls := []struct {
		role roster.Role
		at   roster.Place
		key  ed25519.PublicKey
	}{
		{roster.RoleReceipt, roster.Place{Number: 3, Seen: 5}, fresh()},
		{roster.RoleStation, roster.Place{Number: 4, Seen: 5}, fresh()},
		{roster.RoleReceipt, roster.Place{Number: 9}, fresh()}, // says that it has seen nothing: its own affair
		{roster.RoleRoot, roster.Place{Number: 12, Seen: 8}, fresh()},
	}
	for _, r := range rolls {
		c, err := h.Draft("north", r.at.Number-1, roster.Change{Keys: []roster.NewKey{{Role: r.role, Key: r.key}}})
		if err != nil {
			t.Fatal(err)
		}
		if h, err = h.Apply("north", r.at, c); err != nil {
			t.Fatal(err)
		}
	}
	now, _ := h.Now("north")
	receipts := h.Terms("north", roster.RoleReceipt)
	want := []roster.Term{
		{Key: rolls[2].key, From: 10},
		{Key: rolls[0].key, From: 4, Ended: roster.Place{Number: 9}},
		{Key: l.North.Side.Receipt, From: 1, Ended: roster.Place{Number: 3, Seen: 5}},
	}
	if len(receipts) != len(want) {
		t.Fatalf("%d receipt keys, want %d", len(receipts), len(want))
	}
	for i, w := range want {
		if g := receipts[i]; !bytes.Equal(g.Key, w.Key) || g.From != w.From || g.Ended != w.Ended {
			t.Errorf("receipt key %d: from %d, ended %+v; want from %d, %+v", i, g.From, g.Ended, w.From, w.Ended)
		}
	}
	if s := h.Terms("north", roster.RoleStation); len(s) != 2 || !bytes.Equal(s[0].Key, now.Station) || s[1].Ended != (roster.Place{Number: 4, Seen: 5}) {
		t.Errorf("station keys %+v", s)
	}
	for role, n := range map[roster.Role]int{roster.RoleLog: 1, roster.RoleHop: 1, roster.RoleRoot: 2, roster.RoleOfficer: 0} {
		if got := h.Terms("north", role); len(got) != n {
			t.Errorf("%d %s keys, want %d", len(got), role, n)
		}
	}
	if h.Terms("west", roster.RoleStation) != nil {
		t.Error("a party of another line has keys")
	}

	// Old keys do not come back, in whatever role.
	for _, old := range []ed25519.PublicKey{l.North.Side.Receipt, rolls[0].key, rolls[1].key, l.North.Side.Root, l.South.Side.Station} {
		for _, role := range []roster.Role{roster.RoleReceipt, roster.RoleStation, roster.RoleRoot, roster.RoleHop} {
			if _, err := h.Draft("north", 12, roster.Change{Keys: []roster.NewKey{{Role: role, Key: old}}}); !errors.Is(err, roster.ErrChange) {
				t.Errorf("%s as the %s key: %v", roster.KeyID(role, old), role, err)
			}
		}
	}
	for _, v := range h.Keys("north") {
		if v.Role == roster.RoleReceipt && v.From == 1 && (v.To != 3 || v.Seen != 5) {
			t.Errorf("the first receipt key was valid %d to %d, up to %d", v.From, v.To, v.Seen)
		}
	}

	for name, c := range map[string]struct {
		term roster.Term
		at   roster.Place
		want bool
	}{
		"in force":                     {receipts[0], roster.Place{Number: 1 << 39, Seen: 1 << 39}, true},
		"seen by the change":           {receipts[2], roster.Place{Number: 5, Seen: 2}, true},
		"ahead of a gap":               {receipts[2], roster.Place{Number: 6, Seen: 2}, true},
		"an answer to the change":      {receipts[2], roster.Place{Number: 6, Seen: 3}, false},
		"long after":                   {receipts[2], roster.Place{Number: 600, Seen: 30}, false},
		"that says it foresaw the end": {receipts[2], roster.Place{Number: 5, Seen: 9}, true},
	} {
		if got := c.term.CountsFor(c.at); got != c.want {
			t.Errorf("an entry %s: counts %v", name, got)
		}
	}
	for size, want := range map[uint64]bool{0: true, 5: true, 6: false} {
		if receipts[2].CountsTo(size) != want || !receipts[0].CountsTo(size) {
			t.Errorf("size %d: counts %v", size, !want)
		}
	}
}
