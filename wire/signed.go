package wire

import (
	"bytes"
	"fmt"
	"slices"

	"parley"
)

// Signature is one officer's signature of a [Signed] (spec/MESSAGE.md §4).
type Signature struct {
	Key parley.KeyID // the officer's key
	Sig [64]byte     // Ed25519, over ToBeSigned
}

// Signed is content with the signatures that release it: a COSE_Sign
// (RFC 9052 §4.1, spec/MESSAGE.md §4).
type Signed struct {
	Content    []byte      // as AppendContent writes it; not empty
	Signatures []Signature // 1 to MaxSignatures, sorted by key, each key once
}

// Signed1 is a payload with one signature: a COSE_Sign1 (RFC 9052 §4.2,
// spec/MESSAGE.md §4).
type Signed1 struct {
	Key     parley.KeyID
	Payload []byte   // not empty
	Sig     [64]byte // Ed25519, over ToBeSigned1
}

// empty is a map without entries: the unprotected header.
type empty struct{}

type coseSign struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected empty
	Payload     []byte
	Signatures  []coseSignature
}

type coseSignature struct {
	_           struct{} `cbor:",toarray"`
	Protected   protected
	Unprotected empty
	Sig         [64]byte
}

type coseSign1 struct {
	_           struct{} `cbor:",toarray"`
	Protected   protected
	Unprotected empty
	Payload     []byte
	Sig         [64]byte
}

func (s coseSign) check() error {
	if len(s.Protected) != 0 {
		return fmt.Errorf("body header: %w: it is not empty", ErrMalformed)
	}
	if len(s.Payload) == 0 {
		return fmt.Errorf("content: %w: it is empty", ErrMalformed)
	}
	if len(s.Payload) > MaxContent {
		return fmt.Errorf("content of %d bytes: %w: at most %d", len(s.Payload), ErrLimit, MaxContent)
	}
	if err := checkCount("signatures", len(s.Signatures), 1, MaxSignatures); err != nil {
		return err
	}
	for i, sig := range s.Signatures {
		if _, err := sig.Protected.key(); err != nil {
			return fmt.Errorf("signature %d: %w", i+1, err)
		}
		if i > 0 && bytes.Compare(s.Signatures[i-1].Protected[:], sig.Protected[:]) >= 0 {
			return fmt.Errorf("signature %d: %w: signatures are sorted by key, each key once", i+1, ErrMalformed)
		}
	}
	return nil
}

func (s coseSign1) check() error {
	if _, err := s.Protected.key(); err != nil {
		return err
	}
	if len(s.Payload) == 0 {
		return fmt.Errorf("payload: %w: it is empty", ErrMalformed)
	}
	return nil
}

// AppendSigned writes s after dst, or refuses what ParseSigned would refuse.
// It does not look into the content, nor at the signatures.
func AppendSigned(dst []byte, s Signed) ([]byte, error) {
	return appendChecked(dst, "signed content", MaxSigned, s.cose())
}

func (s Signed) cose() coseSign {
	c := coseSign{Payload: s.Content, Signatures: make([]coseSignature, len(s.Signatures))}
	for i, sig := range s.Signatures {
		c.Signatures[i] = coseSignature{Protected: protect(sig.Key), Sig: sig.Sig}
	}
	return c
}

// ParseSigned reads a COSE_Sign of at most MaxSigned bytes. The content in it
// is not parsed and the signatures are not verified. Errors wrap ErrMalformed
// or ErrLimit (spec/MESSAGE.md §4).
func ParseSigned(b []byte) (Signed, error) {
	s, err := ViewSigned(b)
	s.Content = slices.Clone(s.Content)
	return s, err
}

// ViewSigned is ParseSigned for whoever does not change b: the content may be a part of
// it.
func ViewSigned(b []byte) (Signed, error) {
	c, err := parseQuickly("signed content", MaxSigned, b, quickSigned)
	if err != nil {
		return Signed{}, err
	}
	s := Signed{Content: c.Payload, Signatures: make([]Signature, len(c.Signatures))}
	for i, sig := range c.Signatures {
		s.Signatures[i] = Signature{Key: parley.KeyID(sig.Protected[len(protectedHead):]), Sig: sig.Sig}
	}
	return s, nil
}

// AppendSigned1 writes s after dst, or refuses what ParseSigned1 would refuse.
func AppendSigned1(dst []byte, s Signed1) ([]byte, error) {
	c := coseSign1{Protected: protect(s.Key), Payload: s.Payload, Sig: s.Sig}
	return appendChecked(dst, "signed payload", maxSigned1, c)
}

// ParseSigned1 reads a COSE_Sign1 of at most 24,576 bytes. The payload in
// it is not parsed and the signature is not verified: [Signed1.Verify]. Errors
// wrap ErrMalformed or ErrLimit (spec/MESSAGE.md §4).
func ParseSigned1(b []byte) (Signed1, error) {
	c, err := parseChecked[coseSign1]("signed payload", maxSigned1, b)
	if err != nil {
		return Signed1{}, err
	}
	return Signed1{Key: parley.KeyID(c.Protected[len(protectedHead):]), Payload: c.Payload, Sig: c.Sig}, nil
}
