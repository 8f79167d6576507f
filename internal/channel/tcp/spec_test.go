package tcp

import (
	"bytes"
	"testing"

	"parley/internal/channel/channeltest"
)

// TestSpecExample reads what spec/FRAME.md §3 shows of the listening side.
func TestSpecExample(t *testing.T) {
	stream, frame := channeltest.SpecExample(t, "stream"), channeltest.SpecExample(t, "frame")
	r := bytes.NewReader(stream)
	if err := readGreeting(r); err != nil {
		t.Fatal(err)
	}
	got, err := readFrame(r)
	if err != nil || !bytes.Equal(got, frame) || r.Len() != 0 {
		t.Fatalf("%x, %v, %d bytes behind it", got, err, r.Len())
	}
}
