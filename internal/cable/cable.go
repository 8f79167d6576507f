// Package cable is a stretch of a tcp route that can be cut and that takes its
// time: it hands on bytes between whoever dials it and one address, and
// understands none of them.
//
// While it is cut, what is connected is broken off at once and what dials is
// hung up on, as when a cable is pulled between two machines that are both
// well. Bytes that were on their way are lost.
package cable

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Cable is one cable. Its methods may be called from any goroutine.
type Cable struct {
	listener net.Listener
	to       string
	delay    time.Duration

	mu     sync.Mutex // guards what follows
	cut    bool
	closed bool
	open   map[net.Conn]bool // both ends of every connection
	wg     sync.WaitGroup

	carried atomic.Uint64
}

// New listens on a free port of the loopback and hands on to address to, each
// byte delay later, in both directions.
func New(to string, delay time.Duration) (*Cable, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &Cable{listener: l, to: to, delay: delay, open: map[net.Conn]bool{}}
	c.wg.Go(c.accept)
	return c, nil
}

// Address is where the cable is dialled.
func (c *Cable) Address() string { return c.listener.Addr().String() }

// Carried returns how many bytes the cable handed on, both ways together.
func (c *Cable) Carried() uint64 { return c.carried.Load() }

// Cut cuts the cable, or mends it.
func (c *Cable) Cut(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	if cut {
		c.hangUp()
	}
}

// IsCut reports whether the cable is cut.
func (c *Cable) IsCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// Close ends the cable and waits until nothing of it runs any more.
func (c *Cable) Close() error {
	c.mu.Lock()
	c.closed = true
	c.hangUp()
	c.mu.Unlock()
	err := c.listener.Close()
	c.wg.Wait()
	return err
}

// hangUp breaks off every connection; c.mu is held.
func (c *Cable) hangUp() {
	for conn := range c.open {
		// It is given up either way.
		_ = conn.Close()
	}
	clear(c.open)
}

func (c *Cable) accept() {
	for {
		near, err := c.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			c.wg.Go(func() { c.join(near) })
		}
	}
}

// keep remembers a connection so that a cut reaches it; false: it is cut now.
func (c *Cable) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut || c.closed {
		return false
	}
	c.open[conn] = true
	return true
}

func (c *Cable) forget(conn net.Conn) {
	c.mu.Lock()
	delete(c.open, conn)
	c.mu.Unlock()
	// It is given up either way.
	_ = conn.Close()
}

// join carries one connection until either side ends it or the cable is cut.
func (c *Cable) join(near net.Conn) {
	defer c.forget(near)
	if !c.keep(near) {
		return
	}
	far, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer c.forget(far)
	if !c.keep(far) {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		c.carry(near, far)
		c.forget(near)
	}()
	c.carry(far, near)
	c.forget(far)
	<-back
}

// chunk is bytes on their way and when they arrive.
type chunk struct {
	bytes []byte
	due   time.Time
}

// underWay is how many chunks of up to 64 KiB are in a cable at most.
const underWay = 1024

// carry hands on bytes until one side ends; why it ended does not matter here.
func (c *Cable) carry(to, from net.Conn) {
	if c.delay == 0 {
		_, _ = io.Copy(counted{to, &c.carried}, from)
		return
	}
	chunks := make(chan chunk, underWay)
	arrived := make(chan struct{})
	go func() {
		defer close(arrived)
		out := counted{to, &c.carried}
		for k := range chunks {
			time.Sleep(time.Until(k.due))
			if _, err := out.Write(k.bytes); err != nil {
				c.forget(from) // so that reading ends too
				break
			}
		}
		for range chunks {
		}
	}()
	for {
		b := make([]byte, 64<<10)
		n, err := from.Read(b)
		if n > 0 {
			chunks <- chunk{b[:n], time.Now().Add(c.delay)}
		}
		if err != nil {
			break
		}
	}
	close(chunks)
	<-arrived
}

// counted counts what is written to it.
type counted struct {
	io.Writer
	n *atomic.Uint64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n.Add(uint64(n))
	return n, err
}
