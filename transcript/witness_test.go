package transcript_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"parley/internal/rostertest"
	"parley/transcript"
)

// ed25519Witness makes a witness with tools that are not ours.
func ed25519Witness(t testing.TB, name string) (note.Signer, transcript.WitnessKey) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	if public, err = cosignature.VKeyToCosignatureV1(public); err != nil {
		t.Fatal(err)
	}
	return witnessOf(t, secret, public)
}

func witnessOf(t testing.TB, secret, public string) (note.Signer, transcript.WitnessKey) {
	t.Helper()
	s, err := cosignature.NewSignerForCosignatureV1(secret)
	if err != nil {
		t.Fatal(err)
	}
	k, err := transcript.ParseWitnessKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return s, k
}

// cosigned returns what a witness that keeps to C2SP makes of a checkpoint's note.
func cosigned(t testing.TB, checkpoint []byte, s note.Signer) transcript.Cosignature {
	t.Helper()
	text, _, _ := strings.Cut(string(checkpoint), "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := transcript.ParseCosignature(signed[len(text)+2:])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWitnessed(t *testing.T) {
	line := rostertest.New(t)
	checkpoint := checkpointOf(t, line, line.North, 3, someLeaves(3, "entry"))
	of, err := transcript.ReadCheckpoint(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	secret, public, err := cosignature.GenerateMLDSAKey("witness.example/pq")
	if err != nil {
		t.Fatal(err)
	}
	s1, k1 := ed25519Witness(t, "witness.example/w1")
	s2, k2 := witnessOf(t, secret, public)
	_, stranger := ed25519Witness(t, "witness.example/w1")

	w := transcript.Witnessed{Checkpoint: checkpoint, Cosignatures: []transcript.Cosignature{cosigned(t, checkpoint, s1), cosigned(t, checkpoint, s2)}}
	slices.SortFunc(w.Cosignatures, transcript.Cosignature.Compare)
	signed, err := transcript.AppendWitnessed(nil, w)
	if err != nil {
		t.Fatal(err)
	}
	got, err := transcript.ParseWitnessed(signed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Checkpoint, checkpoint) || len(got.Cosignatures) != 2 {
		t.Fatalf("%+v", got)
	}
	for _, k := range []transcript.WitnessKey{k1, k2} {
		i := slices.IndexFunc(got.Cosignatures, k.Made)
		if i < 0 {
			t.Fatalf("none of %s", k.Name())
		}
		c := got.Cosignatures[i]
		if err := k.Check(of, c); err != nil {
			t.Error(err)
		}
		other := of
		other.Size++
		if err := k.Check(other, c); !errors.Is(err, transcript.ErrSignature) {
			t.Errorf("%s is said to have cosigned another size: %v", k.Name(), err)
		}
		later := c
		later.Seconds++
		if err := k.Check(of, later); !errors.Is(err, transcript.ErrSignature) {
			t.Errorf("%s is said to have cosigned at another time: %v", k.Name(), err)
		}
		if stranger.Made(c) {
			t.Error("a stranger under the name of the witness is taken for it")
		}
		if err := stranger.Check(of, c); !errors.Is(err, transcript.ErrSignature) {
			t.Error(err)
		}
	}
}

func TestWitnessedRefused(t *testing.T) {
	line := rostertest.New(t)
	checkpoint := checkpointOf(t, line, line.North, 3, someLeaves(3, "entry"))
	s1, _ := ed25519Witness(t, "a")
	s2, _ := ed25519Witness(t, "b")
	one, two := cosigned(t, checkpoint, s1), cosigned(t, checkpoint, s2)
	note := func(checkpoint []byte, list ...transcript.Cosignature) []byte {
		out := bytes.Clone(checkpoint)
		for _, c := range list {
			out = transcript.AppendCosignature(out, c)
		}
		return out
	}
	with := func(change func(*transcript.Cosignature)) []byte {
		c := one
		change(&c)
		return note(checkpoint, c)
	}
	var many []transcript.Cosignature
	for i := range uint32(transcript.MaxWitnesses) + 1 {
		c := one
		c.ID = i
		many = append(many, c)
	}
	good := note(checkpoint, one, two)
	if _, err := transcript.ParseWitnessed(good); err != nil {
		t.Fatal(err)
	}
	if _, err := transcript.ParseWitnessed(note(checkpoint, many[1:]...)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"nothing":          nil,
		"no cosignature":   checkpoint,
		"not sorted":       note(checkpoint, two, one),
		"twice":            note(checkpoint, one, one),
		"too many":         note(checkpoint, many...),
		"an empty log":     note(checkpointOf(t, line, line.North, 0, nil), one),
		"no time":          with(func(c *transcript.Cosignature) { c.Seconds = 0 }),
		"year 10000":       with(func(c *transcript.Cosignature) { c.Seconds = 253402300800 }),
		"short":            with(func(c *transcript.Cosignature) { c.Signature = c.Signature[1:] }),
		"no name":          with(func(c *transcript.Cosignature) { c.Name = "" }),
		"long name":        with(func(c *transcript.Cosignature) { c.Name = strings.Repeat("a", 129) }),
		"a name with plus": with(func(c *transcript.Cosignature) { c.Name = "a+b" }),
		"a name that turns": with(func(c *transcript.Cosignature) {
			c.Name = "a\u202eb"
		}),
		"cut off":           good[:len(good)-1],
		"an empty line":     append(bytes.Clone(good), '\n'),
		"carriage return":   bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")),
		"no log signature":  note(checkpoint[:bytes.Index(checkpoint, []byte("\n\n"))+2], one, two),
		"loose base64":      bytes.Replace(good, []byte("=\n"), []byte("\n"), 3),
		"another size form": bytes.Replace(good, []byte("\n3\n"), []byte("\n03\n"), 1),
	} {
		if _, err := transcript.ParseWitnessed(bad); !errors.Is(err, transcript.ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWitnessKeyRefused(t *testing.T) {
	_, k := ed25519Witness(t, "witness.example/w1")
	s := k.String()
	plain := make([]byte, 33)
	plain[0] = 1
	for name, bad := range map[string]string{
		"nothing":       "",
		"of a log":      "a+00000000+" + base64.StdEncoding.EncodeToString(plain),
		"another id":    strings.Replace(s, "+", "+0", 1),
		"a wrong id":    "w+00000000+" + strings.Split(s, "+")[2],
		"another name":  "x" + s,
		"cut":           s[:len(s)-1],
		"a space":       s + " ",
		"a name of two": "a " + s,
		"long":          s + strings.Repeat("A", 4000),
	} {
		if got, err := transcript.ParseWitnessKey(bad); !errors.Is(err, transcript.ErrMalformed) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	var nobody transcript.WitnessKey
	if nobody.Made(transcript.Cosignature{}) {
		t.Error("the zero key made something")
	}
}

// What is taken as a witnessed note is in its one form.
func FuzzWitnessed(f *testing.F) {
	line := rostertest.New(f)
	checkpoint := checkpointOf(f, line, line.North, 3, someLeaves(3, "entry"))
	s, _ := ed25519Witness(f, "w")
	signed, err := transcript.AppendWitnessed(nil, transcript.Witnessed{Checkpoint: checkpoint, Cosignatures: []transcript.Cosignature{cosigned(f, checkpoint, s)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add(checkpoint)
	f.Add(fmt.Appendf(nil, "%s— w %s\n", checkpoint, base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, 1))))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := transcript.ParseWitnessed(b)
		if err != nil {
			return
		}
		if again, err := transcript.AppendWitnessed(nil, w); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q is taken, and written as %q, %v", b, again, err)
		}
	})
}

// A key that is taken is in its one form.
func FuzzWitnessKey(f *testing.F) {
	_, k := ed25519Witness(f, "w")
	f.Add(k.String())
	f.Add("w+00000000+BA==")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := transcript.ParseWitnessKey(s)
		if err != nil {
			return
		}
		if again := fmt.Sprintf("%s+%s", k.Name(), s[strings.IndexByte(s, '+')+1:]); again != s || k.String() != s {
			t.Errorf("%q is taken, and written as %q", s, again)
		}
	})
}

// A cosignature that is taken is in its one form.
func FuzzCosignature(f *testing.F) {
	line := rostertest.New(f)
	s, _ := ed25519Witness(f, "w")
	f.Add(transcript.AppendCosignature(nil, cosigned(f, checkpointOf(f, line, line.North, 3, someLeaves(3, "entry")), s)))
	f.Add([]byte("— w AAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := transcript.ParseCosignature(b)
		if err == nil && !bytes.Equal(transcript.AppendCosignature(nil, c), b) {
			t.Errorf("%q is taken", b)
		}
	})
}
