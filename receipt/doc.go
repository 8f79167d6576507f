// Package receipt is what one station says to the other under its own keys: "I
// hold these entries" (receipts and cosignatures), "I do not believe this one"
// (refusals), "I am here" (checks), "seal to these" (prekeys), and "this epoch
// is closed".
//
// A receipt means that the bytes are held durably, and nothing more: it is
// never an acknowledgement, which is a person's (R2). Each statement has its
// own domain and its own role of key; a statement by a key of another role, or
// under another domain, is refused.
//
// Its spec is spec/RECEIPT.md.
package receipt

import (
	"errors"
	"fmt"

	"parley/wire"
)

var (
	// ErrMalformed is returned for bytes that are not in their one form.
	ErrMalformed = wire.ErrMalformed

	// ErrSignature is returned when the key that should have signed did not.
	ErrSignature = wire.ErrSignature

	// ErrUnknownKey is returned when the key id is of no key that the party is
	// known to have had in the role: the change that brings it may be on its way
	// (spec/CHANGE.md §6). It wraps ErrSignature.
	ErrUnknownKey = fmt.Errorf("%w: by a key that is not known", ErrSignature)

	// ErrEnded is returned for what a key signed beyond the place where it ended
	// (spec/CHANGE.md §6).
	ErrEnded = errors.New("signed with a key that had ended")

	// ErrParty is returned where a party is not of the line, or is on the
	// wrong side of it.
	ErrParty = errors.New("not that party of this line")
)
