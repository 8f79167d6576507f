package courier

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The bytes of a batch, if it is of more than one frame. On a fast channel an urgent frame waits for all of it: 8 KiB
// take a second at 64 kbit/s, and larger ones gain nothing on a quick route. On a carried channel nobody waits for the
// next batch, and large ones make few files.
const (
	fastBatch    = 8 << 10
	carriedBatch = 1 << 20
)

// push is Courier.Send.
func (l *leg) push(urgency int, frame []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := CheckFrame(frame); err != nil {
		l.failed(fmt.Errorf("send: %w", err))
		return false
	}
	if urgency < 0 || urgency >= Urgencies {
		l.failed(fmt.Errorf("send: urgency %d is not 0 to %d", urgency, Urgencies-1))
		return false
	}
	if _, off := l.gate.Up(); off != nil || !l.state.Up || !l.queue.push(urgency, frame) {
		return false
	}
	l.rouse()
	return true
}

// send sends what is queued until ctx ends.
func (l *leg) send(ctx context.Context) {
	var batch [][]byte
	pause := firstPause
	for {
		if batch = l.next(ctx, batch[:0]); len(batch) == 0 {
			return
		}
		for left := batch; len(left) > 0; {
			n, err := l.hand(ctx, left)
			lost := len(left) - n
			poison := errors.Is(err, ErrFrame)
			if poison {
				lost = 1 // that frame; the others are not at fault
			}
			l.sent(ctx, left[:n], lost, err)
			left = left[n+lost:]
			if err == nil || poison {
				pause = firstPause
			} else if !rest(ctx, &pause) {
				return
			}
		}
		clear(batch) // or the frames would be held until the next batch
	}
}

// next waits for the frames that go next; there are none when ctx has ended.
func (l *leg) next(ctx context.Context, batch [][]byte) [][]byte {
	for {
		select {
		case <-ctx.Done():
			return nil
		default:
		}
		l.mu.Lock()
		if l.state.Up {
			batch = l.queue.pop(batch, l.batchFrames(), l.batchBytes())
		}
		l.mu.Unlock()
		if len(batch) > 0 {
			return batch
		}
		select {
		case <-l.wake:
		case <-ctx.Done():
		}
	}
}

// batchFrames and batchBytes bound a batch; a channel that is no Batcher takes one frame.
func (l *leg) batchFrames() int {
	if _, ok := l.channel.(Batcher); ok {
		return l.queue.maxFrames * Urgencies
	}
	return 1
}

func (l *leg) batchBytes() int {
	if l.state.Class == Carried {
		return carriedBatch
	}
	return fastBatch
}

// hand hands a batch to the channel and returns how many frames of it passed.
func (l *leg) hand(ctx context.Context, batch [][]byte) (int, error) {
	if batcher, ok := l.channel.(Batcher); ok && len(batch) > 1 {
		return batcher.SendBatch(ctx, batch)
	}
	if err := l.channel.Send(ctx, batch[0]); err != nil {
		return 0, err
	}
	return 1, nil
}

// sent counts the frames that passed and how many were lost.
func (l *leg) sent(ctx context.Context, passed [][]byte, lost int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, frame := range passed {
		l.state.Sent.add(frame)
	}
	if len(passed) > 0 {
		l.state.LastSent = time.Now()
	}
	l.state.Lost += uint64(lost)
	if err != nil && ctx.Err() == nil {
		l.failed(err)
	}
}
