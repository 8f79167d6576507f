package hometest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"parley/internal/courier"
	"parley/wire"
)

// floodEvery is how often a foul channel sends what it should not; deafBytes is
// the largest frame that a deaf one lets in.
const (
	floodEvery = time.Millisecond
	deafBytes  = 3 << 10
)

// foul is a channel that can have a bad manner. Every kind of channel that a
// charter knows is an Upper, a Batcher and an io.Closer, and so is this.
type foul struct {
	courier.Channel
	changed chan struct{} // holds a token when the manner may have changed
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex // guards what follows
	manner Manner
	last   []byte // the frame that was sent last
}

func newFoul(c courier.Channel) *foul {
	ctx, stop := context.WithCancel(context.Background())
	f := &foul{Channel: c, changed: make(chan struct{}, 1), stop: stop, manner: Honest}
	f.running.Go(func() { f.flood(ctx) })
	return f
}

// set gives the channel another manner.
func (f *foul) set(m Manner) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.manner = m
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

func (f *foul) is(m Manner) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.manner == m
}

// Up is the channel's; see courier.Upper.
func (f *foul) Up() (changed <-chan struct{}, down error) { return f.Channel.(courier.Upper).Up() }

// Close ends the flood and closes the channel.
func (f *foul) Close() error {
	f.stop()
	f.running.Wait()
	return f.Channel.(io.Closer).Close()
}

// Send sends a frame in the channel's manner.
func (f *foul) Send(ctx context.Context, frame []byte) error {
	_, err := f.SendBatch(ctx, [][]byte{frame})
	return err
}

// SendBatch sends frames in the channel's manner; see courier.Batcher.
func (f *foul) SendBatch(ctx context.Context, frames [][]byte) (sent int, err error) {
	if f.is(Garbage) {
		instead := make([][]byte, len(frames))
		for i := range frames {
			instead[i] = garbage(len(frames[i]))
		}
		frames = instead
	}
	f.mu.Lock()
	f.last = append(f.last[:0], frames[len(frames)-1]...)
	f.mu.Unlock()
	return f.Channel.(courier.Batcher).SendBatch(ctx, frames)
}

// Receive waits for the next frame that is to reach the station.
func (f *foul) Receive(ctx context.Context) ([]byte, error) {
	for {
		frame, err := f.Channel.Receive(ctx)
		if err != nil || !f.unheard(frame) {
			return frame, err
		}
	}
}

func (f *foul) unheard(frame []byte) bool { return len(frame) > deafBytes && f.is(Deaf) }

// flood sends what the manner adds, until ctx ends.
func (f *foul) flood(ctx context.Context) {
	tick := time.NewTicker(floodEvery)
	defer tick.Stop()
	for n := 0; ; n++ {
		var frame []byte
		switch {
		case f.is(Garbage):
			frame = garbage(1 + n%4096)
		case f.is(OldEpochs):
			frame = f.old(n)
		default:
			select {
			case <-f.changed:
				continue
			case <-ctx.Done():
				return
			}
		}
		// On a channel that is down there is nobody to annoy.
		if err := f.Channel.Send(ctx, frame); errors.Is(err, courier.ErrFrame) {
			panic(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// old is a frame like the one that was sent last, under one of a few epochs of
// which the other side knows nothing.
func (f *foul) old(n int) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	frame, err := wire.ParseFrame(f.last)
	if err != nil {
		return garbage(1) // nothing was sent yet, or garbage
	}
	frame.Opening = nil
	copy(frame.Epoch[:], fmt.Sprint("old ", n%8, "   "))
	out, err := wire.AppendFrame(nil, frame)
	if err != nil {
		panic(err)
	}
	return out
}

// garbage is so many random bytes.
func garbage(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it does not fail: see there
	return b
}

// foulCarrier is a foul channel whose frames lie on a carrier.
type foulCarrier struct {
	*foul
	settler courier.Settler
}

// ReceiveUnsettled is Receive; what is not to reach the station is settled.
func (f *foulCarrier) ReceiveUnsettled(ctx context.Context) ([]byte, func(), error) {
	for {
		frame, settle, err := f.settler.ReceiveUnsettled(ctx)
		if err != nil || !f.unheard(frame) {
			return frame, settle, err
		}
		settle()
	}
}
