// Package rostertest makes, for tests, a line of two parties, north and south,
// with all its keys in memory. The roster is made by the real ceremony.
package rostertest

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/mlkem"
	"crypto/rand"
	"crypto/sha3"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"filippo.io/mldsa"

	"parley"
	"parley/roster"
)

// Line is a line with the keys of both parties.
type Line struct {
	Roster       *roster.Roster
	North, South *Party

	// Invite and Accept are the files of the ceremony: north invites.
	Invite, Accept []byte
}

// Party is one side and its private keys.
type Party struct {
	roster.Side
	Card []byte

	RootKey, LogKey, StationKey, ReceiptKey, HopKey ed25519.PrivateKey

	// ReceiptPQKey is nil on a line made without PostQuantum.
	ReceiptPQKey *mldsa.PrivateKey

	// DeniableKey is nil on a line whose evidence is attributable.
	DeniableKey *ecdh.PrivateKey

	// Officers are the keys of the officers by name: "north a" and "north b"
	// may release for north/duty, "north c" for north/duty and north/chief;
	// likewise for south.
	Officers map[string]ed25519.PrivateKey

	hiring sync.Mutex // of Officers
}

// Officer returns the id and the key of the officer with this name.
func (p *Party) Officer(t testing.TB, name string) (parley.KeyID, ed25519.PrivateKey) {
	t.Helper()
	key, ok := p.Officers[name]
	if !ok {
		t.Fatalf("rostertest: %s has no officer %q; it has %q", p.Party, name, slices.Sorted(maps.Keys(p.Officers)))
	}
	return roster.KeyID(roster.RoleOfficer, key.Public().(ed25519.PublicKey)), key
}

// Hire makes the key of another officer, who may release for the desks given,
// and keeps it among Officers. It is on no roster before a change brings it.
func (p *Party) Hire(t testing.TB, name string, desks ...parley.Desk) roster.Officer {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.hiring.Lock()
	defer p.hiring.Unlock()
	p.Officers[name] = key
	return roster.Officer{Name: name, Key: pub, Desks: desks}
}

// Hired returns the private half of a key among Officers. Unlike the others, it may
// be called while Hire is.
func (p *Party) Hired(public ed25519.PublicKey) (ed25519.PrivateKey, bool) {
	p.hiring.Lock()
	defer p.hiring.Unlock()
	for _, k := range p.Officers {
		if k.Public().(ed25519.PublicKey).Equal(public) {
			return k, true
		}
	}
	return nil, false
}

// Option changes the line that New makes.
type Option func(*setup)

type setup struct {
	seed    string
	terms   roster.Terms
	pq      []parley.Party
	prekeys map[parley.Party]func(parley.LogID) ([][]byte, []byte)
}

// Quorum sets how many officers content of a precedence needs.
func Quorum(p parley.Precedence, n int) Option {
	return func(s *setup) { s.terms.Quorum[p] = n }
}

// QuorumKind sets how many officers content of a kind needs, at every precedence.
func QuorumKind(k parley.Kind, n int) Option {
	return func(s *setup) {
		if s.terms.QuorumKind == nil {
			s.terms.QuorumKind = make(map[parley.Kind]int)
		}
		s.terms.QuorumKind[k] = n
	}
}

// Channels replaces the channels, which are the pipes "one" and "two" otherwise.
func Channels(c ...roster.Channel) Option {
	return func(s *setup) { s.terms.Channels = c }
}

// Evidence sets the mode of evidence.
func Evidence(mode string) Option {
	return func(s *setup) { s.terms.Evidence = mode }
}

// PostQuantum gives parties, both if none is named, a receipt-pq key.
func PostQuantum(p ...parley.Party) Option {
	if len(p) == 0 {
		p = []parley.Party{"north", "south"}
	}
	return func(s *setup) { s.pq = p }
}

// CheckEvery sets the interval of line checks.
func CheckEvery(d time.Duration) Option {
	return func(s *setup) { s.terms.CheckEvery = d }
}

// Prekeys gives a party real prekeys, drawn for its log on the line; otherwise
// its prekeys are random bytes, to which nothing can be sealed that anyone opens.
func Prekeys(p parley.Party, draw func(log parley.LogID) (prekeys [][]byte, lastResort []byte)) Option {
	return func(s *setup) { s.prekeys[p] = draw }
}

// Seed derives every key, log id and prekey from a text instead of drawing
// them, so that two processes make the same line: for fuzzing and for files
// kept as examples.
func Seed(seed string) Option {
	return func(s *setup) { s.seed = seed }
}

