package channeltest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/internal/courier"
)

// until waits until the channel is up, or down, and pokes it meanwhile.
func until(ctx context.Context, t *testing.T, upper courier.Upper, up bool, poke func()) {
	t.Helper()
	for {
		changed, down := upper.Up()
		if (down == nil) == up {
			return
		}
		poke()
		timer := time.NewTimer(again)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
			t.Fatalf("waited for the channel to tell up=%v; it tells %v", up, down)
		}
		timer.Stop()
	}
}

// pass sends frame again and again until it arrives; what else arrives must be an earlier frame, whole.
func pass(t *testing.T, from, to courier.Channel, frame []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	sending, arrived := context.WithCancel(ctx)
	draining, ended := context.WithCancel(ctx)
	go func() {
		defer ended()
		for sending.Err() == nil {
			// Not with sending: a Send cut short may cost the connection.
			err := from.Send(ctx, frame)
			if errors.Is(err, courier.ErrFrame) {
				t.Errorf("send of %d bytes: %v", len(frame), err)
				return
			}
			wait(sending, again)
		}
	}()
	for !bytes.Equal(receive(ctx, t, to), frame) {
	}
	arrived()
	for draining.Err() == nil { // the sender may wait for room
		_, _ = to.Receive(draining)
	}
}

// receive waits for a frame of Frame's making.
func receive(ctx context.Context, t *testing.T, from courier.Channel) []byte {
	t.Helper()
	for {
		frame, err := from.Receive(ctx)
		switch {
		case ctx.Err() != nil:
			t.Fatalf("waited for a frame: %v", err)
		case err == nil:
			if !whole(frame) {
				t.Fatalf("a frame of %d bytes arrived that nobody sent", len(frame))
			}
			return frame
		case errors.Is(err, courier.ErrDown):
			wait(ctx, again)
		case !errors.Is(err, courier.ErrRefused):
			t.Fatalf("receive: %v", err)
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func within(t *testing.T, got <-chan error, what string) error {
	t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-got:
		return err
	case <-timer.C:
		t.Fatalf("waited %v for %s", limit, what)
		return nil
	}
}

func closeBoth(t *testing.T, p *pair) {
	for _, end := range []courier.Channel{p.a, p.b} {
		if closer, ok := end.(io.Closer); ok {
			if err := closer.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
	}
}

// ours counts the goroutines that run code of a channel.
func ours() int {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	n := 0
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		if strings.Contains(stack, "parley/internal/channel/") && !strings.Contains(stack, "channeltest.") {
			n++
		}
	}
	return n
}

// leftNone waits until no more goroutines of channels run than before.
func leftNone(t *testing.T, before int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for ours() > before {
		wait(ctx, time.Millisecond)
		if ctx.Err() != nil {
			buf := make([]byte, 1<<20)
			t.Fatalf("goroutines left after Close:\n%s", buf[:runtime.Stack(buf, true)])
		}
	}
}
