package wire

import (
	"fmt"

	"parley"
)

// PrekeySize and EncSize are the lengths of a public X-Wing key and of an
// encapsulation to it, in bytes (spec/ENVELOPE.md §1).
const (
	PrekeySize = 1216
	EncSize    = 1120
)

// Opening is the payload that opens an epoch: one direction of a line, opened
// by its sender (spec/ENVELOPE.md §2). It is signed in DomainOpening.
type Opening struct {
	Line   parley.LineID  `cbor:"1,keyasint"`
	Roster parley.Hash    `cbor:"2,keyasint"`
	From   parley.Party   `cbor:"3,keyasint"`
	To     parley.Party   `cbor:"4,keyasint"`
	Prekey parley.Hash    `cbor:"5,keyasint"` // the hash of the addressee's prekey that was used
	Enc    []byte         `cbor:"6,keyasint"` // EncSize bytes
	Epoch  parley.EpochID `cbor:"7,keyasint"`
}

func (o Opening) check() error {
	if o.From == o.To {
		return fmt.Errorf("to %q: %w: it is to its sender", o.To, ErrMalformed)
	}
	if len(o.Enc) != EncSize {
		return fmt.Errorf("encapsulation of %d bytes: %w: it has %d", len(o.Enc), ErrMalformed, EncSize)
	}
	return first(checkParty("from", o.From), checkParty("to", o.To))
}

// AppendOpening writes o after dst, or refuses what ParseOpening would refuse.
func AppendOpening(dst []byte, o Opening) ([]byte, error) {
	return appendChecked(dst, "opening", maxSigned1, o)
}

// ParseOpening reads an opening. Errors wrap ErrMalformed or ErrLimit.
func ParseOpening(b []byte) (Opening, error) {
	return parseChecked[Opening]("opening", maxSigned1, b)
}

// Prekeys is the payload that gives the other side fresh public keys to open
// epochs to (spec/ENVELOPE.md §1). It is signed in DomainPrekeys.
type Prekeys struct {
	Line       parley.LineID `cbor:"1,keyasint"`
	From       parley.Party  `cbor:"2,keyasint"`
	Keys       [][]byte      `cbor:"3,keyasint"` // at most MaxPrekeys, PrekeySize bytes each
	LastResort []byte        `cbor:"4,keyasint"` // used when the others are used up
	Time       parley.Time   `cbor:"5,keyasint"` // a later batch replaces an earlier one
}

func (p Prekeys) check() error {
	if err := first(checkParty("from", p.From), checkCount("prekeys", len(p.Keys), 0, MaxPrekeys)); err != nil {
		return err
	}
	for _, k := range p.Keys {
		if err := checkPrekey(k); err != nil {
			return err
		}
	}
	return first(checkPrekey(p.LastResort), checkTime("time", p.Time))
}

func checkPrekey(k []byte) error {
	if len(k) != PrekeySize {
		return fmt.Errorf("prekey of %d bytes: %w: it has %d", len(k), ErrMalformed, PrekeySize)
	}
	return nil
}

// AppendPrekeys writes p after dst, or refuses what ParsePrekeys would refuse.
func AppendPrekeys(dst []byte, p Prekeys) ([]byte, error) {
	return appendChecked(dst, "prekeys", maxSigned1, p)
}

// ParsePrekeys reads a batch of prekeys, by their lengths: whether each is a
// valid public key is for seal to say. Errors wrap ErrMalformed or ErrLimit.
func ParsePrekeys(b []byte) (Prekeys, error) {
	return parseChecked[Prekeys]("prekeys", maxSigned1, b)
}

// Closed is the payload that says "all of this epoch is receipted; destroy it"
// (spec/ENVELOPE.md §4). It is signed in DomainClosed.
type Closed struct {
	Line  parley.LineID  `cbor:"1,keyasint"`
	From  parley.Party   `cbor:"2,keyasint"` // who opened the epoch
	Epoch parley.EpochID `cbor:"3,keyasint"`
	Time  parley.Time    `cbor:"4,keyasint"`
}

func (c Closed) check() error { return first(checkParty("from", c.From), checkTime("time", c.Time)) }

// AppendClosed writes c after dst, or refuses what ParseClosed would refuse.
func AppendClosed(dst []byte, c Closed) ([]byte, error) {
	return appendChecked(dst, "closed", maxSigned1, c)
}

// ParseClosed reads a closing of an epoch. Errors wrap ErrMalformed or ErrLimit.
func ParseClosed(b []byte) (Closed, error) {
	return parseChecked[Closed]("closed", maxSigned1, b)
}

// Unknown says "I cannot open these epochs; seal again under a new one". It is
// not signed: the epoch that carries it authenticates it (spec/ENVELOPE.md §4).
type Unknown struct {
	Epochs []parley.EpochID `cbor:"1,keyasint"` // 1 to MaxUnknown
}

func (u Unknown) check() error { return checkCount("epochs", len(u.Epochs), 1, MaxUnknown) }

// AppendUnknown writes u after dst, or refuses what ParseUnknown would refuse.
func AppendUnknown(dst []byte, u Unknown) ([]byte, error) {
	return appendChecked(dst, "unknown epochs", maxSigned1, u)
}

// ParseUnknown reads an Unknown. Errors wrap ErrMalformed or ErrLimit.
func ParseUnknown(b []byte) (Unknown, error) {
	return parseChecked[Unknown]("unknown epochs", maxSigned1, b)
}
