package roster

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"parley"
)

// Limits of a side (spec/ROSTER.md §3).
const (
	MaxDesks    = 16   // desks of a party
	MaxOfficers = 16   // officers of a party
	MaxPrekeys  = 16   // prekeys of a batch
	PrekeySize  = 1216 // bytes of a prekey
	maxSpeaks   = 8    // desks of an officer
	maxName     = 64   // bytes of an officer's name
)

// Officer is a person who may release for some desks of a party.
type Officer struct {
	// Name is what people call the officer: 1 to 64 bytes of letters, marks,
	// digits, single spaces and .'’- in NFC.
	Name string
	// Key is the officer's public key.
	Key ed25519.PublicKey
	// Desks are the desks the officer may release for, 1 to 8, sorted.
	Desks []parley.Desk
}

// KeyID returns the identifier of the officer's key.
func (o Officer) KeyID() parley.KeyID { return KeyID(RoleOfficer, o.Key) }

// Speaks reports whether the officer may release for desk d.
func (o Officer) Speaks(d parley.Desk) bool { return slices.Contains(o.Desks, d) }

// Side is what a party says of itself on its card (spec/ROSTER.md §3).
type Side struct {
	Party    parley.Party
	Language string       // the party's own language, BCP 47
	Log      parley.LogID // the generation of its log on this line

	Root, LogKey, Station, Receipt, Hop ed25519.PublicKey

	Desks    []parley.Desk // 1 to 16 of this party, sorted
	Officers []Officer     // 1 to 16, sorted by name

	// Prekeys are up to 16 of 1216 bytes each, to be used once each;
	// LastResort is used when they are gone. Neither is part of the roster.
	Prekeys    [][]byte
	LastResort []byte
}

// HasDesk reports whether d is a desk of this side.
func (s Side) HasDesk(d parley.Desk) bool { return slices.Contains(s.Desks, d) }

// side prints the identity of a side: all but its prekeys.
func (p *printer) side(s Side) {
	p.line("party", string(s.Party))
	p.line("language", s.Language)
	p.line("log", s.Log.String())
	p.bytes("root", s.Root)
	p.bytes("log-key", s.LogKey)
	p.bytes("station", s.Station)
	p.bytes("receipt", s.Receipt)
	p.bytes("hop", s.Hop)
	for _, d := range s.Desks {
		p.line("desk", string(d))
	}
	for _, o := range s.Officers {
		desks := make([]string, len(o.Desks))
		for i, d := range o.Desks {
			desks[i] = string(d)
		}
		p.line("officer", base64.StdEncoding.EncodeToString(o.Key), strings.Join(desks, ","), o.Name)
	}
}

// side reads what printer.side writes.
func (d *reader) side() (s Side) {
	s.Party = d.party("party")
	s.Language = d.word("language")
	if err := checkLanguage(s.Language); err != nil {
		d.failWith("language", err)
	}
	s.Log = parley.LogID(d.hex("log", len(s.Log)))
	s.Root = d.bytes("root", ed25519.PublicKeySize)
	s.LogKey = d.bytes("log-key", ed25519.PublicKeySize)
	s.Station = d.bytes("station", ed25519.PublicKeySize)
	s.Receipt = d.bytes("receipt", ed25519.PublicKeySize)
	s.Hop = d.bytes("hop", ed25519.PublicKeySize)
	for d.next("desk") {
		s.Desks = append(s.Desks, d.desk("desk", d.word("desk")))
	}
	for d.next("officer") {
		s.Officers = append(s.Officers, d.officer())
	}
	if err := s.check(); err != nil {
		d.failWith("party "+string(s.Party), err)
	}
	return s
}

func (d *reader) officer() (o Officer) {
	w := strings.SplitN(d.rest("officer"), " ", 3)
	if d.err == nil && len(w) != 3 {
		d.fail("officer", "write: officer KEY DESK,DESK NAME")
	}
	if d.err != nil {
		return o
	}
	o.Key = d.decode("officer", w[0], ed25519.PublicKeySize)
	for _, desk := range strings.Split(w[1], ",") {
		o.Desks = append(o.Desks, d.desk("officer", desk))
	}
	o.Name = w[2]
	return o
}

