package deniable

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"parley"
)

// ErrSecret is returned where the two keys have no secret.
var ErrSecret = errors.New("no secret is had from these deniable keys")

// secret is what all keys of a deniable line are derived from. It cannot be
// printed.
type secret struct{ reveal func() []byte }

// newSecret extracts the secret of a line from what X25519 gave
// (spec/DENIABLE.md §2).
func newSecret(shared []byte, line parley.LineID) (secret, error) {
	prk, err := hkdf.Extract(sha256.New, shared, line[:])
	if err != nil {
		return secret{}, fmt.Errorf("%w: %w", ErrSecret, err)
	}
	return secret{func() []byte { return prk }}, nil
}

// derive returns n bytes for a use by a party.
func (s secret) derive(use string, p parley.Party, n int) ([]byte, error) {
	return hkdf.Expand(sha256.New, s.reveal(), "parley/v1/deniable\x00"+use+"\x00"+string(p), n)
}

// key returns the signing key for a use by a party.
func (s secret) key(use string, p parley.Party) (key, error) {
	seed, err := s.derive(use, p, ed25519.SeedSize)
	if err != nil {
		return key{}, err
	}
	private := ed25519.NewKeyFromSeed(seed)
	return key{func() ed25519.PrivateKey { return private }}, nil
}

// key signs as both parties can. It cannot be printed.
type key struct{ reveal func() ed25519.PrivateKey }

var _ crypto.Signer = key{}

// Public returns the ed25519.PublicKey.
func (k key) Public() crypto.PublicKey { return k.reveal().Public() }

// Sign signs as ed25519.PrivateKey.Sign does; it needs no randomness.
func (k key) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.reveal().Sign(nil, message, opts)
}

func (k key) public() ed25519.PublicKey { return k.reveal().Public().(ed25519.PublicKey) }

const redacted = "(secret)"

func (secret) String() string             { return redacted }
func (secret) GoString() string           { return redacted }
func (secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }
func (key) String() string                { return redacted }
func (key) GoString() string              { return redacted }
func (key) Format(f fmt.State, _ rune)    { _, _ = io.WriteString(f, redacted) }
