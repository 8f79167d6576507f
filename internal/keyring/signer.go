package keyring

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// signer is an unlocked Ed25519 key that signs and cannot be printed, nor
// turned back into a key by a caller.
type signer struct {
	reveal hidden // the 64 bytes of an ed25519.PrivateKey
}

func newSigner(seed []byte) signer {
	return signer{reveal: hide(ed25519.NewKeyFromSeed(seed))}
}

// Public returns the ed25519.PublicKey.
func (s signer) Public() crypto.PublicKey { return s.key().Public() }

// Sign signs as ed25519.PrivateKey.Sign does; it needs no randomness.
func (s signer) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.key().Sign(nil, message, opts)
}

func (s signer) key() ed25519.PrivateKey   { return s.reveal() }
func (s signer) public() ed25519.PublicKey { return s.key().Public().(ed25519.PublicKey) }

func (signer) String() string                 { return redacted }
func (signer) GoString() string               { return redacted }
func (signer) Format(f fmt.State, _ rune)     { _, _ = io.WriteString(f, redacted) }
func (signer) MarshalText() ([]byte, error)   { return []byte(redacted), nil }
func (signer) MarshalJSON() ([]byte, error)   { return []byte(`"` + redacted + `"`), nil }
func (signer) MarshalBinary() ([]byte, error) { return nil, errors.New("a private key is not encoded") }
func (signer) LogValue() slog.Value           { return slog.StringValue(redacted) }
