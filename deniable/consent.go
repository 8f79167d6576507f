package deniable

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// ErrConsent is returned for a consent that is not by the officer's key, or not
// to this content.
var ErrConsent = wire.ErrSignature

// Consent is an officer's yes to content of a deniable line, for the officer's
// own station (spec/DENIABLE.md §4). To anybody who does not know Blind the
// signature says nothing, so whoever has checked one forgets Blind.
type Consent struct {
	Key   parley.KeyID
	Blind [32]byte
	Sig   [ed25519.SignatureSize]byte
}

// Agree gives an officer's consent to content; blind is 32 random bytes. It
// signs only what ParseContent reads, so that an officer cannot be given bytes
// that no screen can show.
func Agree(content []byte, blind [32]byte, officer crypto.Signer) (Consent, error) {
	if _, err := wire.ParseContent(content); err != nil {
		return Consent{}, fmt.Errorf("consent: %w", err)
	}
	pub, ok := officer.Public().(ed25519.PublicKey)
	if !ok {
		return Consent{}, fmt.Errorf("consent: the officer's key is a %T, want Ed25519", officer.Public())
	}
	c := Consent{Key: roster.KeyID(roster.RoleOfficer, pub), Blind: blind}
	sig, err := officer.Sign(nil, c.signed(content), crypto.Hash(0)) // Ed25519 draws nothing
	if err != nil {
		return Consent{}, fmt.Errorf("consent: %w", err)
	}
	if len(sig) != len(c.Sig) {
		return Consent{}, fmt.Errorf("consent: the key made a signature of %d bytes, want %d", len(sig), len(c.Sig))
	}
	c.Sig = [ed25519.SignatureSize]byte(sig)
	return c, nil
}

// Check returns nil if pub gave this consent to content, or ErrConsent.
func (c Consent) Check(content []byte, pub ed25519.PublicKey) error {
	if c.Key != roster.KeyID(roster.RoleOfficer, pub) || !ed25519.Verify(pub, c.signed(content), c.Sig[:]) {
		return fmt.Errorf("consent: %w", ErrConsent)
	}
	return nil
}

// signed is what an officer signs: nothing that tells of the content.
func (c Consent) signed(content []byte) []byte {
	h := sha256.New()
	h.Write([]byte("parley/v1/consent\x00"))
	h.Write(c.Blind[:])
	h.Write(content)
	return wire.ToBeSigned1(wire.DomainConsent, c.Key, h.Sum(nil))
}
