package transcript_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
	"parley/transcript"
)

// checkpointOf signs a checkpoint of the first size leaves.
func checkpointOf(t testing.TB, line *rostertest.Line, p *rostertest.Party, size uint64, l leaves) []byte {
	t.Helper()
	root, err := transcript.Root(size, l)
	if err != nil {
		t.Fatal(err)
	}
	c := transcript.Checkpoint{Line: line.Roster.Line, Log: p.Log, Size: size, Root: root}
	signed, err := transcript.SignCheckpoint(c, p.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	return signed.Note()
}

func TestCheckpoint(t *testing.T) {
	line := rostertest.New(t)
	north, l := line.North, someLeaves(5, "entry")
	for size := uint64(0); size <= 5; size++ {
		signed := checkpointOf(t, line, north, size, l)
		c, err := transcript.OpenCheckpoint(signed, line.Roster.Line, north.Log, north.Side.LogKey)
		if err != nil {
			t.Fatal(err)
		}
		root, _ := transcript.Root(size, l)
		if c.Checkpoint != (transcript.Checkpoint{Line: line.Roster.Line, Log: north.Log, Size: size, Root: root}) {
			t.Errorf("size %d opens as %+v", size, c)
		}
	}
}

// TestCheckpointByOthers: the note tooling of other transparency logs reads
// our checkpoints with no code of ours.
func TestCheckpointByOthers(t *testing.T) {
	line := rostertest.New(t)
	signed := checkpointOf(t, line, line.North, 3, someLeaves(3, "entry"))
	vkey, err := note.NewEd25519VerifierKey(roster.LogKeyName(line.Roster.Line, line.North.Log), line.North.Side.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil || len(n.Sigs) != 1 {
		t.Fatalf("note.Open: %+v, %v", n, err)
	}
}

func TestOpenCheckpointRefuses(t *testing.T) {
	line, other := rostertest.New(t), rostertest.New(t)
	north, l := line.North, someLeaves(5, "entry")
	good := checkpointOf(t, line, north, 5, l)
	text := string(good)
	sigLine := text[strings.Index(text, "— "):]
	b64 := sigLine[strings.LastIndex(sigLine, " ")+1 : len(sigLine)-1]
	raw, err := base64.StdEncoding.DecodeString(b64)
	if err != nil {
		t.Fatal(err)
	}
	raw[20] ^= 1
	southSigned, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: line.Roster.Line, Log: north.Log, Size: 5}, line.South.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, note string
		want       error
	}{
		{"nothing", "", transcript.ErrMalformed},
		{"no signature", text[:len(text)-len(sigLine)], transcript.ErrMalformed},
		{"altered signature", strings.Replace(text, b64, base64.StdEncoding.EncodeToString(raw), 1), transcript.ErrSignature},
		{"altered size", strings.Replace(text, "\n5\n", "\n4\n", 1), transcript.ErrSignature},
		{"size with a zero in front", strings.Replace(text, "\n5\n", "\n05\n", 1), transcript.ErrMalformed},
		{"signature twice", text + sigLine, transcript.ErrMalformed},
		{"signature by a stranger beside it", text + "— stranger " + b64 + "\n", transcript.ErrMalformed},
		{"an extension line", strings.Replace(text, "\n\n", "\nmore\n\n", 1), transcript.ErrMalformed},
		{"another log", string(checkpointOf(t, line, line.South, 5, l)), transcript.ErrLog},
		{"another line", string(checkpointOf(t, other, other.North, 5, l)), transcript.ErrLog},
		{"signed by the other party", string(southSigned.Note()), transcript.ErrSignature},
		{"a long note", text + strings.Repeat(sigLine, 20), transcript.ErrMalformed},
		{"carriage returns", strings.ReplaceAll(text, "\n", "\r\n"), transcript.ErrMalformed},
	} {
		_, err := transcript.OpenCheckpoint([]byte(tt.note), line.Roster.Line, north.Log, north.Side.LogKey)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
	for role, key := range map[string]ed25519.PublicKey{
		"root": north.Root, "station": north.Station, "receipt": north.Side.Receipt, "hop": north.Hop,
		"officer": north.Side.Officers[0].Key, "log of the peer": line.South.Side.LogKey,
	} {
		if _, err := transcript.OpenCheckpoint(good, line.Roster.Line, north.Log, key); !errors.Is(err, transcript.ErrSignature) {
			t.Errorf("opened with the %s key: got %v, want ErrSignature", role, err)
		}
	}
}

func TestSignCheckpointRefuses(t *testing.T) {
	line := rostertest.New(t)
	key := line.North.LogKey
	if _, err := transcript.SignCheckpoint(transcript.Checkpoint{Root: parley.Hash{1}}, key); !errors.Is(err, transcript.ErrMalformed) {
		t.Errorf("the empty log with a root: got %v, want ErrMalformed", err)
	}
	if _, err := transcript.SignCheckpoint(transcript.Checkpoint{Size: transcript.MaxSize + 1}, key); !errors.Is(err, transcript.ErrSize) {
		t.Errorf("beyond MaxSize: got %v, want ErrSize", err)
	}
}

// FuzzCheckpoint: whatever opens is the one note that its key signs for what it
// says. Key and log are fixed, because each process of a fuzzing run makes its own.
func FuzzCheckpoint(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	pub := key.Public().(ed25519.PublicKey)
	line, log := parley.LineID{1}, parley.LogID{2}
	for size := range uint64(4) {
		root, err := transcript.Root(size, someLeaves(4, "entry"))
		if err != nil {
			f.Fatal(err)
		}
		signed, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: line, Log: log, Size: size, Root: root}, key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(signed.Note())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := transcript.ReadCheckpoint(b); err == nil && !bytes.HasPrefix(b, []byte(c.Text())) {
			t.Errorf("%q claims %+v", b, c)
		}
		c, err := transcript.OpenCheckpoint(b, line, log, pub)
		h := roster.NewHistory(&roster.Roster{Line: line, Sides: [2]roster.Side{{Party: "north", Log: log, LogKey: pub}}})
		if by, err2 := transcript.OpenCheckpointBy(b, h, "north"); (err == nil) != (err2 == nil) || by.Checkpoint != c.Checkpoint {
			t.Errorf("%q is %v, %v; by its party %v, %v", b, c, err, by, err2)
		}
		if err != nil {
			return
		}
		again, err := transcript.SignCheckpoint(c.Checkpoint, key)
		if err != nil || !bytes.Equal(again.Note(), b) {
			t.Errorf("%q signs again as %q, %v", b, again.Note(), err)
		}
	})
}
