package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
)

// key is a key pair of one role, made from its name, so that the vectors come
// out the same every time.
type key struct {
	role    string
	private ed25519.PrivateKey
	public  ed25519.PublicKey
	id      []byte
}

func seed(name string) []byte {
	h := sha256.Sum256([]byte("parley vectors: " + name))
	return h[:]
}

func newKey(role, name string) key {
	private := ed25519.NewKeyFromSeed(seed(name))
	public := private.Public().(ed25519.PublicKey)
	h := sha256.Sum256(join([]byte("parley/v1/key\x00"), []byte(role), []byte{0}, public))
	return key{role, private, public, h[:8]}
}

// protected is the protected header of everything we sign: EdDSA, and the key.
func protected(id []byte) []byte {
	return join([]byte{0xa2, 0x01, 0x27, 0x04}, bstr(id))
}

// toBeSigned1 is the Sig_structure of COSE_Sign1 (RFC 9052 §4.4).
func toBeSigned1(domain string, id, payload []byte) []byte {
	return array(tstr("Signature1"), bstr(protected(id)), bstr([]byte(domain)), bstr(payload))
}

// toBeSigned is the Sig_structure of one signature of COSE_Sign.
func toBeSigned(domain string, id, payload []byte) []byte {
	return array(tstr("Signature"), bstr(nil), bstr(protected(id)), bstr([]byte(domain)), bstr(payload))
}

var emptyMap = []byte{0xa0}

// sign1 is a COSE_Sign1 over payload.
func sign1(k key, domain string, payload []byte) []byte {
	return assemble1(k.id, payload, ed25519.Sign(k.private, toBeSigned1(domain, k.id, payload)))
}

func assemble1(id, payload, sig []byte) []byte {
	return array(bstr(protected(id)), emptyMap, bstr(payload), bstr(sig))
}

// signature is one COSE_Signature of a COSE_Sign.
type signature struct{ id, sig []byte }

func (s signature) encode() []byte { return array(bstr(protected(s.id)), emptyMap, bstr(s.sig)) }

func approve(k key, content []byte) signature {
	return signature{k.id, ed25519.Sign(k.private, toBeSigned("parley/v1/content", k.id, content))}
}

// sign is the COSE_Sign of content by officers, sorted by key id.
func sign(content []byte, officers ...key) []byte {
	var sigs []signature
	for _, k := range officers {
		sigs = append(sigs, approve(k, content))
	}
	slices.SortFunc(sigs, func(a, b signature) int { return bytes.Compare(a.id, b.id) })
	return assemble(content, sigs...)
}

func assemble(content []byte, sigs ...signature) []byte {
	var all [][]byte
	for _, s := range sigs {
		all = append(all, s.encode())
	}
	return array(bstr(nil), emptyMap, bstr(content), array(all...))
}
