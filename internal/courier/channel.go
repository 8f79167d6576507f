package courier

import (
	"context"
	"errors"
	"fmt"
)

// MaxFrame is the size of the largest frame, in bytes (spec/FRAME.md §1).
const MaxFrame = 65536

var (
	// ErrDown is wrapped by a Channel's errors when its route is not up now, or the Channel is closed. The frame in hand
	// is lost; the next may pass.
	ErrDown = errors.New("channel is down")

	// ErrFrame is wrapped when a frame is not of 1 to MaxFrame bytes. It will never pass; it says nothing of the route.
	ErrFrame = errors.New("a frame is of 1 to 65536 bytes")

	// ErrRefused is wrapped when something arrived that is no frame: foreign or damaged bytes. They are gone or put aside,
	// and the next Receive goes on after them.
	ErrRefused = errors.New("refused")
)

// Channel is one route for bytes to one peer. All its methods may be called at the same time from several goroutines.
//
// A frame arrives whole and unaltered or not at all, perhaps more than once, in any order. Both calls end when ctx ends,
// and fail with an error wrapping ErrDown when the route is not up now; Receive may wait for it instead.
// A Channel may also be an io.Closer, an Upper, a Batcher or a Settler. A closed Channel's calls wrap ErrDown.
type Channel interface {
	// Name says which route this is, in words that people use; it is unique within a courier.
	Name() string
	// Send hands one frame over to the route, which does not mean that the peer has it. It does not keep frame.
	// A frame that is not of 1 to MaxFrame bytes is refused with an error wrapping ErrFrame.
	Send(ctx context.Context, frame []byte) error
	// Receive waits for the next frame; the caller may keep it. An error wrapping ErrRefused costs nothing but what it tells.
	Receive(ctx context.Context) ([]byte, error)
}

// Upper is a Channel that knows whether its route is up. A Channel that does not is taken as always up.
type Upper interface {
	// Up returns nil when the route is up and else why it is not, with a Go channel that is closed at the next change.
	Up() (changed <-chan struct{}, down error)
}

// Batcher is a Channel that carries several frames with less effort than one by one.
type Batcher interface {
	// SendBatch is Send for each of frames in turn. It returns how many were handed over before the error, if any.
	SendBatch(ctx context.Context, frames [][]byte) (sent int, err error)
}

// Settler is a Channel whose received frames lie on a carrier, which is to be kept until they are held elsewhere.
type Settler interface {
	// ReceiveUnsettled is Receive for a frame that comes again, perhaps after a restart, until settle was called.
	ReceiveUnsettled(ctx context.Context) (frame []byte, settle func(), err error)
}

// CheckFrame returns an error wrapping ErrFrame when frame is not of 1 to MaxFrame bytes.
func CheckFrame(frame []byte) error {
	if len(frame) < 1 || len(frame) > MaxFrame {
		return fmt.Errorf("frame of %d bytes: %w", len(frame), ErrFrame)
	}
	return nil
}
