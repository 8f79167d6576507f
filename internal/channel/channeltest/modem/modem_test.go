// Package modem is a channel over whatever opens a stream of bytes to the peer's gateway and back: a serial line, a radio,
// a satellite terminal. On the stream a frame is its length and its CRC-32C, in 4 bytes each, highest first, and the frame.
// A stream with anything else on it is closed and another one opened, since where the next frame begins is unknown.
package modem

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"time"

	"parley/internal/courier"
)

// pause is how long the channel waits before it opens a stream again. It never exceeds a second: a message may wait.
const pause = 200 * time.Millisecond

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errOpening = errors.New("not connected yet")
	errClosed  = errors.New("closed")
)

// Channel is a courier.Channel, courier.Upper and io.Closer.
type Channel struct {
	name    string
	open    func(context.Context) (io.ReadWriteCloser, error)
	up      courier.Condition
	out     chan []byte
	in      chan arrival
	ended   context.Context // ends with Close
	end     context.CancelFunc
	running sync.WaitGroup
}

// arrival is a frame, or what came in its stead.
type arrival struct {
	frame []byte
	err   error
}

// New returns a channel that opens streams by itself, one after the other, until it is closed. Closing a stream must end
// the reads and writes under way on it.
func New(name string, open func(context.Context) (io.ReadWriteCloser, error)) *Channel {
	c := &Channel{name: name, open: open, out: make(chan []byte), in: make(chan arrival)}
	c.ended, c.end = context.WithCancel(context.Background())
	c.up.Set(errOpening)
	c.running.Go(c.run)
	return c
}

// Name is the name given to New.
func (c *Channel) Name() string { return c.name }

// Up is nil while a stream is open; see courier.Upper.
func (c *Channel) Up() (changed <-chan struct{}, down error) { return c.up.Up() }

// Send hands a frame to the stream, once that has taken the one before it.
func (c *Channel) Send(ctx context.Context, frame []byte) error {
	if err := courier.CheckFrame(frame); err != nil {
		return fmt.Errorf("modem %s: send: %w", c.name, err)
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(frame)))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(frame, castagnoli))
	b = append(b, frame...) // a copy: the caller keeps the frame
	for ctx.Err() == nil {
		changed, down := c.up.Up()
		if down != nil {
			return fmt.Errorf("modem %s: send: %w: %w", c.name, courier.ErrDown, down)
		}
		select {
		case c.out <- b:
			return nil
		case <-changed:
		case <-ctx.Done():
		}
	}
	return fmt.Errorf("modem %s: send: %w", c.name, context.Cause(ctx))
}

// Receive waits for the next frame, over as many streams as that takes.
func (c *Channel) Receive(ctx context.Context) ([]byte, error) {
	if ctx.Err() == nil && c.ended.Err() == nil {
		select {
		case a := <-c.in:
			return a.frame, a.err
		case <-ctx.Done():
		case <-c.ended.Done():
		}
	}
	if c.ended.Err() != nil {
		return nil, fmt.Errorf("modem %s: receive: %w: %w", c.name, courier.ErrDown, errClosed)
	}
	return nil, fmt.Errorf("modem %s: receive: %w", c.name, context.Cause(ctx))
}

// Close ends the stream, and waits until nothing of the channel runs.
func (c *Channel) Close() error {
	c.end()
	c.running.Wait()
	c.up.Set(errClosed)
	return nil
}

func (c *Channel) run() {
	for c.ended.Err() == nil {
		stream, err := c.open(c.ended)
		if err != nil {
			c.up.Set(err)
		} else {
			c.serve(stream)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-c.ended.Done():
			timer.Stop()
		}
	}
}

// serve uses a stream until it fails, or the channel is closed.
func (c *Channel) serve(stream io.ReadWriteCloser) {
	ctx, cancel := context.WithCancel(c.ended)
	context.AfterFunc(ctx, func() { _ = stream.Close() }) // nothing is flushed by it
	lost := func(err error) {
		if ctx.Err() == nil {
			c.up.Set(fmt.Errorf("stream lost: %w", err))
		}
		cancel()
	}
	c.up.Set(nil)
	var writer sync.WaitGroup
	writer.Go(func() { lost(c.write(ctx, stream)) })
	lost(c.read(ctx, stream))
	writer.Wait()
}

func (c *Channel) write(ctx context.Context, stream io.Writer) error {
	for {
		select {
		case b := <-c.out:
			if _, err := stream.Write(b); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *Channel) read(ctx context.Context, stream io.Reader) error {
	for r := bufio.NewReader(stream); ; {
		frame, err := readFrame(r)
		if err == nil || errors.Is(err, courier.ErrRefused) {
			select {
			case c.in <- arrival{frame, err}:
			case <-ctx.Done():
			}
		}
		if err != nil {
			return err
		}
	}
}

func readFrame(r io.Reader) ([]byte, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:4])
	if size < 1 || size > courier.MaxFrame { // before any memory is taken for it
		return nil, fmt.Errorf("%w: a frame said to be of %d bytes", courier.ErrRefused, size)
	}
	frame := make([]byte, size)
	if _, err := io.ReadFull(r, frame); err != nil {
		return nil, err
	}
	if crc32.Checksum(frame, castagnoli) != binary.BigEndian.Uint32(head[4:]) {
		return nil, fmt.Errorf("%w: a damaged frame of %d bytes", courier.ErrRefused, size)
	}
	return frame, nil
}
