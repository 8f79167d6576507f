package receipt_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"filippo.io/mldsa"
	clog "github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/roster"
	"parley/transcript"
)

// offered and answered are an offer of north, and south's answer to it.
func offered(t testing.TB, line *rostertest.Line, size uint64) []byte {
	t.Helper()
	b, err := receipt.OfferPQ(cosigned(t, line, size), roster.NewHistory(line.Roster), "north", line.North.ReceiptPQKey, moment+1789)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func answered(t testing.TB, line *rostertest.Line, size uint64) []byte {
	t.Helper()
	b, err := receipt.CosignPQ(offered(t, line, size), roster.NewHistory(line.Roster), "south", line.South.ReceiptPQKey, moment+2789)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPostQuantum(t *testing.T) {
	line := rostertest.New(t, rostertest.PostQuantum())
	h := roster.NewHistory(line.Roster)
	want := transcript.Checkpoint{Line: line.Roster.Line, Log: line.North.Log, Size: 7, Root: parley.Hash{7}}
	offer := offered(t, line, 7)
	c, at, err := receipt.OpenOfferPQ(offer, h, "north", "south")
	if err != nil || c.Checkpoint != want || at != moment+1000 {
		t.Errorf("the offer opens as %+v at %d, %v", c, at, err)
	}
	note := answered(t, line, 7)
	p, err := receipt.OpenCosignedPQ(note, h, "north", "south")
	if err != nil {
		t.Fatal(err)
	}
	if p.Checkpoint != want || p.Receipted != moment || p.Offered != moment+1000 || p.Cosigned != moment+2000 {
		t.Errorf("opens as %+v", p)
	}
	if got := receipt.CosignedIn(note); !bytes.Equal(got, cosigned(t, line, 7)) {
		t.Errorf("in it stands %q", got)
	}
	if len(note) > transcript.MaxNotePQ {
		t.Errorf("a note of %d bytes", len(note))
	}
	if receipt.AnswersPQ(note, offer) || !receipt.AnswersPQ(note, note[:bytes.LastIndexByte(note[:len(note)-1], '\n')+1]) {
		t.Error("an offer was signed twice, with other bytes, and one of the two is not what was answered")
	}
	if !receipt.HasPQ(line.Roster) || receipt.HasPQ(rostertest.New(t, rostertest.PostQuantum("north")).Roster) {
		t.Error("a line has post-quantum cosignatures if both parties have a key")
	}
}

// TestPostQuantumByOthers: C2SP tooling reads all four signatures with no code of
// ours, and the two of ML-DSA-44 as those of a subtree, too.
func TestPostQuantumByOthers(t *testing.T) {
	line := rostertest.New(t, rostertest.PostQuantum())
	signed := answered(t, line, 7)
	logKey, err := note.NewEd25519VerifierKey(roster.LogKeyName(line.Roster.Line, line.North.Log), line.North.Side.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	ofLog, err := note.NewVerifier(logKey)
	if err != nil {
		t.Fatal(err)
	}
	vkey := func(name string, alg byte, key []byte) string {
		return name + "+00000000+" + base64.StdEncoding.EncodeToString(append([]byte{alg}, key...))
	}
	verifiers := []note.Verifier{ofLog}
	for _, k := range []string{
		vkey(roster.ReceiptKeyName(line.Roster.Line, "south"), 4, line.South.Side.Receipt),
		vkey(roster.ReceiptPQKeyName(line.Roster.Line, "north"), 6, line.North.ReceiptPQ),
		vkey(roster.ReceiptPQKeyName(line.Roster.Line, "south"), 6, line.South.ReceiptPQ),
	} {
		v, err := cosignature.NewVerifierForCosignatureV1(k)
		if err != nil {
			t.Fatal(err)
		}
		verifiers = append(verifiers, v)
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil || len(n.Sigs) != 4 || len(n.UnverifiedSigs) != 0 {
		t.Fatalf("%v: %d signatures verify, %d do not", err, len(n.Sigs), len(n.UnverifiedSigs))
	}
	var c clog.Checkpoint
	if _, err := c.Unmarshal([]byte(n.Text)); err != nil {
		t.Fatal(err)
	}
	sub, err := cosignature.NewMLDSAVerifier(vkey(roster.ReceiptPQKeyName(line.Roster.Line, "south"), 6, line.South.ReceiptPQ))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(n.Sigs[3].Base64)
	if err != nil {
		t.Fatal(err)
	}
	at, err := cosignature.CoSigV1Timestamp(n.Sigs[3])
	if err != nil || parley.TimeOf(at) != moment+2000 {
		t.Errorf("the moment is %v, %v", at, err)
	}
	if !sub.VerifySubtree(uint64(at.Unix()), c.Origin, 0, c.Size, c.Hash, raw[4:]) {
		t.Error("it is not the cosignature of the entries from the first on")
	}
}

func TestPostQuantumRefuses(t *testing.T) {
	line, other := rostertest.New(t, rostertest.PostQuantum()), rostertest.New(t, rostertest.PostQuantum())
	plain, half := rostertest.New(t), rostertest.New(t, rostertest.PostQuantum("north"))
	good := answered(t, line, 7)
	rows := strings.SplitAfter(strings.TrimSuffix(string(good), "\n"), "\n")
	rows[7] += "\n"
	note := func(at ...int) []byte {
		var b []byte
		for _, i := range at {
			b = append(b, rows[i]...)
		}
		return b
	}
	// signed is the note with another last line, which this key makes of it.
	signed := func(key *mldsa.PrivateKey, name string, seconds uint64, size byte, alg byte) []byte {
		raw := resealed(t, line, key, name, seconds, size, alg)
		return append(note(0, 1, 2, 3, 4, 5, 6), "— "+name+" "+base64.StdEncoding.EncodeToString(raw)+"\n"...)
	}
	name := roster.ReceiptPQKeyName(line.Roster.Line, "south")
	key := line.South.ReceiptPQKey
	seconds := uint64(moment / 1000)
	for _, tt := range []struct {
		name string
		line *rostertest.Line
		note []byte
		want error
	}{
		{"an offer", line, offered(t, line, 7), receipt.ErrMalformed},
		{"a cosigned checkpoint", line, cosigned(t, line, 7), receipt.ErrMalformed},
		{"nothing", line, nil, receipt.ErrMalformed},
		{"without the owner's", line, note(0, 1, 2, 3, 4, 5, 7), receipt.ErrMalformed},
		{"in another order", line, note(0, 1, 2, 3, 4, 5, 7, 6), receipt.ErrSignature},
		{"without the receipt key's", line, note(0, 1, 2, 3, 4, 6, 7), receipt.ErrMalformed},
		{"without the log key's", line, note(0, 1, 2, 3, 5, 6, 7), receipt.ErrMalformed},
		{"twice", line, append(bytes.Clone(good), rows[7]...), receipt.ErrMalformed},
		{"cut off", line, good[:len(good)-1], receipt.ErrMalformed},
		{"the owner's, changed", line, bytes.Replace(good, []byte(rows[6][200:]), []byte(flip(rows[6][200:])), 1), receipt.ErrSignature},
		{"the answer, changed", line, bytes.Replace(good, []byte(rows[7][200:]), []byte(flip(rows[7][200:])), 1), receipt.ErrSignature},
		{"the cosignature, changed", line, bytes.Replace(good, []byte(rows[5][180:]), []byte(flip(rows[5][180:])), 1), receipt.ErrSignature},
		{"another size above", line, bytes.Replace(good, []byte("\n7\n"), []byte("\n8\n"), 1), receipt.ErrSignature},
		{"too long", line, append(bytes.Repeat([]byte("x"), transcript.MaxNotePQ), good...), receipt.ErrMalformed},
		{"of another line", other, good, transcript.ErrLog},
		{"on a line without keys", plain, answeredWithout(t, plain, line), receipt.ErrUnknownKey},
		{"where one has a key", half, answeredWithout(t, half, line), receipt.ErrUnknownKey},
		{"signed as it should be", line, signed(key, name, seconds, 7, 6), nil},
		{"of another size", line, signed(key, name, seconds, 8, 6), receipt.ErrSignature},
		{"by a stranger", line, signed(other.South.ReceiptPQKey, name, seconds, 7, 6), receipt.ErrUnknownKey},
		{"by the owner again", line, signed(line.North.ReceiptPQKey, roster.ReceiptPQKeyName(line.Roster.Line, "north"), seconds, 7, 6), receipt.ErrUnknownKey},
		{"under another name", line, signed(key, roster.ReceiptKeyName(line.Roster.Line, "south"), seconds, 7, 6), receipt.ErrUnknownKey},
		{"with the key id of Ed25519", line, signed(key, name, seconds, 7, 4), receipt.ErrUnknownKey},
		{"at no time", line, signed(key, name, 0, 7, 6), receipt.ErrMalformed},
		{"beyond the year 9999", line, signed(key, name, 253402300800, 7, 6), receipt.ErrMalformed},
	} {
		_, err := receipt.OpenCosignedPQ(tt.note, roster.NewHistory(tt.line.Roster), "north", "south")
		if !errors.Is(err, tt.want) || err == nil != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestPostQuantumSigns: nothing is signed that does not verify, nor with another key
// than the roster's.
func TestPostQuantumSigns(t *testing.T) {
	line, other := rostertest.New(t, rostertest.PostQuantum()), rostertest.New(t, rostertest.PostQuantum())
	h := roster.NewHistory(line.Roster)
	good, offer := cosigned(t, line, 7), offered(t, line, 7)
	for _, tt := range []struct {
		name string
		sign func() ([]byte, error)
		want error
	}{
		{"offer by another key", func() ([]byte, error) {
			return receipt.OfferPQ(good, h, "north", other.North.ReceiptPQKey, moment)
		}, receipt.ErrUnknownKey},
		{"offer by an Ed25519 key", func() ([]byte, error) {
			return receipt.OfferPQ(good, h, "north", line.North.ReceiptKey, moment)
		}, receipt.ErrUnknownKey},
		{"offer of the other's log", func() ([]byte, error) {
			return receipt.OfferPQ(good, h, "south", line.South.ReceiptPQKey, moment)
		}, transcript.ErrLog},
		{"offer of what is not cosigned", func() ([]byte, error) {
			return receipt.OfferPQ(checkpointOf(t, line, line.North, 7).Note(), h, "north", line.North.ReceiptPQKey, moment)
		}, receipt.ErrMalformed},
		{"offer at no time", func() ([]byte, error) {
			return receipt.OfferPQ(good, h, "north", line.North.ReceiptPQKey, 999)
		}, receipt.ErrMalformed},
		{"offer by nobody", func() ([]byte, error) {
			return receipt.OfferPQ(good, h, "west", line.North.ReceiptPQKey, moment)
		}, receipt.ErrParty},
		{"answer to a cosigned checkpoint", func() ([]byte, error) {
			return receipt.CosignPQ(good, h, "south", line.South.ReceiptPQKey, moment)
		}, receipt.ErrMalformed},
		{"answer to its own offer", func() ([]byte, error) {
			return receipt.CosignPQ(offer, h, "north", line.North.ReceiptPQKey, moment)
		}, transcript.ErrLog},
		{"answer by another key", func() ([]byte, error) {
			return receipt.CosignPQ(offer, h, "south", other.South.ReceiptPQKey, moment)
		}, receipt.ErrUnknownKey},
		{"answer beyond the year 9999", func() ([]byte, error) {
			return receipt.CosignPQ(offer, h, "south", line.South.ReceiptPQKey, 253402300800_000)
		}, receipt.ErrMalformed},
	} {
		if b, err := tt.sign(); b != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// answeredWithout is a note of a line on which not both parties have a key, with
// signatures of ML-DSA-44 from another one.
func answeredWithout(t testing.TB, line, from *rostertest.Line) []byte {
	rows := strings.SplitAfter(string(answered(t, from, 7)), "\n")
	of := strings.NewReplacer(from.Roster.Line.String(), line.Roster.Line.String())
	return append(cosigned(t, line, 7), of.Replace(rows[6]+rows[7])...)
}

// flip changes a text of base64 in one place.
func flip(s string) string {
	if s[0] == 'A' {
		return "B" + s[1:]
	}
	return "A" + s[1:]
}

// resealed returns key id, moment and signature by hand: the cosigned_message of
// C2SP tlog-cosignature over north's log of this size, whose root begins with 7.
func resealed(t testing.TB, line *rostertest.Line, key *mldsa.PrivateKey, name string, seconds uint64, size, alg byte) []byte {
	t.Helper()
	origin := roster.LogOrigin(line.Roster.Line, line.North.Log)
	m := append([]byte("subtree/v1\n\x00"), byte(len(name)))
	m = binary.BigEndian.AppendUint64(append(m, name...), seconds)
	m = append(append(m, byte(len(origin))), origin...)
	m = append(append(m, 0, 0, 0, 0, 0, 0, 0, 0), 0, 0, 0, 0, 0, 0, 0, size)
	m = append(m, append([]byte{7}, make([]byte, 31)...)...)
	sig, err := key.SignDeterministic(m, crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	v, err := cosignature.NewVerifierForCosignatureV1(name + "+00000000+" + base64.StdEncoding.EncodeToString(append([]byte{6}, key.PublicKey().Bytes()...)))
	if err != nil {
		t.Fatal(err)
	}
	id := v.KeyHash()
	if alg != 6 {
		id++
	}
	return append(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, id), seconds), sig...)
}

// FuzzOpenCosignedPQ: whatever opens is what all four keys signed, in its one form.
func FuzzOpenCosignedPQ(f *testing.F) {
	line := rostertest.New(f, rostertest.Seed("cosigned-pq"), rostertest.PostQuantum())
	h := roster.NewHistory(line.Roster)
	f.Add(answered(f, line, 1))
	f.Add(offered(f, line, 2))
	f.Add(cosigned(f, line, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		receipt.CosignedIn(b)
		p, err := receipt.OpenCosignedPQ(b, h, "north", "south")
		if err != nil {
			return
		}
		rows := strings.SplitAfter(string(b), "\n")
		again, _, err := receipt.OpenCosigned([]byte(strings.Join(rows[:6], "")), h, "north", "south")
		if err != nil || again.Checkpoint != p.Checkpoint || len(rows) != 9 || rows[8] != "" {
			t.Errorf("%q opens as %+v: %v", b, p, err)
		}
		for i, by := range []string{"north", "south"} {
			fields := strings.Fields(rows[6+i])
			raw, err := base64.StdEncoding.Strict().DecodeString(fields[2])
			if err != nil || rows[6+i] != "— "+roster.ReceiptPQKeyName(line.Roster.Line, parley.Party(by))+" "+base64.StdEncoding.EncodeToString(raw)+"\n" {
				t.Errorf("%q is not in its one form: %v", rows[6+i], err)
			}
		}
	})
}

// FuzzOpenOfferPQ: whatever opens as an offer is a cosigned checkpoint with one line
// more.
func FuzzOpenOfferPQ(f *testing.F) {
	line := rostertest.New(f, rostertest.Seed("cosigned-pq"), rostertest.PostQuantum())
	h := roster.NewHistory(line.Roster)
	f.Add(offered(f, line, 1))
	f.Add(answered(f, line, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, _, err := receipt.OpenOfferPQ(b, h, "north", "south")
		if err != nil {
			return
		}
		again, _, err := receipt.OpenCosigned(receipt.CosignedIn(b), h, "north", "south")
		if err != nil || again.Checkpoint != c.Checkpoint || strings.Count(string(b), "\n") != 7 {
			t.Errorf("%q opens as %+v: %v", b, c, err)
		}
	})
}
