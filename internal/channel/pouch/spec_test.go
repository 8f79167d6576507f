package pouch

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/internal/channel/channeltest"
)

// TestSpecExample reads the pouch file that spec/FRAME.md §4 shows.
func TestSpecExample(t *testing.T) {
	file, frame := channeltest.SpecExample(t, "pouch"), channeltest.SpecExample(t, "frame")
	frames, err := parseFile(file)
	if err != nil || len(frames) != 1 || !bytes.Equal(frames[0], frame) {
		t.Fatalf("%x, %v", frames, err)
	}
	if again := appendFile(nil, frames); !bytes.Equal(again, file) {
		t.Fatalf("it is written as %x", again)
	}
}

// TestVectors reads the files of spec/vectors/pouch.
func TestVectors(t *testing.T) {
	names, err := filepath.Glob("../../../spec/vectors/pouch/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		header, rest, _ := strings.Cut(string(text), "\n\n")
		var inputs [][]byte
		for _, input := range strings.Split(rest, "\n\n") {
			_, block, _ := strings.Cut(input, "\n")
			b, err := hex.DecodeString(strings.ReplaceAll(block, "\n", ""))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			inputs = append(inputs, b)
		}
		frames, err := parseFile(inputs[0])
		switch {
		case strings.Contains(header, "\nexpect: accept\n"):
			if err != nil || !slices.EqualFunc(frames, inputs[1:], bytes.Equal) {
				t.Errorf("%s: %x, %v", name, frames, err)
			}
		case err == nil:
			t.Errorf("%s: it is taken for a pouch file\n%s", name, header)
		}
	}
}
