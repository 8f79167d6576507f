package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"strings"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
)

// The line is made from a seed, because the processes of the fuzzer must have
// the same one. Each target tries the bytes as they are, and again with the right counts
// behind END, so that the fuzzer gets past the first gate. What parses must
// print to the same bytes.

func FuzzRoster(f *testing.F) {
	f.Add(rostertest.New(f, rostertest.Seed("fuzz"), rostertest.PostQuantum(), everyKind(), rostertest.QuorumKind(parley.Text, 2)).Roster.Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, recount(text)} {
			r, err := roster.ParseRoster(text)
			if err != nil {
				continue
			}
			if !bytes.Equal(r.Text(), text) {
				t.Fatalf("%q prints as %q", text, r.Text())
			}
			if r.Sides[0].Party >= r.Sides[1].Party || r.QuorumFor(parley.Flash, parley.Text) < 1 {
				t.Fatalf("%q is no roster", text)
			}
		}
	})
}

// The card is signed anew after every change, as a hostile party would.
func FuzzCard(f *testing.F) {
	l := rostertest.New(f, rostertest.Seed("fuzz"), rostertest.PostQuantum("north"))
	f.Add(l.North.Card)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, resign(text, l.North.RootKey)} {
			s, err := roster.ParseCard(text)
			if err != nil {
				continue
			}
			if !s.Root.Equal(l.North.Root) {
				t.Fatalf("a card that this root key did not sign: %q", text)
			}
			again, err := roster.NewCard(s, l.North.RootKey)
			if err != nil || !bytes.Equal(again, text) {
				t.Fatalf("%q prints as %q, %v", text, again, err)
			}
		}
	})
}

// cardSigned is what a root key signs, written by hand: the Sig_structure of
// RFC 9052 §4.4 for a text of 256 to 65,535 bytes.
func cardSigned(root ed25519.PublicKey, text []byte) []byte {
	id := roster.KeyID(roster.RoleRoot, root)
	b := append([]byte{0x84, 0x6a}, "Signature1"...)
	b = append(b, 0x4d, 0xa2, 0x01, 0x27, 0x04, 0x48) // {1: -8, 4: id}
	b = append(b, id[:]...)
	b = append(b, 0x4e)
	b = append(b, "parley/v1/card"...)
	b = append(b, 0x59)
	b = binary.BigEndian.AppendUint16(b, uint16(len(text)))
	return append(b, text...)
}

// resign puts a new root signature on a card that was changed.
func resign(card []byte, root ed25519.PrivateKey) []byte {
	text := string(card)
	if i := strings.LastIndex(text, "\nsignature root "); i >= 0 {
		text = text[:i+1]
	}
	if len(text) > roster.MaxFile-200 {
		return card
	}
	sig := ed25519.Sign(root, cardSigned(root.Public().(ed25519.PublicKey), []byte(text)))
	return recount([]byte(text + "signature root " + b64(sig) + "\nEND 0\n"))
}

func FuzzInvite(f *testing.F) {
	l := rostertest.New(f, rostertest.Seed("fuzz"), everyKind())
	f.Add(l.Invite)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, recount(text)} {
			i, err := roster.ParseInvite(text)
			if err != nil {
				continue
			}
			again, err := roster.Invite(l.North.Card, i.To, i.Terms)
			if err != nil || !bytes.Equal(again, text) {
				t.Fatalf("%q prints as %q, %v", text, again, err)
			}
			if _, r, err := roster.Accept(text, l.South.Card); err == nil && r.Words() == l.Roster.Words() && !bytes.Equal(text, l.Invite) {
				t.Fatalf("another invite, the same words: %q", text)
			}
		}
	})
}

func FuzzAccept(f *testing.F) {
	l := rostertest.New(f, rostertest.Seed("fuzz"), rostertest.PostQuantum("north"))
	f.Add(l.Accept)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, recount(text)} {
			a, err := roster.ParseAccept(text)
			if err != nil {
				continue
			}
			// Only south's root key signs cards here, and it signed one.
			want := bytes.Replace(l.Accept, l.Accept[bytes.IndexByte(l.Accept, '\n'):bytes.Index(l.Accept, []byte("\nparley-card"))],
				[]byte("\ninvite "+a.Invite.String()), 1)
			if !bytes.Equal(text, want) {
				t.Fatalf("%q prints as %q", text, want)
			}
			if r, err := roster.Confirm(l.Invite, text); err == nil && (r.Line != l.Roster.Line || !bytes.Equal(text, l.Accept)) {
				t.Fatalf("another accept is confirmed: %q", text)
			}
		}
	})
}

// No input makes CheckWords say yes but the words.
func FuzzCheckWords(f *testing.F) {
	r := rostertest.New(f, rostertest.Seed("fuzz")).Roster
	f.Add(r.Words())
	f.Add("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon")
	f.Fuzz(func(t *testing.T, typed string) {
		if same := strings.Join(strings.Fields(strings.ToLower(typed)), " ") == r.Words(); (r.CheckWords(typed) == nil) != same && len(typed) <= 1024 {
			t.Fatalf("%q: %v", typed, r.CheckWords(typed))
		}
	})
}

// everyKind gives the line a channel of each kind.
func everyKind() rostertest.Option {
	return rostertest.Channels(
		roster.Channel{Name: "one", Kind: roster.TCP, Listener: "north", Address: "192.0.2.7:4700"},
		roster.Channel{Name: "two", Kind: roster.Pouch, Narrow: true},
		roster.Channel{Name: "three", Kind: roster.Pipe})
}

// What parses as a change prints to the same bytes, and whatever it is, applying
// it leaves the history that it is applied to as it was.
func FuzzChange(f *testing.F) {
	l := rostertest.New(f, rostertest.Seed("fuzz"), rostertest.PostQuantum("north"))
	h := roster.NewHistory(l.Roster)
	c, was := l.Roster.Sides[0].Officers[2], l.Roster.Sides[0].Hash()
	full, err := h.Draft("north", 8, roster.Change{
		Leave: []roster.Leave{{Key: c.KeyID(), Name: c.Name}},
		Join:  []roster.Officer{{Name: "north d", Key: fuzzKey(1), Desks: c.Desks}, {Name: "north é", Key: fuzzKey(2), Desks: c.Desks[:1]}},
		Keys:  []roster.NewKey{{Role: roster.RoleHop, Key: fuzzKey(3)}},
		Thefts: []roster.Compromise{
			{Role: roster.RoleOfficer, Key: c.KeyID(), Since: 3, Name: c.Name},
			{Role: roster.RoleHop, Key: roster.KeyID(roster.RoleHop, l.North.Hop), Since: 2},
		},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full.Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, recount(text)} {
			c, err := roster.ParseChange(text)
			if err != nil {
				continue
			}
			if !bytes.Equal(c.Text(), text) {
				t.Fatalf("%q prints as %q", text, c.Text())
			}
			after, err := h.Apply("north", roster.Place{Number: 9}, c)
			if now, _ := h.Now("north"); now.Hash() != was || len(h.Versions("north")) != 1 {
				t.Fatal("the history was changed in place")
			}
			if err != nil {
				continue
			}
			if side, _ := after.Now("north"); side.Hash() != c.After || after.At("north", 9) != l.Roster || after.At("north", 10) == l.Roster {
				t.Fatalf("%q makes something else than it says", text)
			}
		}
	})
}

// fuzzKey is a public key that every process of the fuzzer has.
func fuzzKey(n byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
}
