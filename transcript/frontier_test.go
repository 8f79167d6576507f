package transcript_test

import (
	"bytes"
	"errors"
	"testing"

	"parley/transcript"
)

func TestFrontierIsKept(t *testing.T) {
	l := someLeaves(40, "entry")
	f := &transcript.Frontier{}
	for _, leaf := range l {
		b, err := f.AppendBinary([]byte("before"))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := transcript.ParseFrontier(b[len("before"):])
		if err != nil {
			t.Fatal(err)
		}
		f.Append(leaf)
		kept.Append(leaf)
		if kept.Root() != f.Root() || kept.Size() != f.Size() {
			t.Fatalf("size %d: the kept frontier goes on to %v, the other to %v", f.Size(), kept.Root(), f.Root())
		}
	}
}

func TestCloneSharesNothing(t *testing.T) {
	l := someLeaves(12, "entry")
	f := &transcript.Frontier{}
	for _, leaf := range l[:7] {
		f.Append(leaf)
	}
	root := f.Root()
	c := f.Clone()
	for _, leaf := range l[7:] {
		c.Append(leaf)
	}
	if f.Root() != root || f.Size() != 7 || c.Size() != 12 {
		t.Error("appending to a clone changed its original")
	}
}

func TestParseFrontierRefuses(t *testing.T) {
	f := &transcript.Frontier{}
	for _, leaf := range someLeaves(5, "entry") {
		f.Append(leaf)
	}
	good, _ := f.AppendBinary(nil)
	huge := bytes.Clone(good[:9+32])
	copy(huge[1:9], []byte{0x80, 0, 0, 0, 0, 0, 0, 0})
	for name, b := range map[string][]byte{
		"nothing": nil, "another form": append([]byte{2}, good[1:]...), "cut": good[:len(good)-1],
		"longer": append(bytes.Clone(good), 0), "a hash missing": good[:len(good)-32], "huge": huge,
	} {
		if _, err := transcript.ParseFrontier(b); !errors.Is(err, transcript.ErrMalformed) {
			t.Errorf("%s: got %v, want ErrMalformed", name, err)
		}
	}
}

func FuzzFrontier(f *testing.F) {
	seed := &transcript.Frontier{}
	for _, leaf := range someLeaves(6, "entry") {
		b, _ := seed.AppendBinary(nil)
		f.Add(b)
		seed.Append(leaf)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := transcript.ParseFrontier(b)
		if err != nil {
			return
		}
		again, _ := fr.AppendBinary(nil)
		if !bytes.Equal(again, b) {
			t.Errorf("%x reads and writes as %x", b, again)
		}
		fr.Root()
		fr.Append(transcript.LeafHash(b))
	})
}
