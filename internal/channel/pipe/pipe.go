// Package pipe is a channel within one process, for tests and simulations.
//
// It uses Go channels and mutexes only, so that it works inside a testing/synctest bubble. Like a wire it loses what
// is under way when it is cut, and it refuses frames that are empty or larger than courier.MaxFrame (spec/FRAME.md §1).
package pipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"parley/internal/courier"
)

// depth is how many frames are under way before Send waits for the peer to receive.
const depth = 64

var (
	errCut    = errors.New("the pipe is cut")
	errClosed = errors.New("this end is closed")
	errGone   = errors.New("the other end is closed")
)

// Channel is one end of a pipe: a courier.Channel, a courier.Upper and an io.Closer.
type Channel struct {
	name  string
	wire  *wire
	other *Channel
	up    courier.Condition

	// The wire's mu guards these.
	arrived [][]byte
	closed  bool
}

// wire is what the two ends share.
type wire struct {
	mu    sync.Mutex
	cut   bool
	moved chan struct{} // closed and replaced whenever anything changes
}

// New returns the two ends of a pipe, both of this name.
func New(name string) (a, b *Channel) {
	w := &wire{moved: make(chan struct{})}
	a, b = &Channel{name: name, wire: w}, &Channel{name: name, wire: w}
	a.other, b.other = b, a
	return a, b
}

// Name is the name given to New.
func (c *Channel) Name() string { return c.name }

// Up is nil while the pipe is whole; see courier.Upper.
func (c *Channel) Up() (changed <-chan struct{}, down error) { return c.up.Up() }

// Send puts a copy of frame into the pipe; it waits while 64 frames are under way.
func (c *Channel) Send(ctx context.Context, frame []byte) error {
	if err := courier.CheckFrame(frame); err != nil {
		return fmt.Errorf("pipe %s: send: %w", c.name, err)
	}
	return c.wait(ctx, "send", func() (done bool) {
		if len(c.other.arrived) == depth {
			return false
		}
		c.other.arrived = append(c.other.arrived, bytes.Clone(frame))
		return true
	})
}

// Receive takes the next frame out of the pipe. It fails while the pipe is cut.
func (c *Channel) Receive(ctx context.Context) (frame []byte, err error) {
	err = c.wait(ctx, "receive", func() (done bool) {
		if len(c.arrived) == 0 {
			return false
		}
		frame, c.arrived = c.arrived[0], c.arrived[1:]
		return true
	})
	return frame, err
}

// wait calls try, under the lock, whenever anything has changed, until it is done.
func (c *Channel) wait(ctx context.Context, op string, try func() (done bool)) error {
	for {
		c.wire.mu.Lock()
		down := c.down()
		if down == nil && ctx.Err() == nil && try() {
			c.wire.moves()
			c.wire.mu.Unlock()
			return nil
		}
		moved := c.wire.moved
		c.wire.mu.Unlock()
		if down != nil {
			return fmt.Errorf("pipe %s: %s: %w: %w", c.name, op, courier.ErrDown, down)
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("pipe %s: %s: %w", c.name, op, context.Cause(ctx))
		}
	}
}

// Cut cuts the pipe at both ends and loses what is in it.
func (c *Channel) Cut() { c.change(func() { c.wire.cut = true }) }

// Restore undoes Cut.
func (c *Channel) Restore() { c.change(func() { c.wire.cut = false }) }

// Close closes this end, for good; the other can then neither send nor receive.
func (c *Channel) Close() error {
	c.change(func() { c.closed = true })
	return nil
}

func (c *Channel) change(do func()) {
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	do()
	for _, end := range []*Channel{c, c.other} {
		down := end.down()
		if down != nil {
			end.arrived = nil
		}
		end.up.Set(down)
	}
	c.wire.moves()
}

// down says why this end is down, or nil. The caller holds mu.
func (c *Channel) down() error {
	switch {
	case c.closed:
		return errClosed
	case c.other.closed:
		return errGone
	case c.wire.cut:
		return errCut
	}
	return nil
}

// moves wakes those who wait. The caller holds mu.
func (w *wire) moves() {
	close(w.moved)
	w.moved = make(chan struct{})
}
