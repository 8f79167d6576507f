package wire

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"parley"
)

// hexBytes is a byte string in the hexadecimal of a JSON file.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// coseExample is a file of the COSE working group's examples, as far as it is used.
type coseExample struct {
	Intermediates struct {
		ToBeSigned hexBytes `json:"ToBeSign_hex"`
		Signers    []struct {
			ToBeSigned hexBytes `json:"ToBeSign_hex"`
		}
	}
	Output struct {
		CBOR hexBytes
	}
}

// TestExamplesOfCOSE: the bytes that are signed are those of RFC 9052, and a
// signature that another implementation gave over them verifies. The key and
// the lengths are those in the files.
func TestExamplesOfCOSE(t *testing.T) {
	payload := []byte("This is the content.")
	alg, body, both := []byte{0xa1, 1, 0x27}, []byte{0xa1, 3, 0}, []byte{0xa2, 1, 0x27, 3, 0}
	pub, err := hex.DecodeString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
	if err != nil {
		t.Fatal(err)
	}
	for name, message := range map[string][]byte{
		"eddsa-01":     sigStructure(nil, "Signature", body, alg, nil, payload),
		"eddsa-02":     sigStructure(nil, "Signature", nil, alg, nil, payload), // Ed448: only what is signed
		"eddsa-sig-01": sigStructure(nil, "Signature1", both, nil, nil, payload),
	} {
		var x coseExample
		readJSON(t, "cose/"+name+".json", &x)
		want := []byte(x.Intermediates.ToBeSigned)
		if len(x.Intermediates.Signers) > 0 {
			want = x.Intermediates.Signers[0].ToBeSigned
		}
		if !slices.Equal(message, want) {
			t.Errorf("%s: to be signed is %x, want %x", name, message, want)
		}
		whole := x.Output.CBOR
		if name != "eddsa-02" {
			sig := whole[len(whole)-ed25519.SignatureSize:]
			if err := verify(pub, message, sig); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			sig[0] ^= 1
			if err := verify(pub, message, sig); !errors.Is(err, ErrSignature) {
				t.Errorf("%s with a bit changed: %v", name, err)
			}
		}
		for _, b := range [][]byte{whole, whole[1:], whole[2:]} { // tagged, and without the tag of one or two bytes
			if _, err := ParseSigned(b); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: ParseSigned gave %v: its headers are not ours", name, err)
			}
			if _, err := ParseSigned1(b); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: ParseSigned1 gave %v: its headers are not ours", name, err)
			}
		}
	}
}

// What is appended is what is to be signed, whatever stood there.
func TestAppendToBeSigned(t *testing.T) {
	key, payload := parley.KeyID{1}, []byte("payload")
	want := append([]byte("before"), ToBeSigned(DomainContent, key, payload)...)
	for _, room := range []int{0, len("before"), 1 << 10} {
		dst := append(make([]byte, 0, room), "before"...)
		if got := AppendToBeSigned(dst, DomainContent, key, payload); !slices.Equal(got, want) {
			t.Errorf("%x, want %x", got, want)
		}
	}
}

// TestToBeSignedIsBound: every part of what is signed changes it, and the two
// structures cannot be mistaken for each other.
func TestToBeSignedIsBound(t *testing.T) {
	key, payload := parley.KeyID{1}, []byte("payload")
	all := [][]byte{
		ToBeSigned(DomainContent, key, payload),
		ToBeSigned(DomainCard, key, payload),
		ToBeSigned(DomainContent, parley.KeyID{2}, payload),
		ToBeSigned(DomainContent, key, []byte("payloads")),
		ToBeSigned1(DomainContent, key, payload),
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if slices.Equal(a, b) {
				t.Errorf("two statements are signed as %x", a)
			}
		}
	}
	// Long payloads need longer heads: the array is what the encoder writes.
	for _, n := range []int{0, 23, 24, 255, 256, 65535, 65536} {
		payload := make([]byte, n)
		p := protect(key)
		want, err := encode(nil, 1<<20, []any{"Signature1", p[:], []byte(DomainReceipt), payload})
		if err != nil || !slices.Equal(ToBeSigned1(DomainReceipt, key, payload), want) {
			t.Errorf("with %d bytes of payload, to be signed is not deterministic CBOR (%v)", n, err)
		}
	}
}

