package wire

import (
	"fmt"

	"parley"
)

// Sizes of the post-quantum parts (X-Wing, MLKEM768-X25519).
const (
	PrekeySize = 1216 // bytes of a public prekey
	EncSize    = 1120 // bytes of an encapsulation
)

// Limits of the statements (spec/RECEIPT.md).
const (
	MaxPrekeys = 16
	MaxRanges  = 64
	MaxUnknown = 16
)

// Opening opens one epoch of one direction (spec/ENVELOPE.md §2). It is the
// payload of a Signed1 by the sender's station key.
type Opening struct {
	Line   parley.LineID  `cbor:"1,keyasint"`
	Roster parley.Hash    `cbor:"2,keyasint"`
	From   parley.Party   `cbor:"3,keyasint"`
	To     parley.Party   `cbor:"4,keyasint"`
	Prekey parley.Hash    `cbor:"5,keyasint"`
	Enc    []byte         `cbor:"6,keyasint"`
	Epoch  parley.EpochID `cbor:"7,keyasint"`
}

func (o Opening) check() error {
	if o.From == o.To || len(o.Enc) != EncSize {
		return fmt.Errorf("opening: %w: it is to its sender, or its encapsulation has not %d bytes", ErrMalformed, EncSize)
	}
	return checkParties("opening", o.From, o.To)
}

// Receipt says that its signer holds one entry durably (spec/RECEIPT.md §1).
type Receipt struct {
	Log      parley.LogID `cbor:"1,keyasint"`
	Number   uint64       `cbor:"2,keyasint"`
	Leaf     parley.Hash  `cbor:"3,keyasint"`
	Received parley.Time  `cbor:"4,keyasint"`
	Size     uint64       `cbor:"5,keyasint"` // held without a gap then
}

func (r Receipt) check() error { return checkNumber("receipt", r.Number) }

// Reason is why an entry that is held is not believed (spec/RECEIPT.md §3).
type Reason uint8

// The reasons, as they stand on the wire.
const (
	ReasonMalformed Reason = 1
	ReasonVersion   Reason = 2
	ReasonText      Reason = 3
	ReasonQuorum    Reason = 4
	ReasonSignature Reason = 5
	ReasonOfficer   Reason = 6
	ReasonAddressee Reason = 7
	ReasonLine      Reason = 8
	ReasonReplay    Reason = 9
	ReasonLimit     Reason = 10
	ReasonDeniable  Reason = 11
	ReasonDesk      Reason = 12
)

// Refusal says that its signer holds an entry and does not believe it
// (spec/RECEIPT.md §3).
type Refusal struct {
	Log    parley.LogID `cbor:"1,keyasint"`
	Number uint64       `cbor:"2,keyasint"`
	Leaf   parley.Hash  `cbor:"3,keyasint"`
	Reason Reason       `cbor:"4,keyasint"`
	Time   parley.Time  `cbor:"5,keyasint"`
}

func (r Refusal) check() error {
	if r.Reason == 0 {
		return fmt.Errorf("refusal: %w: it gives no reason", ErrMalformed)
	}
	return checkNumber("refusal", r.Number)
}

// Closed says that everything under an epoch is receipted, so that its
// receiver may destroy it (spec/ENVELOPE.md §4).
type Closed struct {
	Line  parley.LineID  `cbor:"1,keyasint"`
	From  parley.Party   `cbor:"2,keyasint"`
	Epoch parley.EpochID `cbor:"3,keyasint"`
	Time  parley.Time    `cbor:"4,keyasint"`
}

func (c Closed) check() error { return checkParties("closed", c.From) }

// Check is a line check or the answer to one (spec/RECEIPT.md §5).
type Check struct {
	Line    parley.LineID `cbor:"1,keyasint"`
	From    parley.Party  `cbor:"2,keyasint"`
	Nonce   [8]byte       `cbor:"3,keyasint"`
	Answers [8]byte       `cbor:"4,keyasint,omitzero"` // zero: it asks
	Time    parley.Time   `cbor:"5,keyasint"`
	Channel string        `cbor:"6,keyasint"`
	Roster  parley.Hash   `cbor:"7,keyasint"`
}

func (c Check) check() error {
	if _, err := parley.ParseParty(c.Channel); err != nil {
		return fmt.Errorf("check: %w: the channel's name: %v", ErrMalformed, err)
	}
	return checkParties("check", c.From)
}

// Prekeys is a batch of fresh prekeys that replaces the one before
// (spec/ENVELOPE.md §1).
type Prekeys struct {
	Line       parley.LineID `cbor:"1,keyasint"`
	From       parley.Party  `cbor:"2,keyasint"`
	Keys       [][]byte      `cbor:"3,keyasint"`
	LastResort []byte        `cbor:"4,keyasint"`
	Time       parley.Time   `cbor:"5,keyasint"`
}

func (p Prekeys) check() error {
	if len(p.Keys) > MaxPrekeys {
		return fmt.Errorf("prekeys: %w of %d", ErrLimit, MaxPrekeys)
	}
	for _, k := range append([][]byte{p.LastResort}, p.Keys...) {
		if len(k) != PrekeySize {
			return fmt.Errorf("prekeys: %w: a key of %d bytes, not %d", ErrMalformed, len(k), PrekeySize)
		}
	}
	return checkParties("prekeys", p.From)
}

