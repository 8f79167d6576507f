package seal_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"parley"
	"parley/roster"
	"parley/seal"
	"parley/wire"
)

// payload returns the opening inside its signature.
func payload(t testing.TB, opening []byte) wire.Opening {
	t.Helper()
	s, err := wire.ParseSigned1(opening)
	if err != nil {
		t.Fatal(err)
	}
	o, err := wire.ParseOpening(s.Payload)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// sign signs an opening as NewEpoch does, for openings that NewEpoch does not make.
func sign(t testing.TB, o wire.Opening, d wire.Domain, key ed25519.PrivateKey) []byte {
	t.Helper()
	b, err := wire.AppendOpening(nil, o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := wire.Sign1(key, roster.KeyID(roster.RoleStation, key.Public().(ed25519.PublicKey)), d, b)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := wire.AppendSigned1(nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestAnotherImplementationOpens reads spec/ENVELOPE.md with nothing but HPKE,
// HKDF and ChaCha20-Poly1305: it stands for the other side's own program.
func TestAnotherImplementationOpens(t *testing.T) {
	w := newWay(t, 1, "north", "south")
	sender, _, opening := w.open(t)
	o := payload(t, opening)

	key, err := hpke.MLKEM768X25519().NewPrivateKey(w.private[o.Prekey])
	if err != nil {
		t.Fatal(err)
	}
	// {1: line, 2: roster, 3: "north", 4: "south", 5: prekey hash, 7: epoch}
	info := []byte("parley/v1/epoch\x00\xa6")
	info = append(append(info, 0x01, 0x58, 32), w.Line[:]...)
	info = append(append(info, 0x02, 0x58, 32), w.Roster[:]...)
	info = append(info, "\x03\x65north\x04\x65south"...)
	info = append(append(info, 0x05, 0x58, 32), o.Prekey[:]...)
	info = append(append(info, 0x07, 0x48), o.Epoch[:]...)
	r, err := hpke.NewRecipient(o.Enc, key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info)
	if err != nil {
		t.Fatal(err)
	}
	direction, err := r.Export("parley/v1/direction", 32)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range forms {
		_, f := frame(t, sender, form, opening, []byte("bundle"))
		frameKey, err := hkdf.Key(sha256.New, direction, f.Salt[:], "parley/v1/seal\x00"+string(rune(form)), 32)
		if err != nil {
			t.Fatal(err)
		}
		a, err := chacha20poly1305.New(frameKey)
		if err != nil {
			t.Fatal(err)
		}
		// [1, tag, form, epoch, salt]
		aad := append([]byte{0x85, 0x01, 0x48}, f.Tag[:]...)
		aad = append(append(aad, byte(form), 0x48), f.Epoch[:]...)
		aad = append(append(aad, 0x50), f.Salt[:]...)
		plain, err := a.Open(nil, make([]byte, 12), f.Ciphertext, aad)
		if err != nil {
			t.Fatalf("form %d: %v", form, err)
		}
		want := []byte("bundle")
		if form == wire.Wide {
			want = append(append(want, 0x80), make([]byte, 1024-7)...)
		}
		if !bytes.Equal(plain, want) {
			t.Fatalf("form %d: %x", form, plain)
		}
	}
}

// TestLongPartyNames: the info is written by hand in this package; a name of
// 24 characters and more takes another length form in it.
func TestLongPartyNames(t *testing.T) {
	for _, n := range []int{1, 23, 24, 32} {
		w := newWay(t, 1, parley.Party(bytes.Repeat([]byte{'n'}, n)), "south")
		sender, addressee, _ := w.open(t)
		_, f := frame(t, sender, wire.Narrow, nil, []byte("bundle"))
		if _, err := addressee.Open(f); err != nil {
			t.Fatalf("party of %d characters: %v", n, err)
		}
	}
}

func TestAcceptRefuses(t *testing.T) {
	w := newWay(t, 1, "north", "south")
	_, opening, err := seal.NewEpoch(w.Terms, w.prekey, w.stationKey)
	if err != nil {
		t.Fatal(err)
	}
	o := payload(t, opening)
	_, otherKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	badPoint := o
	badPoint.Enc = bytes.Clone(o.Enc) // an X25519 share of order one makes the classical half zero
	clear(badPoint.Enc[encSize-32:])

	tests := []struct {
		what    string
		terms   seal.Terms
		opening []byte
		want    error
	}{
		{"nothing", w.Terms, nil, seal.ErrOpening},
		{"another line", seal.Terms{Line: parley.LineID{2}, Roster: w.Roster, From: w.From, To: w.To}, opening, seal.ErrOpening},
		{"another roster", seal.Terms{Line: w.Line, Roster: parley.Hash{2}, From: w.From, To: w.To}, opening, seal.ErrOpening},
		{"the other direction", seal.Terms{Line: w.Line, Roster: w.Roster, From: w.To, To: w.From}, opening, seal.ErrOpening},
		{"another addressee", seal.Terms{Line: w.Line, Roster: w.Roster, From: w.From, To: "west"}, opening, seal.ErrOpening},
		{"another station", w.Terms, sign(t, o, wire.DomainOpening, otherKey), seal.ErrOpening},
		{"another domain", w.Terms, sign(t, o, wire.DomainCheck, w.stationKey), seal.ErrOpening},
		{"a point of small order", w.Terms, sign(t, badPoint, wire.DomainOpening, w.stationKey), seal.ErrOpening},
	}
	for _, test := range tests {
		e, _, err := seal.AcceptEpoch(test.terms, test.opening, w.station, w.held)
		if !errors.Is(err, test.want) || e != nil {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
	}
	for bit := range 8 * len(opening) {
		changed := bytes.Clone(opening)
		changed[bit/8] ^= 1 << (bit % 8)
		if bit%61 != 0 && !testing.Short() || bit%997 != 0 && testing.Short() {
			continue // each costs a signature check; a prime step reaches every field
		}
		if _, _, err := seal.AcceptEpoch(w.Terms, changed, w.station, w.held); !errors.Is(err, seal.ErrOpening) {
			t.Fatalf("bit %d changed: %v", bit, err)
		}
	}
}

func TestPrekeysNotHeld(t *testing.T) {
	w := newWay(t, 1, "north", "south")
	_, opening, err := seal.NewEpoch(w.Terms, w.prekey, w.stationKey)
	if err != nil {
		t.Fatal(err)
	}
	hash := seal.PrekeyHash(w.prekey)
	other, _, err := seal.NewPrekey()
	if err != nil {
		t.Fatal(err)
	}
	for what, half := range map[string][]byte{"unknown": nil, "mixed up": other, "cut off": other[:31]} {
		if half == nil {
			delete(w.private, hash)
		} else {
			w.private[hash] = half
		}
		if _, _, err := seal.AcceptEpoch(w.Terms, opening, w.station, w.held); !errors.Is(err, seal.ErrPrekey) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestThePeerIsAskedFirst: the keyring is asked only about openings that the
// peer has signed, so that nobody else can make it search or use up a prekey.
func TestThePeerIsAskedFirst(t *testing.T) {
	w := newWay(t, 1, "north", "south")
	_, opening, err := seal.NewEpoch(w.Terms, w.prekey, w.stationKey)
	if err != nil {
		t.Fatal(err)
	}
	opening[len(opening)-1] ^= 1
	asked := func(parley.Hash) ([]byte, error) {
		t.Error("the keyring was asked")
		return nil, seal.ErrPrekey
	}
	if _, _, err := seal.AcceptEpoch(w.Terms, opening, w.station, asked); !errors.Is(err, seal.ErrOpening) {
		t.Fatal(err)
	}
}

func TestNewEpochRefusesInvalidPrekeys(t *testing.T) {
	w := newWay(t, 1, "north", "south")
	large := bytes.Repeat([]byte{0xff}, seal.PrekeySize) // coefficients beyond the modulus
	point := bytes.Clone(w.prekey)
	clear(point[seal.PrekeySize-32:]) // an X25519 point of small order
	for what, prekey := range map[string][]byte{"short": w.prekey[1:], "empty": nil, "out of range": large, "small order": point} {
		if _, _, err := seal.NewEpoch(w.Terms, prekey, w.stationKey); !errors.Is(err, seal.ErrPrekey) {
			t.Errorf("%s: %v", what, err)
		}
		if err := seal.CheckPrekey(prekey); !errors.Is(err, seal.ErrPrekey) {
			t.Errorf("check of %s: %v", what, err)
		}
	}
	if err := seal.CheckPrekey(w.prekey); err != nil {
		t.Error(err)
	}
	if err := seal.CheckPrekey(large); !errors.Is(err, seal.ErrPrekey) {
		t.Error(err)
	}
}

// encSize is the length of an encapsulation: ML-KEM-768, then X25519.
const encSize = 1088 + 32

func FuzzAcceptEpoch(f *testing.F) {
	w := newWay(f, 1, "north", "south")
	_, opening, err := seal.NewEpoch(w.Terms, w.prekey, w.stationKey)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(opening)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := seal.AcceptEpoch(w.Terms, b, w.station, w.held); err == nil && !bytes.Equal(b, opening) {
			t.Fatalf("an opening that the peer did not make: %x", b)
		}
	})
}
