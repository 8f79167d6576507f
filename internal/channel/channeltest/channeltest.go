// Package channeltest is the conformance suite of all channels: what courier.Channel promises, as tests.
//
// It asserts no speed: every wait is for an event and has a limit that only a broken channel reaches. Frames are sent
// again until they arrive where the contract allows them to be lost.
package channeltest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/courier"
)

// limit is how long any wait may take: far more than any needs.
const limit = 2 * time.Minute

// again is how often a frame is sent until it has arrived.
const again = 50 * time.Millisecond

// New makes the two ends of a fresh channel, with what cuts and restores the route between them.
type New func(t *testing.T) (a, b courier.Channel, cut, restore func())

// Run holds the channels that newPair makes to the contract.
func Run(t *testing.T, newPair New) {
	run(t, newPair, func(t *testing.T, test func(*testing.T)) { test(t) })
}

// RunInBubble is Run with each test in a bubble of testing/synctest, where waiting costs no time: for channels that
// need seconds to notice a cut, over a network in memory.
func RunInBubble(t *testing.T, newPair New) {
	run(t, newPair, synctest.Test)
}

func run(t *testing.T, newPair New, in func(*testing.T, func(*testing.T))) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *pair)
	}{
		{"frames arrive whole", arriveWhole},
		{"senders and receivers at the same time", concurrent},
		{"the sender's slice is its own", ownSlice},
		{"empty and oversize frames are refused", refuseSizes},
		{"contexts end waits", contextEnds},
		{"close ends waits", closeEnds},
		{"a cut heals", cutHeals},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				before := ours()
				t.Cleanup(func() { leftNone(t, before) }) // after newPair's own
				a, b, cut, restore := newPair(t)
				p := &pair{a: a, b: b, cut: cut, restore: restore}
				defer closeBoth(t, p)
				test.run(t, p)
			})
		})
	}
}

type pair struct {
	a, b         courier.Channel
	cut, restore func()
}

// ways are the two directions of the pair.
func (p *pair) ways() [][2]courier.Channel {
	return [][2]courier.Channel{{p.a, p.b}, {p.b, p.a}}
}

func arriveWhole(t *testing.T, p *pair) {
	for _, way := range p.ways() {
		for _, size := range []int{1, 2, 3, 4, 5, 255, 256, 600, 16383, 16384, 16385, courier.MaxFrame - 1, courier.MaxFrame} {
			pass(t, way[0], way[1], Frame(size))
		}
	}
	if batcher, ok := p.a.(courier.Batcher); ok {
		batch(t, batcher, p.b)
	}
}

// batch sends frames together, again until all have arrived.
func batch(t *testing.T, from courier.Batcher, to courier.Channel) {
	frames := [][]byte{Frame(1), Frame(courier.MaxFrame), Frame(600), Frame(courier.MaxFrame), Frame(2)}
	var want set
	for _, frame := range frames {
		want.add(frame)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for want.size() > 0 && ctx.Err() == nil {
			n, err := from.SendBatch(ctx, frames)
			if (err == nil) != (n == len(frames)) {
				t.Errorf("SendBatch of %d frames returned %d and the error %v", len(frames), n, err)
				return
			}
			wait(ctx, again)
		}
	}()
	for want.size() > 0 {
		want.take(t, receive(ctx, t, to))
	}
	<-sent
}

func concurrent(t *testing.T, p *pair) {
	const senders, each = 4, 8
	pass(t, p.a, p.b, Frame(9)) // so that both ends are up, and nothing below is lost
	pass(t, p.b, p.a, Frame(9))
	for _, way := range p.ways() {
		from, to := way[0], way[1]
		var want set
		var all [][]byte
		for i := range senders * each {
			all = append(all, Frame(1+i*997%5000))
			want.add(all[i])
		}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				for _, frame := range all[i*each : (i+1)*each] {
					if err := from.Send(ctx, frame); err != nil {
						t.Errorf("send while the route is up: %v", err)
					}
				}
			})
		}
		for range 3 {
			wg.Go(func() {
				for want.size() > 0 {
					frame, err := to.Receive(ctx)
					if err != nil {
						break // the last frame went to another, who ended ctx
					}
					want.take(t, frame)
				}
				cancel()
			})
		}
		wg.Wait()
		cancel()
		if n := want.size(); n > 0 {
			t.Errorf("%d of %d frames did not arrive", n, len(all))
		}
	}
}

