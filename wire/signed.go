package wire

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"fmt"

	"parley"
)

// Domain separates the statements that keys sign: it is the external_aad of
// the COSE signature (spec/ROSTER.md §4).
type Domain string

// The domains. Each belongs to one role of key.
const (
	DomainContent Domain = "parley/v1/content" // officer
	DomainOpening Domain = "parley/v1/opening" // station
	DomainPrekeys Domain = "parley/v1/prekeys" // station
	DomainCheck   Domain = "parley/v1/check"   // station
	DomainRefusal Domain = "parley/v1/refusal" // station
	DomainClosed  Domain = "parley/v1/closed"  // station
	DomainReceipt Domain = "parley/v1/receipt" // receipt
	DomainCard    Domain = "parley/v1/card"    // root
)

// MaxSignatures is how many officers may sign one content.
const MaxSignatures = 8

// MaxSigned is the longest COSE_Sign of a content.
const MaxSigned = 40960

// maxSigned1 is the longest COSE_Sign1: a batch of prekeys.
const maxSigned1 = 24576

// Signature is one signature and the id of the key that made it.
type Signature struct {
	Key parley.KeyID
	Sig [ed25519.SignatureSize]byte
}

// Signed is a content with its officers' signatures: a COSE_Sign of RFC 9052
// §4.1, untagged (spec/MESSAGE.md §4).
type Signed struct {
	Content    []byte
	Signatures []Signature // sorted by key, each key once
}

// Signed1 is a statement with one signature: a COSE_Sign1 of RFC 9052 §4.2,
// untagged.
type Signed1 struct {
	Key     parley.KeyID
	Payload []byte
	Sig     [ed25519.SignatureSize]byte
}

// empty is an unprotected header: always an empty map.
type empty struct{}

type protectedRow struct {
	Alg int           `cbor:"1,keyasint"`
	Key *parley.KeyID `cbor:"4,keyasint"`
}

const algEdDSA = -8

type signatureRow struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected empty
	Sig         [ed25519.SignatureSize]byte
}

type signedRow struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected empty
	Payload     []byte
	Signatures  []signatureRow
}

type signed1Row struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected empty
	Payload     []byte
	Sig         [ed25519.SignatureSize]byte
}

// protected returns the protected header {1: -8, 4: key}.
func protected(key parley.KeyID) []byte {
	return append([]byte{0xa2, 0x01, 0x27, 0x04, 0x48}, key[:]...)
}

func parseProtected(b []byte, what string) (key parley.KeyID, err error) {
	if len(b) != 5+len(key) {
		return key, fmt.Errorf("%s: %w: the protected header is not {1: -8, 4: key id}", what, ErrMalformed)
	}
	copy(key[:], b[5:])
	if !bytes.Equal(b, protected(key)) {
		return key, fmt.Errorf("%s: %w: the protected header is not {1: -8, 4: key id}", what, ErrMalformed)
	}
	return key, nil
}

// AppendSigned appends the encoding of s, whose signatures must be in order.
func AppendSigned(dst []byte, s Signed) ([]byte, error) {
	if err := s.check(); err != nil {
		return dst, err
	}
	row := signedRow{Protected: []byte{}, Payload: s.Content}
	for _, sig := range s.Signatures {
		row.Signatures = append(row.Signatures, signatureRow{Protected: protected(sig.Key), Sig: sig.Sig})
	}
	return appendValue(dst, "signed content", row)
}

// ParseSigned reads a Signed. It verifies no signature: see release.Verify.
func ParseSigned(b []byte) (Signed, error) {
	row, err := parseValue[signedRow](b, "signed content", MaxSigned)
	if err != nil {
		return Signed{}, err
	}
	if len(row.Protected) != 0 || row.Payload == nil {
		return Signed{}, fmt.Errorf("signed content: %w: the body's protected header is not empty, or there is no payload", ErrMalformed)
	}
	s := Signed{Content: row.Payload}
	for _, r := range row.Signatures {
		key, err := parseProtected(r.Protected, "signed content")
		if err != nil {
			return Signed{}, err
		}
		s.Signatures = append(s.Signatures, Signature{Key: key, Sig: r.Sig})
	}
	return s, s.check()
}

