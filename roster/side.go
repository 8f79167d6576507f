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
	"parley/lines"
	"parley/wire"
)

// Limits of a side (spec/ROSTER.md §3).
const (
	MaxDesks    = 16              // desks of a party
	MaxOfficers = 16              // officers of a party
	MaxPrekeys  = wire.MaxPrekeys // prekeys of a batch
	PrekeySize  = wire.PrekeySize // bytes of a prekey
	MaxSpeaks   = 8               // desks of an officer
	maxName     = 64              // bytes of an officer's name
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

	// ReceiptPQ is the ML-DSA-44 key, 1312 bytes, that cosigns beside Receipt;
	// nil where the party has none (spec/RECEIPT.md §9). It stays that of the line.
	ReceiptPQ []byte

	// Deniable is the X25519 key, 32 bytes, from which and the other side's the
	// keys of deniable traffic are derived; nil on a line that has none
	// (spec/DENIABLE.md §2).
	Deniable []byte

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
	p.Line("party", string(s.Party))
	p.Line("language", s.Language)
	p.Line("log", s.Log.String())
	p.Base64("root", s.Root)
	p.Base64("log-key", s.LogKey)
	p.Base64("station", s.Station)
	p.Base64("receipt", s.Receipt)
	if s.ReceiptPQ != nil {
		p.Base64("receipt-pq", s.ReceiptPQ)
	}
	p.Base64("hop", s.Hop)
	if s.Deniable != nil {
		p.Base64("deniable", s.Deniable)
	}
	for _, d := range s.Desks {
		p.Line("desk", string(d))
	}
	for _, o := range s.Officers {
		p.officer("officer", o)
	}
}

func (p *printer) officer(keyword string, o Officer) {
	desks := make([]string, len(o.Desks))
	for i, d := range o.Desks {
		desks[i] = string(d)
	}
	p.Line(keyword, base64.StdEncoding.EncodeToString(o.Key), strings.Join(desks, ","), o.Name)
}

// side reads what printer.side writes.
func (d *reader) side() (s Side) {
	s.Party = d.Party("party")
	s.Language = d.Word("language")
	d.FailWith("language", checkLanguage(s.Language))
	s.Log = parley.LogID(d.Hex("log", len(s.Log)))
	d.FailWith("log", checkLog(s.Log))
	s.Root = d.key("root")
	s.LogKey = d.key("log-key")
	s.Station = d.key("station")
	s.Receipt = d.key("receipt")
	if d.Next("receipt-pq") {
		s.ReceiptPQ = d.Base64("receipt-pq", ReceiptPQSize)
	}
	s.Hop = d.key("hop")
	if d.Next("deniable") {
		s.Deniable = d.Base64("deniable", x25519Size)
		d.FailWith("deniable", checkX25519(s.Deniable))
	}
	for d.Next("desk") {
		s.Desks = append(s.Desks, parley.Desk(d.Word("desk")))
		d.FailWith("desk", s.checkDesk(len(s.Desks)-1))
	}
	for d.Next("officer") {
		s.Officers = append(s.Officers, d.officer("officer"))
		d.FailWith("officer", s.checkOfficer(len(s.Officers)-1))
	}
	if d.Err() == nil {
		d.Whole(s.check())
	}
	return s
}

// key takes the next line and returns the public key it holds.
func (d *reader) key(keyword string) ed25519.PublicKey {
	k := d.Base64(keyword, ed25519.PublicKeySize)
	d.FailWith(keyword, checkKey(k))
	return k
}

