package quic

import (
	"bytes"
	"testing"
	"time"

	"github.com/quic-go/quic-go/quicvarint"

	"parley/internal/channel/channeltest"
)

// TestSpecExample reads what spec/FRAME.md §6 shows of the listening side.
func TestSpecExample(t *testing.T) {
	r := bytes.NewReader(channeltest.SpecExample(t, "quic"))
	for _, want := range []uint64{3, 7} {
		kind, err := r.ReadByte()
		if err != nil || kind != 0x0b {
			t.Fatalf("a frame of type %#x, %v; want STREAM with a length and an end", kind, err)
		}
		number, err := quicvarint.Read(r)
		if err != nil || number != want {
			t.Fatalf("stream %d, %v; want %d", number, err, want)
		}
		size, err := quicvarint.Read(r)
		if err != nil || size > uint64(r.Len()) {
			t.Fatalf("%d bytes, %v", size, err)
		}
		carried := make([]byte, size)
		_, _ = r.Read(carried) // there are as many
		stream := memory{bytes.NewReader(carried)}
		if want == 3 {
			if err := readGreeting(stream); err != nil {
				t.Error(err)
			}
			continue
		}
		frame, err := readFrame(stream)
		if err != nil || !bytes.Equal(frame, channeltest.SpecExample(t, "frame")) {
			t.Errorf("%x, %v", frame, err)
		}
	}
	if r.Len() != 0 {
		t.Errorf("%d bytes behind it", r.Len())
	}
}

// memory is a stream of the peer's that has all arrived.
type memory struct{ *bytes.Reader }

func (memory) SetReadDeadline(time.Time) error { return nil }
