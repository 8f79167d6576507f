package receipt

import (
	"crypto"
	"crypto/ed25519"

	"parley/wire"
)

// Issue signs a single receipt with the receipt key: "I hold entry n, whose
// leaf is this, durably". It is given for Flash and for what arrives ahead of a
// gap; all else is receipted by Cosign (spec/RECEIPT.md §3).
func Issue(r wire.Receipt, key crypto.Signer) ([]byte, error) { return receipts().issue(r, key) }

// Verify returns the single receipt that pub, the receipt key of the party
// that holds the entry, signed. The error wraps ErrMalformed or ErrSignature.
func Verify(b []byte, pub ed25519.PublicKey) (wire.Receipt, error) { return receipts().open(b, pub) }

// Refuse signs a refusal with the station key: "I hold entry n and do not
// believe it, because" (spec/RECEIPT.md §4). The entry stays in its place and
// is receipted all the same.
func Refuse(r wire.Refusal, station crypto.Signer) ([]byte, error) {
	return refusals().issue(r, station)
}

// OpenRefusal returns the refusal that pub, the station key of the party that
// refuses, signed. The error wraps ErrMalformed or ErrSignature.
func OpenRefusal(b []byte, pub ed25519.PublicKey) (wire.Refusal, error) {
	return refusals().open(b, pub)
}

// IssueCheck signs a line check with the station key (spec/RECEIPT.md §5).
func IssueCheck(c wire.Check, station crypto.Signer) ([]byte, error) {
	return checks().issue(c, station)
}

// OpenCheck returns the line check that the station key pub signed. The error
// wraps ErrMalformed or ErrSignature.
func OpenCheck(b []byte, pub ed25519.PublicKey) (wire.Check, error) { return checks().open(b, pub) }

// IssueClosed signs with the station key that an epoch is closed and
// everything in it receipted (spec/ENVELOPE.md §4).
func IssueClosed(c wire.Closed, station crypto.Signer) ([]byte, error) {
	return closings().issue(c, station)
}

// OpenClosed returns the closing that the station key pub signed. The error
// wraps ErrMalformed or ErrSignature.
func OpenClosed(b []byte, pub ed25519.PublicKey) (wire.Closed, error) { return closings().open(b, pub) }

// IssuePrekeys signs a batch of prekeys with the station key (spec/ENVELOPE.md §1).
func IssuePrekeys(p wire.Prekeys, station crypto.Signer) ([]byte, error) {
	return prekeys().issue(p, station)
}

// OpenPrekeys returns the prekeys that the station key pub signed. The error
// wraps ErrMalformed or ErrSignature.
func OpenPrekeys(b []byte, pub ed25519.PublicKey) (wire.Prekeys, error) {
	return prekeys().open(b, pub)
}
