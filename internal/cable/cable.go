// Package cable is a stretch of a route that can be cut and that has its weather:
// it hands on what travels between whoever comes to it and one address, and
// understands none of it. A Cable is for tcp, an Air for UDP datagrams, a Rider for
// pouches carried by hand.
//
// While a cable is cut, what is connected is broken off at once and what dials
// is hung up on, as when a cable is pulled between two machines that are both
// well. Bytes that were on their way are lost. While one way only is cut,
// nothing is broken off, and nothing arrives that way.
package cable

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Cable is one cable. Its methods may be called from any goroutine.
type Cable struct {
	listener net.Listener
	to       string
	ways     [2]*sky

	mu     sync.Mutex // guards what follows
	cut    bool
	closed bool
	open   map[net.Conn]bool // both ends of every connection
	done   chan struct{}     // closed when what is open is broken off
	wg     sync.WaitGroup

	carried atomic.Uint64
}

// New listens on a free port of the loopback and hands on to address to, each
// byte delay later, in both directions.
func New(to string, delay time.Duration) (*Cable, error) {
	c, err := NewSeeded(to, 0)
	if err == nil {
		c.SetWeather(Out, Weather{Delay: delay})
		c.SetWeather(Back, Weather{Delay: delay})
	}
	return c, err
}

// NewSeeded is New in fair weather. Equal seeds draw equal weather for equal
// traffic.
func NewSeeded(to string, seed uint64) (*Cable, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &Cable{
		listener: l, to: to, ways: [2]*sky{newSky(seed, Out), newSky(seed, Back)},
		open: map[net.Conn]bool{}, done: make(chan struct{}),
	}
	c.wg.Go(c.accept)
	return c, nil
}

// Address is where the cable is dialled.
func (c *Cable) Address() string { return c.listener.Addr().String() }

// Carried returns how many bytes the cable handed on, both ways together.
func (c *Cable) Carried() uint64 { return c.carried.Load() }

// SetWeather sets the weather of one way from now on.
func (c *Cable) SetWeather(w Way, to Weather) { c.ways[w].set(to) }

// CutWay cuts one way, or mends it. What is sent that way meanwhile arrives
// when it is mended, if the connection lives until then: TCP sends it again.
func (c *Cable) CutWay(w Way, cut bool) { c.ways[w].cut(cut) }

// Cut cuts both ways of the cable, or mends what Cut cut.
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
	close(c.done)
	c.done = make(chan struct{})
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

// keep remembers a connection so that a cut reaches it, and returns what is
// closed then; nil: it is cut now.
func (c *Cable) keep(conn net.Conn) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut || c.closed {
		return nil
	}
	c.open[conn] = true
	return c.done
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
	if c.keep(near) == nil {
		return
	}
	far, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer c.forget(far)
	done := c.keep(far)
	if done == nil {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		c.carry(Back, near, far, done)
		c.forget(near)
	}()
	c.carry(Out, far, near, done)
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
func (c *Cable) carry(w Way, to, from net.Conn, done <-chan struct{}) {
	chunks := make(chan chunk, underWay)
	arrived := make(chan struct{})
	go func() {
		defer close(arrived)
		for k := range chunks {
			if !c.arrives(w, k.due, done) {
				break
			}
			n, err := to.Write(k.bytes)
			c.carried.Add(uint64(n))
			if err != nil {
				break
			}
		}
		c.forget(from) // so that reading ends too
		for range chunks {
		}
	}()
	for {
		b := make([]byte, c.ways[w].piece())
		n, err := from.Read(b)
		if n > 0 {
			due, ok := c.ways[w].stream(time.Now(), b[:n])
			if !ok {
				break
			}
			chunks <- chunk{b[:n], due}
		}
		if err != nil {
			break
		}
	}
	close(chunks)
	<-arrived
}

// arrives waits until due, and until the way is not cut; false: the cable was
// cut meanwhile.
func (c *Cable) arrives(w Way, due time.Time, done <-chan struct{}) bool {
	if wait := time.Until(due); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-done:
			return false
		}
	}
	for mended := c.ways[w].closed(); mended != nil; mended = c.ways[w].closed() {
		select {
		case <-mended:
		case <-done:
			return false
		}
	}
	return true
}
