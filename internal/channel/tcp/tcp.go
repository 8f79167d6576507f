// Package tcp is a channel over one TLS 1.3 connection, pinned to the peer's hop key.
//
// One side listens, the other dials, and both directions use the one connection; package hop keeps it. There is no
// certificate authority and no name to look up. It refuses a peer with another key, a key exchange that a quantum
// computer could undo later, and whatever breaks the format of the stream: that costs the connection, and the next is
// made. The stream is spec/FRAME.md §3.
package tcp

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"parley/internal/channel/hop"
)

const (
	kind     = "tcp"
	protocol = "parley-tcp/1" // the name that both sides must agree on (ALPN)

	dialLimit      = 5 * time.Second  // for one TCP connection
	handshakeLimit = 10 * time.Second // for the TLS handshake and the greeting
)

// keepAlive lets the kernel find out within about 10 s that an idle peer is dead; deadAfter does for a busy one.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}

// Config says what a channel connects. Either Listener or Dial is given.
type Config struct {
	Name string            // Name is the channel's name for people.
	Key  crypto.Signer     // Key is our Ed25519 hop key. A channel of a Listener uses the Listener's.
	Peer ed25519.PublicKey // Peer is the peer's hop key.

	Listener *Listener // Listener is where the peer connects to.
	Dial     []string  // Dial are the addresses "host:port" where the peer listens, tried in turn, again and again.
}

// New returns a channel that connects by itself until it is closed. A Listener has one channel for each peer's key. A
// Send that its context ends in the middle of a frame costs the connection.
func New(cfg Config) (*hop.Channel, error) {
	c := hop.Config{
		Kind: kind, Name: cfg.Name, Peer: cfg.Peer,
		Addresses: cfg.Dial, Key: cfg.Key, Protocol: protocol, Dial: dial,
	}
	if cfg.Listener != nil {
		c.Door = cfg.Listener.door
	}
	return hop.New(c)
}

// dial makes one connection, ready for frames.
func dial(ctx context.Context, address string, config *tls.Config) (hop.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialLimit, KeepAliveConfig: keepAlive}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err // it names the address
	}
	release := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer release()
	stream := tls.Client(conn, config)
	if err := ready(conn, func() error {
		if err := stream.Handshake(); err != nil {
			return err
		}
		return readGreeting(stream)
	}); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("dial %s: handshake: %w", address, err)
	}
	return newConnection(stream), nil
}

// ready sets up a new TCP connection and gives do, which makes it ready, its time.
func ready(conn net.Conn, do func() error) error {
	if err := tune(conn); err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(handshakeLimit)); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return conn.SetDeadline(time.Time{})
}
