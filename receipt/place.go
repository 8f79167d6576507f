package receipt

import (
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// VerifyBy returns the single receipt that party by signed with a receipt key
// that it has or had, and how long that key stood: CheckReceipt says whether it
// counts for this one. The error wraps ErrMalformed, ErrUnknownKey or
// ErrSignature.
func VerifyBy(b []byte, h *roster.History, by parley.Party) (wire.Receipt, roster.Term, error) {
	return receipts().openBy(b, h, by)
}

// RefusalBy returns the refusal that party by signed with a station key that it
// has or had; CheckRefusal says whether that key counts for it. Errors as
// VerifyBy's.
func RefusalBy(b []byte, h *roster.History, by parley.Party) (wire.Refusal, roster.Term, error) {
	return refusals().openBy(b, h, by)
}

// CheckReceipt returns nil if the key of a single receipt counts for it, and an
// error that wraps ErrEnded if not (spec/CHANGE.md §6). at is the place of the
// entry in its own log and beside the log of whoever signed the receipt.
func CheckReceipt(r wire.Receipt, t roster.Term, at roster.Place) error {
	if !t.CountsFor(at) || !t.CountsTo(r.Size) {
		return ended("receipt", t)
	}
	return nil
}

// CheckRefusal is CheckReceipt for a refusal.
func CheckRefusal(t roster.Term, at roster.Place) error {
	if !t.CountsFor(at) {
		return ended("refusal", t)
	}
	return nil
}

// CosignedBy returns how long the receipt key of by stood that cosigned a note.
// Errors as those of OpenCosigned, which says whether it counts.
func CosignedBy(cosigned []byte, h *roster.History, by parley.Party) (roster.Term, error) {
	_, t, err := openCosignature(cosigned, h, by)
	if err != nil {
		return t, fmt.Errorf("cosigned: %w", err)
	}
	return t, nil
}

func ended(what string, t roster.Term) error {
	return fmt.Errorf("%s: entry %d of its party, which had seen %d, ended the key: %w", what, t.Ended.Number, t.Ended.Seen, ErrEnded)
}

// openBy opens a statement by any key that its party has or had in the role.
func (s statement[T]) openBy(b []byte, h *roster.History, by parley.Party) (none T, _ roster.Term, _ error) {
	signed, err := wire.ParseSigned1(b)
	if err != nil {
		return none, roster.Term{}, fmt.Errorf("%s: %w", s.name, err)
	}
	for _, t := range h.Terms(by, s.role) {
		if roster.KeyID(s.role, t.Key) == signed.Key {
			v, err := s.open(b, t.Key)
			return v, t, err
		}
	}
	return none, roster.Term{}, fmt.Errorf("%s: key %s: %w", s.name, signed.Key, ErrUnknownKey)
}
