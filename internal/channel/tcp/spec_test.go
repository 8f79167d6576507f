package tcp

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// TestSpecExample reads what spec/FRAME.md §3 shows of the listening side.
func TestSpecExample(t *testing.T) {
	stream, frame := specExample(t, "stream"), specExample(t, "frame")
	r := bytes.NewReader(stream)
	if err := readGreeting(r); err != nil {
		t.Fatal(err)
	}
	got, err := readFrame(r)
	if err != nil || !bytes.Equal(got, frame) || r.Len() != 0 {
		t.Fatalf("%x, %v, %d bytes behind it", got, err, r.Len())
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
