package main

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/mlkem"
	"crypto/mlkem/mlkemtest"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"fmt"
)

// X-Wing (draft-connolly-cfrg-xwing-kem; HPKE KEM 0x647a) and the key schedule
// of RFC 9180 in base mode, written out, because the vectors need an
// encapsulation that comes out the same every time.

const (
	kemID  = 0x647a // MLKEM768-X25519
	kdfID  = 0x0001 // HKDF-SHA256
	aeadID = 0x0003 // ChaCha20-Poly1305
)

// prekey is a prekey of a party.
type prekey struct {
	seed, public []byte
	pq           *mlkem.DecapsulationKey768
	t            *ecdh.PrivateKey
}

func newPrekey(name string) prekey {
	s := seed(name)
	h := sha3.NewSHAKE256()
	must(h.Write(s))
	wide := make([]byte, 64+32)
	must(h.Read(wide))
	pq := must(mlkem.NewDecapsulationKey768(wide[:64]))
	t := must(ecdh.X25519().NewPrivateKey(wide[64:]))
	return prekey{s, join(pq.EncapsulationKey().Bytes(), t.PublicKey().Bytes()), pq, t}
}

func (p prekey) hash() []byte {
	h := sha256.Sum256(p.public)
	return h[:]
}

// encapsulate returns the encapsulation and the shared secret for the
// randomness that name gives.
func (p prekey) encapsulate(name string) (enc, shared []byte) {
	ssPQ, ctPQ, err := mlkemtest.Encapsulate768(p.pq.EncapsulationKey(), seed(name+" m"))
	check(err)
	e := must(ecdh.X25519().NewPrivateKey(seed(name + " e")))
	ssT := must(e.ECDH(p.t.PublicKey()))
	ctT := e.PublicKey().Bytes()
	h := sha3.Sum256(join(ssPQ, ssT, ctT, p.t.PublicKey().Bytes(), []byte(`\.//^\`)))
	return join(ctPQ, ctT), h[:]
}

// export runs the key schedule and returns Export(context, 32).
func export(shared, info []byte, context string) []byte {
	suite := []byte("HPKE")
	for _, id := range []uint16{kemID, kdfID, aeadID} {
		suite = binary.BigEndian.AppendUint16(suite, id)
	}
	extract := func(salt []byte, label string, ikm []byte) []byte {
		return must(hkdf.Extract(sha256.New, join([]byte("HPKE-v1"), suite, []byte(label), ikm), salt))
	}
	expand := func(prk []byte, label string, info []byte) []byte {
		labeled := join([]byte{0, 32}, []byte("HPKE-v1"), suite, []byte(label), info)
		return must(hkdf.Expand(sha256.New, prk, string(labeled), 32))
	}
	schedule := join([]byte{0}, extract(nil, "psk_id_hash", nil), extract(nil, "info_hash", info))
	secret := extract(shared, "secret", nil)
	exporter := expand(secret, "exp", schedule)
	return expand(exporter, "sec", []byte(context))
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		panic(fmt.Sprintf("generate: %v", err)) // a vector that cannot be made is a mistake in this program
	}
}
