package modem

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"parley/internal/channel/channeltest"
	"parley/internal/courier"
)

// TestConformance is all that a channel has to pass.
func TestConformance(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (a, b courier.Channel, cut, restore func()) {
		x := &exchange{}
		return New("north", x.end(0)), New("south", x.end(1)), func() { x.set(true) }, func() { x.set(false) }
	})
}

// exchange joins the streams of two ends in memory, and can be cut.
type exchange struct {
	mu      sync.Mutex
	cut     bool
	waiting [2]chan io.ReadWriteCloser
	streams []io.Closer
}

var errNoCarrier = errors.New("no carrier")

// end returns what one end opens streams with: it waits for the other to do so too.
func (x *exchange) end(i int) func(context.Context) (io.ReadWriteCloser, error) {
	return func(ctx context.Context) (io.ReadWriteCloser, error) {
		x.mu.Lock()
		if x.cut {
			x.mu.Unlock()
			return nil, errNoCarrier
		}
		if peer := x.waiting[1-i]; peer != nil {
			x.waiting[1-i] = nil
			near, far := net.Pipe()
			x.streams = append(x.streams, near, far)
			peer <- far
			x.mu.Unlock()
			return near, nil
		}
		mine := make(chan io.ReadWriteCloser, 1)
		x.waiting[i] = mine
		x.mu.Unlock()
		select {
		case stream := <-mine:
			if stream == nil {
				return nil, errNoCarrier
			}
			return stream, nil
		case <-ctx.Done():
			x.mu.Lock()
			defer x.mu.Unlock()
			if x.waiting[i] == mine {
				x.waiting[i] = nil
			} else if stream := <-mine; stream != nil {
				_ = stream.Close()
			}
			return nil, ctx.Err()
		}
	}
}

func (x *exchange) set(cut bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cut = cut
	if !cut {
		return
	}
	for i, waiting := range x.waiting {
		if waiting != nil {
			waiting <- nil
			x.waiting[i] = nil
		}
	}
	for _, s := range x.streams {
		_ = s.Close()
	}
	x.streams = nil
}

// FuzzStream reads any stream: what is taken is what those frames are written as.
func FuzzStream(f *testing.F) {
	for _, size := range []int{1, 600} {
		frame := channeltest.Frame(size)
		b := binary.BigEndian.AppendUint32(nil, uint32(size))
		b = binary.BigEndian.AppendUint32(b, crc32.Checksum(frame, castagnoli))
		f.Add(append(b, frame...))
	}
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(bytes.Repeat([]byte{255}, 16))
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := readFrame(bytes.NewReader(b))
		if err != nil {
			return
		}
		again := binary.BigEndian.AppendUint32(nil, uint32(len(frame)))
		again = binary.BigEndian.AppendUint32(again, crc32.Checksum(frame, castagnoli))
		if again = append(again, frame...); !bytes.HasPrefix(b, again) {
			t.Errorf("%x is read as what is written as %x", b, again)
		}
	})
}

// TestDocument compares docs/channels.md with the code that the conformance suite ran.
func TestDocument(t *testing.T) {
	code, err := os.ReadFile("modem_test.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../../../docs/channels.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\n```go\n"+string(code)+"```\n") {
		t.Error("docs/channels.md does not show modem_test.go as it is")
	}
}
