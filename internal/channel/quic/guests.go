package quic

import (
	"context"
	"errors"
	"net/netip"
	"sync"

	quicgo "github.com/quic-go/quic-go"

	"parley/internal/channel/hop"
)

// How many connections may be within their handshake at the same time, in all and from one host. From retryAfter on, who
// comes must first show that it receives what is sent to its address (RFC 9000 §8.1.2): one that lies about its address
// takes no further place. The library gives no hold of a connection within its handshake, so nobody can be made to give
// way; instead there is always room for a host that a peer came from before.
const (
	maxGuests        = 256
	maxGuestsPerHost = 16
	retryAfter       = 16
)

var errCrowded = errors.New("too many connections are within their handshake")

// guests are the connections that have not proved who they are. A place is kept no longer than a handshake may take.
type guests struct {
	mu    sync.Mutex
	all   int
	hosts map[netip.Prefix]int
}

// guest is one of them.
type guest struct {
	guests *guests
	host   netip.Prefix
	once   sync.Once
}

// guestKey is the key of a connection's *guest in its context.
type guestKey struct{}

// crowded reports whether the next guest must first prove its address.
func (g *guests) crowded() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.all >= retryAfter
}

// enter gives a connection from host its place. One that is known may be beyond maxGuests.
func (g *guests) enter(host netip.Prefix, known bool) (*guest, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= maxGuests && !known || g.hosts[host] >= maxGuestsPerHost {
		return nil, errCrowded
	}
	if g.hosts == nil {
		g.hosts = make(map[netip.Prefix]int)
	}
	g.all++
	g.hosts[host]++
	return &guest{guests: g, host: host}, nil
}

// leave gives the place back. It reports whether the guest was still there.
func (g *guest) leave() (was bool) {
	g.once.Do(func() {
		was = true
		all := g.guests
		all.mu.Lock()
		defer all.mu.Unlock()
		all.all--
		if all.hosts[g.host]--; all.hosts[g.host] == 0 {
			delete(all.hosts, g.host)
		}
	})
	return was
}

// welcome gives a new connection its place, or refuses it. ctx ends with the connection.
func (l *Listener) welcome(ctx context.Context, info *quicgo.ClientInfo) (context.Context, error) {
	host := hop.Host(info.RemoteAddr)
	g, err := l.guests.enter(host, info.AddrVerified && l.door.Knows(host))
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() {
		if g.leave() {
			l.door.Refuse(info.RemoteAddr, context.Cause(ctx))
		}
	})
	return context.WithValue(ctx, guestKey{}, g), nil
}
