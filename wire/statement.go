package wire

import (
	"fmt"

	"parley"
)

// Receipt is the payload of a single receipt: "I hold this entry durably"
// (spec/RECEIPT.md §3). It is signed in DomainReceipt.
type Receipt struct {
	Log      parley.LogID `cbor:"1,keyasint"` // the log of the entry's sender
	Number   uint64       `cbor:"2,keyasint"`
	Leaf     parley.Hash  `cbor:"3,keyasint"`
	Received parley.Time  `cbor:"4,keyasint"`
	Size     uint64       `cbor:"5,keyasint"` // how far the log was held without a gap then
}

func (r Receipt) check() error {
	return first(checkNumber(r.Number), checkTime("received", r.Received), checkSize("size", r.Size))
}

// AppendReceipt writes r after dst, or refuses what ParseReceipt would refuse.
func AppendReceipt(dst []byte, r Receipt) ([]byte, error) {
	return appendChecked(dst, "receipt", maxSigned1, r)
}

// ParseReceipt reads a receipt. Errors wrap ErrMalformed or ErrLimit.
func ParseReceipt(b []byte) (Receipt, error) {
	return parseChecked[Receipt]("receipt", maxSigned1, b)
}

// Reason says why an entry that is held was not believed. A refusal may carry
// one that this version does not list (spec/RECEIPT.md §4).
type Reason uint8

// The reasons, as they stand on the wire (spec/RECEIPT.md §4).
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
	ReasonChange    Reason = 13
	ReasonSeen      Reason = 14
)

// Refusal is the payload of a refusal: "I hold this entry and do not believe
// it" (spec/RECEIPT.md §4). It is signed in DomainRefusal.
type Refusal struct {
	Log    parley.LogID `cbor:"1,keyasint"` // the log of the entry's sender
	Number uint64       `cbor:"2,keyasint"`
	Leaf   parley.Hash  `cbor:"3,keyasint"`
	Reason Reason       `cbor:"4,keyasint"` // not 0
	Time   parley.Time  `cbor:"5,keyasint"`
}

func (r Refusal) check() error {
	if err := checkNumber(r.Number); err != nil {
		return err
	}
	if r.Reason == 0 {
		return fmt.Errorf("reason 0: %w: reasons start at 1", ErrMalformed)
	}
	return checkTime("time", r.Time)
}

// AppendRefusal writes r after dst, or refuses what ParseRefusal would refuse.
func AppendRefusal(dst []byte, r Refusal) ([]byte, error) {
	return appendChecked(dst, "refusal", maxSigned1, r)
}

// ParseRefusal reads a refusal. Errors wrap ErrMalformed or ErrLimit.
func ParseRefusal(b []byte) (Refusal, error) {
	return parseChecked[Refusal]("refusal", maxSigned1, b)
}

// Check is the payload of a line check: it proves one channel, both ways once
// it is answered (spec/RECEIPT.md §5). It is signed in DomainCheck.
type Check struct {
	Line    parley.LineID `cbor:"1,keyasint"`
	From    parley.Party  `cbor:"2,keyasint"`
	Nonce   [8]byte       `cbor:"3,keyasint"`
	Answers [8]byte       `cbor:"4,keyasint,omitzero"` // the nonce it answers; zeros if none
	Time    parley.Time   `cbor:"5,keyasint"`
	Channel string        `cbor:"6,keyasint"` // the channel's name in the roster
	Roster  parley.Hash   `cbor:"7,keyasint"` // the roster its sender believes
}

func (c Check) check() error {
	return first(checkParty("from", c.From), checkTime("time", c.Time), checkParty("channel", parley.Party(c.Channel)))
}

// AppendCheck writes c after dst, or refuses what ParseCheck would refuse.
func AppendCheck(dst []byte, c Check) ([]byte, error) {
	return appendChecked(dst, "line check", maxSigned1, c)
}

// ParseCheck reads a line check. Errors wrap ErrMalformed or ErrLimit.
func ParseCheck(b []byte) (Check, error) {
	return parseChecked[Check]("line check", maxSigned1, b)
}