// Range is First to Last, both included.
type Range struct {
	_     struct{} `cbor:",toarray"`
	First uint64
	Last  uint64
}

// Report says what its sender holds. It is not signed: it steers what is sent
// again, and is no evidence (spec/RECEIPT.md §4).
type Report struct {
	Log      parley.LogID `cbor:"1,keyasint"` // the log reported on: the addressee's
	Size     uint64       `cbor:"2,keyasint"` // held without a gap
	Ahead    []Range      `cbor:"3,keyasint,omitempty"`
	Refusals uint64       `cbor:"4,keyasint,omitempty"` // refusals held, of entries of the sender's own log
	Cosigned uint64       `cbor:"5,keyasint,omitempty"` // of the sender's own log, by the addressee
}

func (r Report) check() error {
	if len(r.Ahead) > MaxRanges {
		return fmt.Errorf("report: %w of %d ranges", ErrLimit, MaxRanges)
	}
	end := r.Size
	for _, a := range r.Ahead {
		if a.First <= end+1 || a.Last < a.First {
			return fmt.Errorf("report: %w: the ranges are not in order, apart and beyond the gap", ErrMalformed)
		}
		end = a.Last
	}
	if end > MaxNumber || r.Size > MaxNumber {
		return fmt.Errorf("report: %w of numbers", ErrLimit)
	}
	return nil
}

// Unknown names epochs that its sender cannot open: what came under them has
// to be sealed again (spec/ENVELOPE.md §4).
type Unknown struct {
	Epochs []parley.EpochID `cbor:"1,keyasint"`
}

func (u Unknown) check() error {
	if len(u.Epochs) == 0 || len(u.Epochs) > MaxUnknown {
		return fmt.Errorf("unknown epochs: %w: 1 to %d", ErrLimit, MaxUnknown)
	}
	return nil
}

func checkNumber(what string, n uint64) error {
	if n == 0 || n > MaxNumber {
		return fmt.Errorf("%s: %w: number %d", what, ErrMalformed, n)
	}
	return nil
}

func checkParties(what string, parties ...parley.Party) error {
	for _, p := range parties {
		if _, err := parley.ParseParty(string(p)); err != nil {
			return fmt.Errorf("%s: %w: %v", what, ErrMalformed, err)
		}
	}
	return nil
}

// statement is any of the values of this file.
type statement interface{ check() error }

func appendStatement(dst []byte, what string, s statement) ([]byte, error) {
	if err := s.check(); err != nil {
		return dst, err
	}
	return appendValue(dst, what, s)
}

func parseStatement[T statement](b []byte, what string) (T, error) {
	v, err := parseValue[T](b, what, maxSigned1)
	if err != nil {
		return v, err
	}
	return v, v.check()
}

// AppendOpening appends the encoding of o.
func AppendOpening(dst []byte, o Opening) ([]byte, error) { return appendStatement(dst, "opening", o) }

// ParseOpening reads an Opening.
func ParseOpening(b []byte) (Opening, error) { return parseStatement[Opening](b, "opening") }

// AppendReceipt appends the encoding of r.
func AppendReceipt(dst []byte, r Receipt) ([]byte, error) { return appendStatement(dst, "receipt", r) }

// ParseReceipt reads a Receipt.
func ParseReceipt(b []byte) (Receipt, error) { return parseStatement[Receipt](b, "receipt") }

// AppendRefusal appends the encoding of r.
func AppendRefusal(dst []byte, r Refusal) ([]byte, error) { return appendStatement(dst, "refusal", r) }

// ParseRefusal reads a Refusal.
func ParseRefusal(b []byte) (Refusal, error) { return parseStatement[Refusal](b, "refusal") }

// AppendClosed appends the encoding of c.
func AppendClosed(dst []byte, c Closed) ([]byte, error) { return appendStatement(dst, "closed", c) }

// ParseClosed reads a Closed.
func ParseClosed(b []byte) (Closed, error) { return parseStatement[Closed](b, "closed") }

// AppendCheck appends the encoding of c.
func AppendCheck(dst []byte, c Check) ([]byte, error) { return appendStatement(dst, "check", c) }

// ParseCheck reads a Check.
func ParseCheck(b []byte) (Check, error) { return parseStatement[Check](b, "check") }

// AppendPrekeys appends the encoding of p.
func AppendPrekeys(dst []byte, p Prekeys) ([]byte, error) { return appendStatement(dst, "prekeys", p) }

// ParsePrekeys reads a batch of prekeys.
func ParsePrekeys(b []byte) (Prekeys, error) { return parseStatement[Prekeys](b, "prekeys") }

// AppendReport appends the encoding of r.
func AppendReport(dst []byte, r Report) ([]byte, error) { return appendStatement(dst, "report", r) }

// ParseReport reads a Report.
func ParseReport(b []byte) (Report, error) { return parseStatement[Report](b, "report") }

// AppendUnknown appends the encoding of u.
func AppendUnknown(dst []byte, u Unknown) ([]byte, error) {
	return appendStatement(dst, "unknown epochs", u)
}

// ParseUnknown reads an Unknown.
func ParseUnknown(b []byte) (Unknown, error) { return parseStatement[Unknown](b, "unknown epochs") }
