package quic

import (
	"errors"
	"fmt"
	"io"
	"time"

	quicgo "github.com/quic-go/quic-go"

	"parley/internal/courier"
)

// A frame is all that a stream carries, from its first byte to its end: there is no length (spec/FRAME.md §6).
//
// Why a stream for each frame: with one stream a lost packet holds up every frame behind it. TestHeadOfLine measures both
// over the same link (frames of 600 bytes, one each 20 ms, 100 ms there and back, one packet in twenty lost), from when a
// frame is due until it can be read: nine in ten frames within 50 ms against 160 ms, ninety-nine in a hundred within
// 180 ms against 270 ms; the median is the link's 50 ms for both. Where the link is full, they are the same.
//
// Datagrams (RFC 9221) are as fast for what arrives, and lose one frame in twenty for good: only the receipt that does not
// come tells the link, 200 ms later at the earliest, when a stream has long repeated the packet. They also carry 1,100
// bytes at most, so large frames would have to be cut up and a lost piece would cost the whole.

// firstRead is the room for a frame at first, in bytes; most frames fit.
const firstRead = 1 << 10

// errStalled is why a connection is given up whose peer lives and takes nothing.
var errStalled error = stalled{}

type stalled struct{}

func (stalled) Error() string { return fmt.Sprintf("a frame did not go on for %v", stall) }

// Timeout makes it one of the errors that are timeouts, such as those of deadlines.
func (stalled) Timeout() bool { return true }

// incoming is a stream of the peer's; a *quicgo.ReceiveStream.
type incoming interface {
	io.Reader
	SetReadDeadline(time.Time) error
}

// readFrame reads the one frame of a stream. One that is empty or too long is refused.
func readFrame(stream incoming) ([]byte, error) {
	frame := make([]byte, 0, firstRead)
	for {
		if len(frame) == cap(frame) {
			frame = append(make([]byte, 0, min(4*cap(frame), courier.MaxFrame+1)), frame...)
		}
		if err := stream.SetReadDeadline(time.Now().Add(stall)); err != nil {
			return nil, err
		}
		n, err := stream.Read(frame[len(frame):cap(frame)])
		frame = frame[:len(frame)+n]
		if len(frame) > courier.MaxFrame || err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if bad := courier.CheckFrame(frame); bad != nil {
		return nil, fmt.Errorf("%w: %w", courier.ErrRefused, bad)
	}
	return frame, nil
}

// isReset reports whether the peer ended the stream before its end.
func isReset(err error) bool {
	reset, ok := errors.AsType[*quicgo.StreamError](err)
	return ok && reset.Remote
}

// The listening side greets with a first stream that is empty, once it has accepted the dialling side's key, which
// TLS 1.3 does not tell by itself; the dialling side is connected only then.

func writeGreeting(conn *quicgo.Conn) error {
	stream, err := conn.OpenUniStream()
	if err != nil {
		return err
	}
	return stream.Close()
}

func readGreeting(stream io.Reader) error {
	var b [1]byte
	n, err := stream.Read(b[:])
	if n > 0 {
		return fmt.Errorf("the peer's greeting is not empty: %w", courier.ErrRefused)
	}
	if err != io.EOF {
		return fmt.Errorf("the peer's greeting: %w", err)
	}
	return nil
}
