package roster

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"parley/lines"
	"parley/wire"
)

const cardTitle = "parley-card v1"

// NewCard returns the card of a side, signed by its root key, which must be
// the one the side names. Desks and officers may be given in any order
// (spec/ROSTER.md §3).
func NewCard(side Side, root crypto.Signer) ([]byte, error) {
	if pub, ok := root.Public().(ed25519.PublicKey); !ok || !pub.Equal(side.Root) {
		return nil, fmt.Errorf("make card of %s: %w: the root key given is not the one the side names", side.Party, ErrKey)
	}
	side = sorted(side)
	if err := errors.Join(side.check(), side.checkPrekeys()); err != nil {
		return nil, fmt.Errorf("make card of %s: %w", side.Party, err)
	}
	p := newPrinter(cardTitle)
	p.card(side)
	sig, err := root.Sign(nil, cardSigned(side.Root, p.Bytes()), crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("make card of %s: sign with the root key: %w", side.Party, err)
	}
	p.Base64("signature root", sig)
	text := p.end()
	if _, err := ParseCard(text); err != nil {
		return nil, fmt.Errorf("make card of %s: %w", side.Party, err)
	}
	return text, nil
}

// sorted returns the side in the order of the card, sharing no list with s.
func sorted(s Side) Side {
	s.Desks = slices.Sorted(slices.Values(s.Desks))
	s.Officers = slices.Clone(s.Officers)
	for i := range s.Officers {
		s.Officers[i].Desks = slices.Sorted(slices.Values(s.Officers[i].Desks))
	}
	slices.SortFunc(s.Officers, func(a, b Officer) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return s
}

// ParseCard reads a card and checks its root signature. That the root key is
// the party's is for people to establish: they compare the words
// (spec/ROSTER.md §3).
func ParseCard(text []byte) (Side, error) {
	d, err := newReader("card", text, 0)
	if err != nil {
		return Side{}, err
	}
	return d.card()
}

func (p *printer) card(s Side) {
	p.side(s)
	for _, k := range s.Prekeys {
		p.Base64("prekey", k)
	}
	p.Base64("last-resort", s.LastResort)
}

// card reads a whole card.
func (d *reader) card() (Side, error) {
	d.Title(cardTitle)
	s := d.side()
	for d.Next("prekey") {
		s.Prekeys = append(s.Prekeys, d.Base64("prekey", PrekeySize))
	}
	s.LastResort = d.Base64("last-resort", PrekeySize)
	if d.Err() == nil {
		d.Whole(s.checkPrekeys())
	}
	sig := d.signature()
	d.Finish()
	if d.Err() != nil {
		return Side{}, d.Err()
	}
	p := newPrinter(cardTitle)
	p.card(s)
	if !ed25519.Verify(s.Root, cardSigned(s.Root, p.Bytes()), sig) {
		return Side{}, fmt.Errorf("%s of %s: signature root: %w; the card was changed or damaged: ask for it again", d.what, s.Party, ErrSignature)
	}
	p.Base64("signature root", sig)
	if err := d.same(p.end()); err != nil {
		return Side{}, err
	}
	return s, nil
}

func (d *reader) signature() []byte {
	w := d.Words("signature", 2)
	if d.Err() == nil && w[0] != "root" {
		d.Fail("signature", "%q did not sign; only the root key signs a card", lines.Clip(w[0]))
	}
	return d.Decode("signature", w[1], ed25519.SignatureSize)
}

// cardSigned returns what the root key signs: the Sig_structure of a
// COSE_Sign1 over the text of the card before its signature line.
func cardSigned(root ed25519.PublicKey, text []byte) []byte {
	return wire.ToBeSigned1(wire.DomainCard, KeyID(RoleRoot, root), text)
}