// bytes returns n bytes for a purpose: those of the seed, or random ones.
func (s *setup) bytes(n int, purpose string) []byte {
	b := make([]byte, n)
	if s.seed == "" {
		rand.Read(b)
		return b
	}
	h := sha3.NewSHAKE256()
	h.Write([]byte(s.seed + "\x00" + purpose))
	h.Read(b)
	return b
}

// New makes a line. It fails the test if the ceremony does not succeed.
func New(t testing.TB, opts ...Option) *Line {
	t.Helper()
	s := &setup{terms: roster.DefaultTerms(), prekeys: make(map[parley.Party]func(parley.LogID) ([][]byte, []byte))}
	s.terms.Channels = []roster.Channel{{Name: "one", Kind: roster.Pipe}, {Name: "two", Kind: roster.Pipe}}
	for _, o := range opts {
		o(s)
	}
	l := &Line{North: newParty(t, s, "north"), South: newParty(t, s, "south")}
	var err error
	if l.Invite, err = roster.Invite(l.North.Card, l.South.Party, s.terms); err != nil {
		t.Fatalf("rostertest: %v", err)
	}
	var accepted *roster.Roster
	if l.Accept, accepted, err = roster.Accept(l.Invite, l.South.Card); err != nil {
		t.Fatalf("rostertest: %v", err)
	}
	if l.Roster, err = roster.Confirm(l.Invite, l.Accept); err != nil {
		t.Fatalf("rostertest: %v", err)
	}
	if accepted.Line != l.Roster.Line {
		t.Fatalf("rostertest: the parties have the lines %v and %v", accepted.Line, l.Roster.Line)
	}
	return l
}

func newParty(t testing.TB, s *setup, name parley.Party) *Party {
	t.Helper()
	duty, chief := parley.Desk(name+"/duty"), parley.Desk(name+"/chief")
	p := &Party{Officers: make(map[string]ed25519.PrivateKey)}
	p.Side = roster.Side{Party: name, Language: "en", Desks: []parley.Desk{chief, duty}}
	key := func(role string) (ed25519.PublicKey, ed25519.PrivateKey) {
		k := ed25519.NewKeyFromSeed(s.bytes(ed25519.SeedSize, string(name)+" "+role))
		return k.Public().(ed25519.PublicKey), k
	}
	prekey := func(which string) []byte {
		seed := s.bytes(mlkem.SeedSize+32, string(name)+" prekey "+which)
		pq, err := mlkem.NewDecapsulationKey768(seed[:mlkem.SeedSize])
		if err != nil {
			t.Fatalf("rostertest: %v", err)
		}
		x, err := ecdh.X25519().NewPrivateKey(seed[mlkem.SeedSize:])
		if err != nil {
			t.Fatalf("rostertest: %v", err)
		}
		return append(pq.EncapsulationKey().Bytes(), x.PublicKey().Bytes()...)
	}
	p.Log = parley.LogID(s.bytes(len(p.Log), string(name)+" log id"))
	p.Root, p.RootKey = key("root")
	p.Side.LogKey, p.LogKey = key("log")
	p.Station, p.StationKey = key("station")
	p.Receipt, p.ReceiptKey = key("receipt")
	p.Hop, p.HopKey = key("hop")
	if slices.Contains(s.pq, name) {
		var err error
		if p.ReceiptPQKey, err = mldsa.NewPrivateKey(mldsa.MLDSA44(), s.bytes(mldsa.PrivateKeySize, string(name)+" receipt-pq")); err != nil {
			t.Fatalf("rostertest: %v", err)
		}
		p.ReceiptPQ = p.ReceiptPQKey.PublicKey().Bytes()
	}
	if s.terms.Deniably() {
		var err error
		if p.DeniableKey, err = ecdh.X25519().NewPrivateKey(s.bytes(32, string(name)+" deniable")); err != nil {
			t.Fatalf("rostertest: %v", err)
		}
		p.Deniable = p.DeniableKey.PublicKey().Bytes()
	}
	for _, o := range []roster.Officer{
		{Name: string(name) + " a", Desks: []parley.Desk{duty}},
		{Name: string(name) + " b", Desks: []parley.Desk{duty}},
		{Name: string(name) + " c", Desks: []parley.Desk{chief, duty}},
	} {
		o.Key, p.Officers[o.Name] = key("officer " + o.Name)
		p.Side.Officers = append(p.Side.Officers, o)
	}
	p.Prekeys, p.LastResort = [][]byte{prekey("1"), prekey("2")}, prekey("last resort")
	if draw, ok := s.prekeys[name]; ok {
		p.Prekeys, p.LastResort = draw(p.Log)
	}
	var err error
	if p.Card, err = roster.NewCard(p.Side, p.RootKey); err != nil {
		t.Fatalf("rostertest: %v", err)
	}
	return p
}
