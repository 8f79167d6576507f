package receipt_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"parley"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/roster"
	"parley/transcript"
)

const moment = parley.Time(1_790_000_000_000)

func checkpointOf(t testing.TB, line *rostertest.Line, p *rostertest.Party, size uint64) transcript.Signed {
	t.Helper()
	c := transcript.Checkpoint{Line: line.Roster.Line, Log: p.Log, Size: size, Root: parley.Hash{byte(size)}}
	signed, err := transcript.SignCheckpoint(c, p.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func cosigned(t testing.TB, line *rostertest.Line, size uint64) []byte {
	t.Helper()
	b, err := receipt.Cosign(checkpointOf(t, line, line.North, size), line.Roster, "south", line.South.ReceiptKey, moment+789)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCosign(t *testing.T) {
	line := rostertest.New(t)
	c, at, err := receipt.OpenCosigned(cosigned(t, line, 7), roster.NewHistory(line.Roster), "north", "south")
	if err != nil {
		t.Fatal(err)
	}
	want := transcript.Checkpoint{Line: line.Roster.Line, Log: line.North.Log, Size: 7, Root: parley.Hash{7}}
	if c.Checkpoint != want || at != moment {
		t.Errorf("opens as %+v at %d, want %+v at %d", c, at, want, moment)
	}
}

// TestCosignByOthers: C2SP tooling reads our cosignatures with no code of ours.
func TestCosignByOthers(t *testing.T) {
	line := rostertest.New(t)
	vkey, err := note.NewEd25519VerifierKey(roster.ReceiptKeyName(line.Roster.Line, "south"), line.South.Side.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	v, err := cosignature.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(cosigned(t, line, 7), note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	at, err := cosignature.CoSigV1Timestamp(n.Sigs[0])
	if err != nil || parley.TimeOf(at) != moment {
		t.Errorf("the moment is %v, %v", at, err)
	}
}

func TestCosignRefuses(t *testing.T) {
	line, other := rostertest.New(t), rostertest.New(t)
	misSigned, err := transcript.SignCheckpoint(checkpointOf(t, line, line.North, 7).Checkpoint, line.North.StationKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		note transcript.Signed
		me   parley.Party
		at   parley.Time
		want error
	}{
		{"our own checkpoint", checkpointOf(t, line, line.South, 7), "south", moment, transcript.ErrLog},
		{"of another line", checkpointOf(t, other, other.North, 7), "south", moment, transcript.ErrLog},
		{"a stranger", checkpointOf(t, line, line.North, 7), "west", moment, receipt.ErrParty},
		{"signed with the key of another role", misSigned, "south", moment, transcript.ErrLog},
		{"whose signature nobody verified", transcript.Signed{Checkpoint: checkpointOf(t, line, line.North, 7).Checkpoint}, "south", moment, transcript.ErrLog},
		{"a moment in the year 10000", checkpointOf(t, line, line.North, 7), "south", 253402300800_000, receipt.ErrMalformed},
	} {
		if _, err := receipt.Cosign(tt.note, line.Roster, tt.me, line.South.ReceiptKey, tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestOpenCosignedRefuses(t *testing.T) {
	line := rostertest.New(t)
	good := cosigned(t, line, 7)
	lines := bytes.SplitAfter(good, []byte("\n")) // origin, size, root, "", log, cosignature, ""
	swapped := bytes.Join([][]byte{lines[0], lines[1], lines[2], lines[3], lines[5], lines[4]}, nil)
	byNorth, err := receipt.Cosign(checkpointOf(t, line, line.North, 7), line.Roster, "south", line.North.ReceiptKey, moment)
	if err != nil {
		t.Fatal(err)
	}
	byStation, err := receipt.Cosign(checkpointOf(t, line, line.North, 7), line.Roster, "south", line.South.StationKey, moment)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.Replace(string(good), string(lines[5]), string(bytes.SplitAfter(cosigned(t, line, 6), []byte("\n"))[5]), 1)
	for _, tt := range []struct {
		name      string
		note      []byte
		owner, by parley.Party
		want      error
	}{
		{"nothing", nil, "north", "south", receipt.ErrMalformed},
		{"the checkpoint alone", checkpointOf(t, line, line.North, 7).Note(), "north", "south", receipt.ErrMalformed},
		{"the cosignature first", swapped, "north", "south", receipt.ErrSignature},
		{"the cosignature twice", append(bytes.Clone(good), lines[5]...), "north", "south", receipt.ErrMalformed},
		{"the cosignature of another size", []byte(moved), "north", "south", receipt.ErrSignature},
		{"cosigned by the owner of the log", byNorth, "north", "south", receipt.ErrSignature},
		{"cosigned with the station key", byStation, "north", "south", receipt.ErrSignature},
		{"the other way round", good, "south", "north", transcript.ErrLog},
		{"by the owner", good, "north", "north", receipt.ErrParty},
		{"of a stranger", good, "west", "south", receipt.ErrParty},
		{"cut", good[:len(good)-1], "north", "south", receipt.ErrMalformed},
	} {
		if _, _, err := receipt.OpenCosigned(tt.note, roster.NewHistory(line.Roster), tt.owner, tt.by); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestOpenCosignedOf: what is known spares a second look at the log key's
// signature, and at nothing else.
func TestOpenCosignedOf(t *testing.T) {
	line := rostertest.New(t)
	good, known := cosigned(t, line, 7), checkpointOf(t, line, line.North, 7)
	open := func(known transcript.Signed, b []byte, want error) {
		t.Helper()
		c, _, err := receipt.OpenCosignedOf(known, b, roster.NewHistory(line.Roster), "north", "south")
		if !errors.Is(err, want) || err == nil && c.Size != 7 {
			t.Errorf("opens as %+v, %v; want %v", c.Checkpoint, err, want)
		}
	}
	open(known, good, nil)
	open(checkpointOf(t, line, line.North, 6), good, nil)
	open(checkpointOf(t, line, line.South, 7), good, nil)
	altered := bytes.Clone(good)
	altered[len(altered)-9] ^= 1 // in the cosignature
	if altered[len(altered)-9] == '\n' {
		t.Fatal("the wrong byte")
	}
	if _, _, err := receipt.OpenCosignedOf(known, altered, roster.NewHistory(line.Roster), "north", "south"); err == nil {
		t.Error("an altered cosignature opens")
	}
	misSigned, err := transcript.SignCheckpoint(known.Checkpoint, line.North.StationKey)
	if err != nil {
		t.Fatal(err)
	}
	stranger := append(bytes.Clone(misSigned.Note()), bytes.SplitAfter(good, []byte("\n"))[5]...)
	open(misSigned, stranger, transcript.ErrSignature)
}

// FuzzOpenCosigned: whatever opens is the one note that both keys sign for it.
func FuzzOpenCosigned(f *testing.F) {
	line := rostertest.New(f, rostertest.Seed("cosigned"))
	for size := range uint64(3) {
		f.Add(cosigned(f, line, size+1))
	}
	known := checkpointOf(f, line, line.North, 2)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, at, err := receipt.OpenCosigned(b, roster.NewHistory(line.Roster), "north", "south")
		if _, _, of := receipt.OpenCosignedOf(known, b, roster.NewHistory(line.Roster), "north", "south"); (of == nil) != (err == nil) {
			t.Errorf("with what is known %v, without it %v", of, err)
		}
		if err != nil {
			return
		}
		signed, err := transcript.SignCheckpoint(c.Checkpoint, line.North.LogKey)
		if err != nil {
			t.Fatal(err)
		}
		again, err := receipt.Cosign(signed, line.Roster, "south", line.South.ReceiptKey, at)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q signs again as %q, %v", b, again, err)
		}
	})
}
