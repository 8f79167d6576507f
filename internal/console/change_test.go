package console

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"parley"
	"parley/roster"
)

// A change of officers and keys is told in a sentence, and not by its document.
func TestBrief(t *testing.T) {
	key := ed25519.PublicKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)).Public().(ed25519.PublicKey))
	id := roster.KeyID(roster.RoleRoot, key)
	old := parley.KeyID{1, 2, 3}
	change := roster.Change{
		Party: "north", Number: 1, After: parley.Hash{1},
		Leave:  []roster.Leave{{Key: old, Name: "bob"}},
		Join:   []roster.Officer{{Name: "dora", Key: key, Desks: []parley.Desk{"north/duty"}}},
		Keys:   []roster.NewKey{{Role: roster.RoleRoot, Key: key}},
		Thefts: []roster.Compromise{{Role: roster.RoleOfficer, Key: old, Since: 17, Name: "bob"}},
	}
	v := said(1, "north", 1, "routine", string(change.Text()), 0)
	if got := Brief(v); got != v.Body {
		t.Errorf("of a text: %q", got)
	}
	v.Kind = parley.Change.String()
	want := "change: bob leaves north, dora joins north, north's root key becomes " + id.String() +
		", the key 0102030000000000 of bob of north is COMPROMISED since entry 17 of north"
	if got := Brief(v); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	v.Body = "parley-change v2\n"
	if got := Brief(v); got != "change: UNREADABLE: it is no change document that this program knows" {
		t.Errorf("of another document: %q", got)
	}
}
