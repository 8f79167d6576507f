package demo

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// Relay is a stretch of a tcp route that can be cut: it hands on bytes between
// whoever dials it and one address, and understands none of them.
//
// While it is cut, what is connected is broken off at once and what dials is
// hung up on, as when a cable is pulled between two machines that are both
// well. Bytes that were on their way are lost.
type Relay struct {
	listener net.Listener
	to       string

	mu     sync.Mutex // guards what follows
	cut    bool
	closed bool
	open   map[net.Conn]bool // both ends of every connection
	wg     sync.WaitGroup

	carried atomic.Uint64
}

// NewRelay listens on a free port of the loopback and hands on to address to.
func NewRelay(to string) (*Relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Relay{listener: l, to: to, open: map[net.Conn]bool{}}
	r.wg.Go(r.accept)
	return r, nil
}

// Address is where the relay is dialled.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Carried returns how many bytes the relay handed on, both ways together.
func (r *Relay) Carried() uint64 { return r.carried.Load() }

// Cut cuts the route, or restores it.
func (r *Relay) Cut(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = cut
	if cut {
		r.hangUp()
	}
}

// IsCut reports whether the route is cut.
func (r *Relay) IsCut() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cut
}

// Close ends the relay and waits until nothing of it runs any more.
func (r *Relay) Close() error {
	r.mu.Lock()
	r.closed = true
	r.hangUp()
	r.mu.Unlock()
	err := r.listener.Close()
	r.wg.Wait()
	return err
}

// hangUp breaks off every connection; r.mu is held.
func (r *Relay) hangUp() {
	for c := range r.open {
		// It is given up either way.
		_ = c.Close()
	}
	clear(r.open)
}

func (r *Relay) accept() {
	for {
		near, err := r.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			r.wg.Go(func() { r.join(near) })
		}
	}
}

// keep remembers a connection so that a cut reaches it; false: it is cut now.
func (r *Relay) keep(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut || r.closed {
		return false
	}
	r.open[c] = true
	return true
}

func (r *Relay) forget(c net.Conn) {
	r.mu.Lock()
	delete(r.open, c)
	r.mu.Unlock()
	// It is given up either way.
	_ = c.Close()
}

// join carries one connection until either side ends it or the route is cut.
func (r *Relay) join(near net.Conn) {
	defer r.forget(near)
	if !r.keep(near) {
		return
	}
	far, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer r.forget(far)
	if !r.keep(far) {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		r.copy(near, far)
		r.forget(near)
	}()
	r.copy(far, near)
	r.forget(far)
	<-back
}

// copy hands on bytes until one side ends; why it ended does not matter here.
func (r *Relay) copy(to, from net.Conn) {
	_, _ = io.Copy(counted{to, &r.carried}, from)
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
