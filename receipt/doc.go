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

	"parley/wire"
)

var (
	// ErrMalformed is returned for bytes that are not in their one form.
	ErrMalformed = wire.ErrMalformed

	// ErrSignature is returned when the key that should have signed did not.
	ErrSignature = wire.ErrSignature

	// ErrParty is returned where a party is not of the line, or is on the
	// wrong side of it.
	ErrParty = errors.New("not that party of this line")
)