// check says what is wrong with the identity of a side.
func (s *Side) check() error {
	if _, err := parley.ParseParty(string(s.Party)); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := checkLanguage(s.Language); err != nil {
		return fmt.Errorf("language: %w", err)
	}
	if s.Log == (parley.LogID{}) {
		return fmt.Errorf("log: %w: all zeros; draw 16 random bytes", ErrMalformed)
	}
	if n := len(s.Desks); n < 1 || n > MaxDesks {
		return fmt.Errorf("desk: %w: %s has %d desks; name 1 to %d", ErrMalformed, s.Party, n, MaxDesks)
	}
	if n := len(s.Officers); n < 1 || n > MaxOfficers {
		return fmt.Errorf("officer: %w: %s has %d officers; name 1 to %d", ErrMalformed, s.Party, n, MaxOfficers)
	}
	for i, d := range s.Desks {
		if _, err := parley.ParseDesk(string(d)); err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if d.Party() != s.Party {
			return fmt.Errorf("desk: %w: %q is not a desk of %s", ErrMalformed, clip(string(d)), s.Party)
		}
		if i > 0 && d <= s.Desks[i-1] {
			return fmt.Errorf("desk: %w: %q stands twice or out of order; sort the desks", ErrMalformed, clip(string(d)))
		}
		if !slices.ContainsFunc(s.Officers, func(o Officer) bool { return o.Speaks(d) }) {
			return fmt.Errorf("desk: %w: %q has no officer, so it could never answer; give it one, or leave it out", ErrMalformed, d)
		}
	}
	for i, o := range s.Officers {
		if err := o.check(s); err != nil {
			return fmt.Errorf("officer %q: %w", clip(o.Name), err)
		}
		if i > 0 && o.Name <= s.Officers[i-1].Name {
			return fmt.Errorf("officer %q: %w: the name stands twice or out of order; sort the officers by name", clip(o.Name), ErrMalformed)
		}
	}
	return distinct(s.uses())
}

func (o *Officer) check(of *Side) error {
	if err := checkName(o.Name); err != nil {
		return err
	}
	if n := len(o.Desks); n < 1 || n > maxSpeaks {
		return fmt.Errorf("%w: has %d desks; name 1 to %d", ErrMalformed, n, maxSpeaks)
	}
	for i, d := range o.Desks {
		if !of.HasDesk(d) {
			return fmt.Errorf("%w: %q is not a desk of %s; add a desk line, or correct the officer", ErrMalformed, clip(string(d)), of.Party)
		}
		if i > 0 && d <= o.Desks[i-1] {
			return fmt.Errorf("%w: desk %q stands twice or out of order; sort the desks", ErrMalformed, d)
		}
	}
	return nil
}

// checkName refuses names that two people could read differently: nothing
// invisible, nothing that turns direction, one spelling of each character.
func checkName(name string) error {
	if len(name) < 1 || len(name) > maxName {
		return fmt.Errorf("%w: the name has %d bytes; use 1 to %d", ErrMalformed, len(name), maxName)
	}
	if !norm.NFC.IsNormalString(name) {
		return fmt.Errorf("%w: the name is not in Unicode form NFC", ErrMalformed)
	}
	for _, r := range name {
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune(" .'’-", r) {
			return fmt.Errorf("%w: the name holds %U; use letters, digits, single spaces and . ' ’ -", ErrMalformed, r)
		}
	}
	if first, _ := utf8.DecodeRuneInString(name); unicode.In(first, unicode.M) || strings.Join(strings.Fields(name), " ") != name {
		return fmt.Errorf("%w: the name has a space too many, or begins with a combining mark", ErrMalformed)
	}
	return nil
}

// checkLanguage accepts the shape of a BCP 47 tag: subtags of 1 to 8 letters
// and digits, the first of 2 to 8 letters, 35 characters in all.
func checkLanguage(tag string) error {
	bad := fmt.Errorf("%w: %q is not a language tag of BCP 47; write it like en, ru or zh-Hant", ErrMalformed, clip(tag))
	if len(tag) > 35 {
		return bad
	}
	for i, sub := range strings.Split(tag, "-") {
		if len(sub) < 1 || len(sub) > 8 || i == 0 && len(sub) < 2 {
			return bad
		}
		for _, c := range []byte(sub) {
			letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return bad
			}
		}
	}
	return nil
}
