package wire

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"slices"

	"parley"
)

// protected is the protected header {1: −8, 4: kid} of every signature:
// EdDSA, which is Ed25519 here, and the key's id. No other header exists, so it
// is compared, not interpreted (spec/MESSAGE.md §4).
type protected [13]byte

const protectedHead = "\xa2\x01\x27\x04\x48"

func protect(key parley.KeyID) (p protected) {
	copy(p[copy(p[:], protectedHead):], key[:])
	return p
}

func (p protected) key() (parley.KeyID, error) {
	if !bytes.HasPrefix(p[:], []byte(protectedHead)) {
		return parley.KeyID{}, fmt.Errorf("protected header: %w: it is not {1: -8, 4: kid}", ErrMalformed)
	}
	return parley.KeyID(p[len(protectedHead):]), nil
}

// ToBeSigned returns the Sig_structure of one signature of a COSE_Sign: context
// "Signature", empty body header, the key's protected header, the domain, the
// payload (RFC 9052 §4.4, spec/MESSAGE.md §4).
func ToBeSigned(d Domain, key parley.KeyID, payload []byte) []byte {
	return AppendToBeSigned(nil, d, key, payload)
}

// AppendToBeSigned is ToBeSigned behind dst, for whoever has room.
func AppendToBeSigned(dst []byte, d Domain, key parley.KeyID, payload []byte) []byte {
	p := protect(key)
	return sigStructure(dst, "Signature", nil, p[:], []byte(d), payload)
}

// ToBeSigned1 returns the Sig_structure of a COSE_Sign1: context "Signature1",
// the key's protected header, the domain, the payload (RFC 9052 §4.4).
func ToBeSigned1(d Domain, key parley.KeyID, payload []byte) []byte {
	p := protect(key)
	return sigStructure(nil, "Signature1", p[:], nil, []byte(d), payload)
}

// sigStructure writes after dst the array of RFC 9052 §4.4. A COSE_Sign1 has no signer
// header: it is nil there, and then not an element.
func sigStructure(dst []byte, context string, body, signer, aad, payload []byte) []byte {
	b := slices.Grow(dst, 1+len(context)+len(body)+len(signer)+len(aad)+len(payload)+5*5)
	elements := 4
	if signer != nil {
		elements = 5
	}
	b = appendText(appendHead(b, majorArray, elements), context)
	b = appendBytes(b, body)
	if signer != nil {
		b = appendBytes(b, signer)
	}
	return appendBytes(appendBytes(b, aad), payload)
}

// Sign1 makes a [Signed1] of payload. The signer is an Ed25519 key; its own
// errors are passed on (spec/MESSAGE.md §4).
func Sign1(signer crypto.Signer, key parley.KeyID, d Domain, payload []byte) (Signed1, error) {
	if _, ok := signer.Public().(ed25519.PublicKey); !ok {
		return Signed1{}, fmt.Errorf("sign in %s with key %s: %w: the key is a %T, not Ed25519", d, key, ErrSignature, signer.Public())
	}
	// Ed25519 draws no randomness, and this package has none to give.
	sig, err := signer.Sign(nil, ToBeSigned1(d, key, payload), crypto.Hash(0))
	if err != nil {
		return Signed1{}, fmt.Errorf("sign in %s with key %s: %w", d, key, err)
	}
	if len(sig) != ed25519.SignatureSize {
		return Signed1{}, fmt.Errorf("sign in %s with key %s: %w: the signer gave %d bytes", d, key, ErrSignature, len(sig))
	}
	return Signed1{Key: key, Payload: payload, Sig: [64]byte(sig)}, nil
}

// Verify reports, by an error that wraps ErrSignature, that s is not pub's
// signature in domain d, or that it names another key than key.
func (s Signed1) Verify(pub ed25519.PublicKey, key parley.KeyID, d Domain) error {
	if s.Key != key {
		return fmt.Errorf("verify in %s: %w: it names key %s, not %s", d, ErrSignature, s.Key, key)
	}
	if err := verify(pub, ToBeSigned1(d, key, s.Payload), s.Sig[:]); err != nil {
		return fmt.Errorf("verify in %s with key %s: %w", d, key, err)
	}
	return nil
}

// verify decides the edge cases of Ed25519 as crypto/ed25519 does: without
// cofactor, S below the group order, R compared as bytes (spec/MESSAGE.md §4).
func verify(pub ed25519.PublicKey, message, sig []byte) error {
	if len(pub) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: the public key has %d bytes, not %d", ErrSignature, len(pub), ed25519.PublicKeySize)
	}
	if !ed25519.Verify(pub, message, sig) {
		return ErrSignature
	}
	return nil
}
