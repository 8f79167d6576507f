package pouch

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// TestSpecExample reads the pouch file that spec/FRAME.md §4 shows.
func TestSpecExample(t *testing.T) {
	file, frame := specExample(t, "pouch"), specExample(t, "frame")
	frames, err := parseFile(file)
	if err != nil || len(frames) != 1 || !bytes.Equal(frames[0], frame) {
		t.Fatalf("%x, %v", frames, err)
	}
	if again := appendFile(nil, frames); !bytes.Equal(again, file) {
		t.Fatalf("it is written as %x", again)
	}
}

// specExample returns an example of spec/FRAME.md, by the name in its marker.
func specExample(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../../spec/FRAME.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "<!-- example "+name+" -->\n```hex\n")
	block, _, closed := strings.Cut(rest, "```")
	b, err := hex.DecodeString(strings.ReplaceAll(block, "\n", ""))
	if !found || !closed || err != nil {
		t.Fatalf("no example %q: %v", name, err)
	}
	return b
}