// officer takes the next line, which has this keyword, and returns the officer it names.
func (d *reader) officer(keyword string) (o Officer) {
	w := strings.SplitN(d.Rest(keyword), " ", 3)
	if d.Err() == nil && len(w) != 3 {
		d.Fail(keyword, "write: %s KEY DESK,DESK NAME", keyword)
	}
	if d.Err() != nil {
		return o
	}
	o.Key = d.Decode(keyword, w[0], ed25519.PublicKeySize)
	for _, desk := range strings.Split(w[1], ",") {
		o.Desks = append(o.Desks, parley.Desk(desk))
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
		return fmt.Errorf("language of %s: %w", s.Party, err)
	}
	if err := checkLog(s.Log); err != nil {
		return fmt.Errorf("log of %s: %w", s.Party, err)
	}
	if n := len(s.Desks); n < 1 || n > MaxDesks {
		return fmt.Errorf("desk: %w: %s has %d desks; name 1 to %d", ErrMalformed, s.Party, n, MaxDesks)
	}
	if n := len(s.Officers); n < 1 || n > MaxOfficers {
		return fmt.Errorf("officer: %w: %s has %d officers; name 1 to %d", ErrMalformed, s.Party, n, MaxOfficers)
	}
	for i, d := range s.Desks {
		if err := s.checkDesk(i); err != nil {
			return fmt.Errorf("desk: %w", err)
		}
		if s.speakers(d) == 0 {
			return fmt.Errorf("desk %s: %w: it has no officer, so it could never answer; give it one, or leave it out", d, ErrMalformed)
		}
	}
	for i, o := range s.Officers {
		if err := s.checkOfficer(i); err != nil {
			return fmt.Errorf("officer %q: %w", lines.Clip(o.Name), err)
		}
	}
	if n := len(s.ReceiptPQ); s.ReceiptPQ != nil && n != ReceiptPQSize {
		return fmt.Errorf("%s receipt-pq key: %w: it has %d bytes; a key of ML-DSA-44 has %d", s.Party, ErrKey, n, ReceiptPQSize)
	}
	return distinct(s.uses())
}

// speakers returns how many officers may release for desk d.
func (s *Side) speakers(d parley.Desk) (n int) {
	for _, o := range s.Officers {
		if o.Speaks(d) {
			n++
		}
	}
	return n
}

func checkLog(id parley.LogID) error {
	if id == (parley.LogID{}) {
		return fmt.Errorf("%w: the log id is all zeros; draw 16 random bytes", ErrMalformed)
	}
	return nil
}

// checkDesk says what is wrong with desk i by itself and behind the one before it.
func (s *Side) checkDesk(i int) error {
	d := s.Desks[i]
	if _, err := parley.ParseDesk(string(d)); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	switch {
	case d.Party() != s.Party:
		return fmt.Errorf("%w: %s is not a desk of %s", ErrMalformed, d, s.Party)
	case i > 0 && d == s.Desks[i-1]:
		return fmt.Errorf("%w: %s stands twice; name each desk once", ErrMalformed, d)
	case i > 0 && d < s.Desks[i-1]:
		return fmt.Errorf("%w: %s is out of order; sort the desks", ErrMalformed, d)
	}
	return nil
}

// checkOfficer says what is wrong with officer i by itself and behind the one before it.
func (s *Side) checkOfficer(i int) error {
	o := s.Officers[i]
	if err := checkName(o.Name); err != nil {
		return err
	}
	if err := checkKey(o.Key); err != nil {
		return err
	}
	if n := len(o.Desks); n < 1 || n > MaxSpeaks {
		return fmt.Errorf("%w: %q has %d desks; name 1 to %d", ErrMalformed, o.Name, n, MaxSpeaks)
	}
	for j, d := range o.Desks {
		if !s.HasDesk(d) {
			return fmt.Errorf("%w: %q is not a desk of %s; add a desk line, or correct the officer", ErrMalformed, lines.Clip(string(d)), s.Party)
		}
		if j > 0 && d <= o.Desks[j-1] {
			return fmt.Errorf("%w: desk %s of %q stands twice or out of order; sort the desks", ErrMalformed, d, o.Name)
		}
	}
	switch {
	case i > 0 && o.Name == s.Officers[i-1].Name:
		return fmt.Errorf("%w: %q stands twice; give each officer a name that tells them apart", ErrMalformed, o.Name)
	case i > 0 && o.Name < s.Officers[i-1].Name:
		return fmt.Errorf("%w: %q is out of order; sort the officers by name", ErrMalformed, o.Name)
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
		// Fillers, joiners and variation selectors are letters or marks, too.
		if unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return fmt.Errorf("%w: the name holds %U, which shows as nothing, so that two officers could look like one; leave it out", ErrMalformed, r)
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
	bad := fmt.Errorf("%w: %q is not a language tag of BCP 47; write it like en, ru or zh-Hant", ErrMalformed, lines.Clip(tag))
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
