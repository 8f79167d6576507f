package quic

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/channel/hop"
	"parley/internal/courier"
)

// relay is a stretch of a UDP route on loopback, between real sockets: it cuts, loses, reorders, repeats, refuses what
// is too large, and can forget its mapping as a gateway does, so that the listening side sees another port.
type relay struct {
	net.PacketConn
	to    net.Addr
	tasks sync.WaitGroup

	mu      sync.Mutex
	cut     bool
	bad     bool // loses one packet in ten, repeats one in ten, holds back one in ten
	largest int  // 0 for no limit
	out     map[netip.AddrPort]net.PacketConn
	held    []func() // packets held back until the next has gone
}

func newRelay(t testing.TB, to net.Addr) *relay {
	in, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{PacketConn: in, to: to, out: map[netip.AddrPort]net.PacketConn{}}
	r.tasks.Go(r.outwards)
	t.Cleanup(func() {
		_ = in.Close()
		r.forget()
		r.tasks.Wait()
	})
	return r
}

// forget makes the relay use new ports towards the listening side.
func (r *relay) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, out := range r.out {
		_ = out.Close()
	}
	clear(r.out)
}

func (r *relay) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *relay) outwards() {
	b := make([]byte, 2048)
	for {
		n, from, err := r.ReadFrom(b)
		if err != nil {
			return
		}
		out, err := r.mapping(from)
		if err != nil {
			continue // as when a gateway has no port left
		}
		r.carry(out, r.to, b[:n])
	}
}

// mapping is the socket that stands for from towards the listening side.
func (r *relay) mapping(from net.Addr) (net.PacketConn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := from.(*net.UDPAddr).AddrPort()
	if out, ok := r.out[at]; ok {
		return out, nil
	}
	out, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r.out[at] = out
	r.tasks.Go(func() {
		b := make([]byte, 2048)
		for {
			n, _, err := out.ReadFrom(b)
			if err != nil {
				return
			}
			r.carry(r.PacketConn, from, b[:n])
		}
	})
	return out, nil
}

func (r *relay) carry(by net.PacketConn, to net.Addr, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut || r.largest > 0 && len(b) > r.largest {
		return
	}
	send := func() { _, _ = by.WriteTo(b, to) } // what fails is lost
	if r.bad {
		switch rand.IntN(10) {
		case 0:
			return
		case 1:
			send()
		case 2:
			kept := bytes.Clone(b)
			r.held = append(r.held, func() { _, _ = by.WriteTo(kept, to) })
			return
		}
	}
	send()
	for _, late := range r.held {
		late()
	}
	r.held = nil
}

// overRelay makes both ends of a channel over real sockets with a relay between.
func overRelay(t testing.TB) (north, south *hop.Channel, r *relay) {
	nkey, skey := channeltest.NewKey(t), channeltest.NewKey(t)
	l := listen(t, ListenConfig{Address: "127.0.0.1:0", Key: nkey})
	r = newRelay(t, l.Addr())
	north = open(t, Config{Name: "south", Peer: channeltest.Public(skey), Listener: l})
	south = open(t, Config{Name: "north", Key: skey, Peer: channeltest.Public(nkey), Dial: []string{r.LocalAddr().String()}})
	return north, south, r
}

func TestConformanceOverUDP(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds to notice each cut")
	}
	channeltest.Run(t, func(t *testing.T) (a, b courier.Channel, cut, restore func()) {
		north, south, r := overRelay(t)
		return north, south, func() { r.set(func() { r.cut = true }) }, func() { r.set(func() { r.cut = false }) }
	})
}

// Frames of every size pass over real sockets by a bad link that shrinks and forgets.
func TestOverUDP(t *testing.T) {
	north, south, r := overRelay(t)
	for _, change := range []func(){
		func() {},
		func() { r.set(func() { r.bad = true }) },
		func() { r.set(func() { r.largest = packetSize }) },
		r.forget,
	} {
		change()
		for _, size := range []int{1, 600, courier.MaxFrame} {
			insist(t, south, north, size)
			insist(t, north, south, size)
		}
	}
}

// insist sends a frame again and again until it arrives; the connection may be made anew meanwhile.
func insist(t *testing.T, from, to *hop.Channel, size int) {
	t.Helper()
	frame := channeltest.Frame(size)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	sending, arrived := context.WithCancel(ctx)
	var sender sync.WaitGroup
	defer sender.Wait()
	defer arrived()
	sender.Go(func() {
		for sending.Err() == nil {
			_ = from.Send(sending, frame) // it fails while the channel is down
			select {
			case <-sending.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	for {
		got, err := to.Receive(ctx)
		if err != nil {
			t.Fatalf("waited for a frame of %d bytes: %v", size, err)
		}
		if bytes.Equal(got, frame) {
			return
		}
	}
}
