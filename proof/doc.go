// Package proof is one message of a log, or several in a row, with what a stranger
// needs to check them and nothing of the others: the entries, the hashes that put
// them in their places, the signed checkpoint and the other party's cosignature.
//
// A Proof has several forms that say the same: a text that people read, CBOR, a page
// to print with QR codes, and, for one message, C2SP tlog-proof. Parse reads any of
// them. The words that people read are made of the proof: a text or a page whose
// words say another thing is refused. Nothing here asks whether anything is signed:
// that is audit.Proof.
//
// Its spec is spec/PROOF.md.
package proof

import (
	"errors"

	"parley/wire"
)

// ErrMalformed is returned for bytes that are not written as spec/PROOF.md says, or
// not in their one form.
var ErrMalformed = wire.ErrMalformed

// ErrWords is returned, besides ErrMalformed, for a text or a page that says to
// people what is not what it proves.
var ErrWords = errors.New("the words for people do not say what stands in the proof")

// Limits of a proof (spec/PROOF.md §2).
const (
	MaxEntries = 4096     // messages shown
	MaxChanges = 1024     // changes shown besides
	maxHashes  = 65536    // of the proof of the set
	maxAbout   = 1024     // bytes of a receipt or refusal
	MaxFile    = 64 << 20 // bytes of any form
)
