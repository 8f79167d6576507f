package quic

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// air is a network in memory between a listening machine and a dialling one: it cuts, loses, delays, reorders, repeats
// and refuses what is too large. It is for bubbles of testing/synctest, where waiting costs nothing. It is the sockets
// of both machines.
type air struct {
	mu       sync.Mutex
	random   *rand.Rand
	ports    map[uint16]*airSocket
	next     uint16
	source   netip.Addr          // what the dialling machine sends from, when it chooses
	machine  []netip.Addr        // the dialling machine's addresses
	dead     map[netip.Addr]bool // addresses that nothing comes from or to
	forgot   map[uint16]bool     // ports that nothing comes from or to, as when a gateway has forgotten them
	public   map[uint16]uint16   // ports that a gateway shows in place of others
	cut      bool
	loss     float64       // share of packets that are lost
	twice    float64       // share of packets that come twice
	delay    time.Duration // one way
	jitter   time.Duration // at most, on top: packets overtake each other
	largest  int           // larger packets are lost, in bytes of payload; 0 for no limit
	received int           // packets that have arrived, in all
}

var (
	first  = netip.MustParseAddr("198.51.100.1")
	second = netip.MustParseAddr("203.0.113.1")
)

const airAddress = "192.0.2.1:4700"

func newAir() *air {
	return &air{
		random: rand.New(rand.NewPCG(1, 2)), ports: map[uint16]*airSocket{}, next: 50000,
		source: first, machine: []netip.Addr{first, second}, dead: map[netip.Addr]bool{}, forgot: map[uint16]bool{}, public: map[uint16]uint16{},
		delay: 5 * time.Millisecond,
	}
}

// set changes the air.
func (a *air) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *air) listen(address string) (net.PacketConn, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	return a.bind(at), nil
}

func (a *air) open(from netip.Addr, _ netip.AddrPort) (net.PacketConn, error) {
	return a.bind(netip.AddrPortFrom(from, 0)), nil
}

func (a *air) resolve(_ context.Context, address string) ([]netip.AddrPort, error) {
	at, err := netip.ParseAddrPort(address)
	return []netip.AddrPort{at}, err
}

func (a *air) route(netip.AddrPort) (netip.Addr, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.source, nil
}

func (a *air) others(_ netip.AddrPort, not netip.Addr) (all []netip.Addr) {
	for _, addr := range a.machine {
		if addr != not {
			all = append(all, addr)
		}
	}
	return all
}

func (a *air) bind(at netip.AddrPort) *airSocket {
	a.mu.Lock()
	defer a.mu.Unlock()
	if at.Port() == 0 {
		a.next++
		at = netip.AddrPortFrom(at.Addr(), a.next)
	}
	s := &airSocket{air: a, at: at, in: make(chan airPacket, 4096), closed: make(chan struct{}), late: make(chan struct{})}
	a.ports[at.Port()] = s
	return s
}

// send carries a packet, or does not.
func (a *air) send(from *airSocket, to netip.AddrPort, b []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := from.at
	if !at.Addr().IsValid() {
		at = netip.AddrPortFrom(a.source, at.Port())
	}
	times := 1
	switch {
	case a.cut, a.largest > 0 && len(b) > a.largest, a.random.Float64() < a.loss:
		return
	case a.dead[at.Addr()], a.dead[to.Addr()], a.forgot[at.Port()], a.forgot[to.Port()]:
		return
	case a.random.Float64() < a.twice:
		times = 2
	}
	if shown, ok := a.public[at.Port()]; ok {
		at = netip.AddrPortFrom(at.Addr(), shown)
	}
	packet := airPacket{append([]byte(nil), b...), net.UDPAddrFromAddrPort(at)}
	for range times {
		// Never twice the same to the nanosecond: in a bubble, where time stands while code runs, a timer of the library
		// (v0.65.0, loss detection) that falls due exactly now can be set to now again, without end.
		delay := a.delay + time.Duration(a.random.IntN(1000))
		if a.jitter > 0 {
			delay += time.Duration(a.random.Int64N(int64(a.jitter)))
		}
		time.AfterFunc(delay, func() { a.arrive(to, packet) })
	}
}

func (a *air) arrive(to netip.AddrPort, p airPacket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.ports[to.Port()]
	if _, ok := a.public[to.Port()]; ok {
		s = nil // the gateway has it under another number
	}
	for inner, shown := range a.public {
		if shown == to.Port() {
			s = a.ports[inner]
		}
	}
	if s == nil || s.at.Addr().IsValid() && s.at.Addr() != to.Addr() || a.cut {
		return
	}
	a.received++
	select {
	case s.in <- p:
	default: // its buffer is full
	}
}

type airPacket struct {
	b    []byte
	from net.Addr
}

// airSocket is a net.PacketConn on the air. Its address may be invalid: then the machine chooses at each packet.
type airSocket struct {
	air    *air
	at     netip.AddrPort
	in     chan airPacket
	closed chan struct{}
	once   sync.Once

	mu   sync.Mutex
	late chan struct{} // closed when the read deadline has passed
}

func (s *airSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	s.mu.Lock()
	late := s.late
	s.mu.Unlock()
	select {
	case p := <-s.in:
		return copy(b, p.b), p.from, nil
	case <-late:
		return 0, nil, os.ErrDeadlineExceeded
	case <-s.closed:
		return 0, nil, net.ErrClosed
	}
}

func (s *airSocket) WriteTo(b []byte, addr net.Addr) (int, error) {
	select {
	case <-s.closed:
		return 0, net.ErrClosed
	default:
	}
	to, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, errors.New("not an address of the air")
	}
	s.air.send(s, netip.AddrPortFrom(to.AddrPort().Addr().Unmap(), to.AddrPort().Port()), b)
	return len(b), nil
}

// SetReadDeadline takes a time that has passed, or none: the library gives no other.
func (s *airSocket) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.IsZero() {
		s.late = make(chan struct{})
		return nil
	}
	select {
	case <-s.late:
	default:
		close(s.late)
	}
	return nil
}

func (s *airSocket) Close() error {
	s.once.Do(func() {
		s.air.mu.Lock()
		defer s.air.mu.Unlock()
		delete(s.air.ports, s.at.Port())
		close(s.closed)
	})
	return nil
}

func (s *airSocket) LocalAddr() net.Addr              { return net.UDPAddrFromAddrPort(s.at) }
func (s *airSocket) SetDeadline(t time.Time) error    { return s.SetReadDeadline(t) }
func (s *airSocket) SetWriteDeadline(time.Time) error { return nil }
func (s *airSocket) SetReadBuffer(int) error          { return nil }
func (s *airSocket) SetWriteBuffer(int) error         { return nil }