func ownSlice(t *testing.T, p *pair) {
	pass(t, p.a, p.b, Frame(9))
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	frame := Frame(600)
	sent := bytes.Clone(frame)
	if err := p.a.Send(ctx, sent); err != nil {
		t.Fatal(err)
	}
	clear(sent)
	for !bytes.Equal(receive(ctx, t, p.b), frame) {
	}
}

func refuseSizes(t *testing.T, p *pair) {
	pass(t, p.a, p.b, Frame(9))
	for _, size := range []int{0, courier.MaxFrame + 1, 1 << 20} {
		frame := make([]byte, size)
		if err := p.a.Send(t.Context(), frame); !errors.Is(err, courier.ErrFrame) {
			t.Errorf("send of %d bytes: %v; want ErrFrame", size, err)
		}
		if batcher, ok := p.a.(courier.Batcher); ok {
			if n, err := batcher.SendBatch(t.Context(), [][]byte{frame}); n != 0 || !errors.Is(err, courier.ErrFrame) {
				t.Errorf("batch with a frame of %d bytes: %d sent, %v; want ErrFrame", size, n, err)
			}
		}
		pass(t, p.a, p.b, Frame(10))
	}
}

func contextEnds(t *testing.T, p *pair) {
	pass(t, p.a, p.b, Frame(9))
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := p.b.Receive(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("receive after the end of its context: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() { got <- receiveOn(ctx, p.b) }()
	cancel()
	if err := within(t, got, "Receive to end with its context"); !errors.Is(err, context.Canceled) {
		t.Errorf("receive whose context ended: %v", err)
	}
	// And a Send that nobody receives ends with its context, if it does not succeed.
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	go func() {
		var err error
		for err == nil && ctx.Err() == nil {
			err = p.a.Send(ctx, Frame(courier.MaxFrame))
		}
		got <- err
	}()
	cancel()
	if err := within(t, got, "Send to end with its context"); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("send whose context ended: %v", err)
	}
	pass(t, p.a, p.b, Frame(11))
}

func closeEnds(t *testing.T, p *pair) {
	pass(t, p.a, p.b, Frame(9))
	got := make(chan error, 1)
	go func() { got <- receiveOn(t.Context(), p.b) }()
	closeBoth(t, p)
	if err := within(t, got, "Receive to end with Close"); !errors.Is(err, courier.ErrDown) {
		t.Errorf("receive on a closed channel: %v; want ErrDown", err)
	}
	if err := p.b.Send(t.Context(), Frame(1)); !errors.Is(err, courier.ErrDown) {
		t.Errorf("send on a closed channel: %v; want ErrDown", err)
	}
	if upper, ok := p.b.(courier.Upper); ok {
		if _, down := upper.Up(); down == nil {
			t.Error("a closed channel is up")
		}
	}
}

// receiveOn receives, whatever may still be under way, until that fails.
func receiveOn(ctx context.Context, from courier.Channel) error {
	for {
		if _, err := from.Receive(ctx); err != nil {
			return err
		}
	}
}

func cutHeals(t *testing.T, p *pair) {
	for round := range 3 {
		for _, way := range p.ways() {
			pass(t, way[0], way[1], Frame(100+round))
		}
		p.cut()
		// A channel that is told by nobody finds out by use.
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		for _, end := range []courier.Channel{p.a, p.b} {
			if upper, ok := end.(courier.Upper); ok {
				until(ctx, t, upper, false, func() { _ = end.Send(ctx, Frame(5)) })
			}
		}
		cancel()
		p.restore()
		for _, way := range p.ways() {
			pass(t, way[0], way[1], Frame(200+round))
			if upper, ok := way[0].(courier.Upper); ok {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				until(ctx, t, upper, true, func() {
					short, cancel := context.WithTimeout(ctx, again)
					defer cancel()
					_, _ = way[0].Receive(short)
				})
				cancel()
			}
		}
	}
}