func TestVerify(t *testing.T) {
	s := sampleSigned1(t)
	pub := sampleKey(1).Public().(ed25519.PublicKey)
	if err := s.Verify(pub, s.Key, DomainReceipt); err != nil {
		t.Fatal(err)
	}
	other := sampleKey(2).Public().(ed25519.PublicKey)
	changed, resigned := s, s
	changed.Payload = append(slices.Clone(s.Payload), 0)
	resigned.Sig[63] ^= 0x80
	for name, err := range map[string]error{
		"another domain":       s.Verify(pub, s.Key, DomainRefusal),
		"another key":          s.Verify(other, s.Key, DomainReceipt),
		"another key id":       s.Verify(pub, parley.KeyID{2}, DomainReceipt),
		"no key":               s.Verify(nil, s.Key, DomainReceipt),
		"a key cut short":      s.Verify(pub[:31], s.Key, DomainReceipt),
		"another payload":      changed.Verify(pub, s.Key, DomainReceipt),
		"another signature":    resigned.Verify(pub, s.Key, DomainReceipt),
		"nothing, by zeros":    Signed1{}.Verify(make([]byte, 32), parley.KeyID{}, DomainReceipt),
		"key id of other role": Signed1{Key: parley.KeyID{9}, Payload: s.Payload, Sig: s.Sig}.Verify(pub, parley.KeyID{9}, DomainReceipt),
	} {
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v, want ErrSignature", name, err)
		}
	}
}

// TestEd25519EdgeCases: the spec lets crypto/ed25519 decide where verifiers
// disagree. It checks without the cofactor and compares R as bytes, so it
// refuses exactly the signatures with a residue of low order and those whose R
// is not canonical.
func TestEd25519EdgeCases(t *testing.T) {
	var cases []struct {
		Number   int
		Key, Sig hexBytes
		Msg      string
		Flags    []string
	}
	readJSON(t, "ed25519/vectors.json", &cases)
	for _, c := range cases {
		accept := !slices.Contains(c.Flags, "low_order_residue") && !slices.Contains(c.Flags, "non_canonical_R")
		if err := verify(ed25519.PublicKey(c.Key), []byte(c.Msg), c.Sig); (err == nil) != accept {
			t.Errorf("case %d %v gave %v, want accepted %v", c.Number, c.Flags, err, accept)
		}
	}
	// S plus the order of the group signs the same in a lax verifier.
	key := sampleKey(1)
	sig := ed25519.Sign(key, []byte("m"))
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	le := slices.Clone(sig[32:])
	slices.Reverse(le)
	big.NewInt(0).Add(new(big.Int).SetBytes(le), order).FillBytes(le)
	slices.Reverse(le)
	if err := verify(key.Public().(ed25519.PublicKey), []byte("m"), append(sig[:32:32], le...)); !errors.Is(err, ErrSignature) {
		t.Errorf("S above the order gave %v", err)
	}
}

// odd is a signer that is no Ed25519 key, or answers what is no signature.
type odd struct {
	pub crypto.PublicKey
	sig []byte
	err error
}

func (o odd) Public() crypto.PublicKey { return o.pub }
func (o odd) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return o.sig, o.err
}

func TestSign1Refuses(t *testing.T) {
	pub := sampleKey(1).Public()
	broken := errors.New("token removed")
	for name, c := range map[string]struct {
		signer crypto.Signer
		want   error
	}{
		"ECDSA":           {odd{pub: &ecdsa.PublicKey{Curve: elliptic.P256()}}, ErrSignature},
		"short signature": {odd{pub: pub, sig: make([]byte, 63)}, ErrSignature},
		"broken token":    {odd{pub: pub, err: broken}, broken},
	} {
		if _, err := Sign1(c.signer, parley.KeyID{1}, DomainReceipt, []byte("p")); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