func (s Signed) check() error {
	if len(s.Signatures) > MaxSignatures {
		return fmt.Errorf("signed content: %w of %d signatures", ErrLimit, MaxSignatures)
	}
	if len(s.Content) > MaxContent {
		return fmt.Errorf("signed content: %w of %d bytes", ErrLimit, MaxContent)
	}
	if len(s.Signatures) == 0 || len(s.Content) == 0 {
		return fmt.Errorf("signed content: %w: nobody signed, or nothing", ErrMalformed)
	}
	for i := 1; i < len(s.Signatures); i++ {
		if bytes.Compare(s.Signatures[i-1].Key[:], s.Signatures[i].Key[:]) >= 0 {
			return fmt.Errorf("signed content: %w: the signatures are not in order of their keys, each once", ErrMalformed)
		}
	}
	return nil
}

// AppendSigned1 appends the encoding of s.
func AppendSigned1(dst []byte, s Signed1) ([]byte, error) {
	if err := s.check(); err != nil {
		return dst, err
	}
	return appendValue(dst, "statement", signed1Row{Protected: protected(s.Key), Payload: s.Payload, Sig: s.Sig})
}

// ParseSigned1 reads a Signed1. It does not verify the signature: see
// Signed1.Verify.
func ParseSigned1(b []byte) (Signed1, error) {
	row, err := parseValue[signed1Row](b, "statement", maxSigned1)
	if err != nil {
		return Signed1{}, err
	}
	key, err := parseProtected(row.Protected, "statement")
	if err != nil {
		return Signed1{}, err
	}
	s := Signed1{Key: key, Payload: row.Payload, Sig: row.Sig}
	return s, s.check()
}

func (s Signed1) check() error {
	if len(s.Payload) == 0 {
		return fmt.Errorf("statement: %w: it states nothing", ErrMalformed)
	}
	if len(s.Payload) > maxSigned1-128 {
		return fmt.Errorf("statement of %d bytes: %w", len(s.Payload), ErrLimit)
	}
	return nil
}

// ToBeSigned returns what one officer signs of a content: the Sig_structure of
// RFC 9052 §4.4 with context "Signature".
func ToBeSigned(d Domain, key parley.KeyID, content []byte) []byte {
	return sigStructure([]any{"Signature", []byte{}, protected(key), []byte(d), content})
}

// ToBeSigned1 returns what is signed of a statement: the Sig_structure of
// RFC 9052 §4.4 with context "Signature1".
func ToBeSigned1(d Domain, key parley.KeyID, payload []byte) []byte {
	return sigStructure([]any{"Signature1", protected(key), []byte(d), payload})
}

func sigStructure(parts []any) []byte {
	b, err := codec.enc.Marshal(parts)
	if err != nil {
		panic(err) // strings and byte strings can always be encoded
	}
	return b
}

// Sign1 signs a statement. signer is an Ed25519 key whose id is key.
func Sign1(signer crypto.Signer, key parley.KeyID, d Domain, payload []byte) (Signed1, error) {
	s := Signed1{Key: key, Payload: payload}
	if err := s.check(); err != nil {
		return s, err
	}
	sig, err := signer.Sign(nil, ToBeSigned1(d, key, payload), crypto.Hash(0))
	if err != nil {
		return s, fmt.Errorf("sign %s: %w", d, err)
	}
	if len(sig) != len(s.Sig) {
		return s, fmt.Errorf("sign %s: the key answered %d bytes, which is no Ed25519 signature", d, len(sig))
	}
	copy(s.Sig[:], sig)
	return s, nil
}

// Verify returns nil if s is a statement of the given domain by the key pub,
// whose id is key. The error wraps ErrSignature.
func (s Signed1) Verify(pub ed25519.PublicKey, key parley.KeyID, d Domain) error {
	if s.Key != key || len(pub) != ed25519.PublicKeySize || !ed25519.Verify(pub, ToBeSigned1(d, s.Key, s.Payload), s.Sig[:]) {
		return fmt.Errorf("%s: %w", d, ErrSignature)
	}
	return nil
}
