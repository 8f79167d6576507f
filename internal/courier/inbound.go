package courier

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Inbound is a frame that arrived. Frame is the receiver's to keep.
type Inbound struct {
	Channel string // Channel is the name of the channel it came by.
	Frame   []byte
	// Settle, never nil, is called once the frame is held durably or known not to be worth holding: what carried it may
	// then be deleted. A frame that is not settled may come again.
	Settle func()
}

// receive delivers what arrives until ctx ends.
func (l *leg) receive(ctx context.Context) {
	pause := firstPause
	for {
		frame, settle, err := l.take(ctx)
		if err == nil {
			if bad := CheckFrame(frame); bad != nil {
				settle()
				err = fmt.Errorf("receive: %w: %w", ErrRefused, bad)
			}
		}
		l.received(ctx, frame, err)
		switch {
		case err == nil:
			pause = firstPause
			l.deliver(Inbound{Channel: l.channel.Name(), Frame: frame, Settle: settle})
		case errors.Is(err, ErrRefused):
			// What comes after it is not its fault.
		case !rest(ctx, &pause):
			return
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// take waits for the next frame.
func (l *leg) take(ctx context.Context) (frame []byte, settle func(), err error) {
	if settler, ok := l.channel.(Settler); ok {
		return settler.ReceiveUnsettled(ctx)
	}
	frame, err = l.channel.Receive(ctx)
	return frame, func() {}, err
}

// received counts a frame, or what came in its stead.
func (l *leg) received(ctx context.Context, frame []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.state.Received.add(frame)
		l.state.LastReceived = time.Now()
	case errors.Is(err, ErrRefused):
		l.state.Refused++
		l.failed(err)
	case ctx.Err() == nil:
		l.failed(err)
	}
}
