package tcp

import (
	"net"
	"net/netip"
	"slices"
	"sync"

	"parley/internal/channel/hop"
)

// How many connections may be within their handshake at the same time, in all and from one host.
const (
	maxGuests        = 128
	maxGuestsPerHost = 16
)

// guests are the connections that have not proved who they are. When there are too many the oldest gives way: a peer
// needs a round trip or two, and whoever only holds a place has held it for longest.
type guests struct {
	mu     sync.Mutex
	list   []guest // the oldest first
	closed bool
}

type guest struct {
	conn net.Conn
	host netip.Prefix
}

// enter reports whether conn may go on; it may not once the listener is closed.
func (g *guests) enter(conn net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	host := hop.Host(conn.RemoteAddr())
	here, first := 0, -1
	for i, other := range g.list {
		if other.host == host {
			if here++; first < 0 {
				first = i
			}
		}
	}
	switch {
	case here >= maxGuestsPerHost:
		g.expel(first)
	case len(g.list) >= maxGuests:
		g.expel(0)
	}
	g.list = append(g.list, guest{conn, host})
	return true
}

// leave reports whether conn was still here.
func (g *guests) leave(conn net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.list, func(other guest) bool { return other.conn == conn })
	if i < 0 {
		return false
	}
	g.list = slices.Delete(g.list, i, i+1)
	return true
}

func (g *guests) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for len(g.list) > 0 {
		g.expel(0)
	}
}

// expel closes a connection, which ends its handshake. The caller holds mu.
func (g *guests) expel(i int) {
	_ = g.list[i].conn.Close()
	g.list = slices.Delete(g.list, i, i+1)
}
