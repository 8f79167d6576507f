package tcp

import (
	"context"
	"crypto"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"parley/internal/channel/hop"
)

// ListenConfig says where to listen.
type ListenConfig struct {
	Address string        // Address is "host:port"; an empty host is every address of the machine.
	Key     crypto.Signer // Key is our Ed25519 hop key.

	// Refused, when given, is told of each connection that was not let in, and why: anyone can cause that, as often as
	// they like. It is called from several goroutines at the same time.
	Refused func(remote net.Addr, why error)
}

// Listener is one address that the peers of any number of channels connect to. Each is known by its hop key; any other
// is refused within the handshake.
type Listener struct {
	net    net.Listener
	own    *hop.Shown
	door   *hop.Door
	config *tls.Config
	guests guests
}

// Listen listens until the Listener is closed.
func Listen(cfg ListenConfig) (*Listener, error) {
	own := new(hop.Shown)
	if err := own.Show(cfg.Key); err != nil {
		return nil, fmt.Errorf("tcp: listen: %w", err)
	}
	setup := net.ListenConfig{KeepAliveConfig: keepAlive}
	setup.SetMultipathTCP(false) // it does not take every option that tune sets
	inner, err := setup.Listen(context.Background(), "tcp", cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("tcp: %w", err)
	}
	l := &Listener{net: inner, own: own, door: hop.NewDoor(kind, cfg.Refused)}
	l.config = l.door.Server(protocol, own)
	hop.Serve(l.door, inner.Addr(), func(context.Context) (net.Conn, error) { return inner.Accept() }, func(conn net.Conn) {
		l.door.Go(func() { l.welcome(conn) })
	})
	return l, nil
}

// Addr is the address it listens on.
func (l *Listener) Addr() net.Addr { return l.net.Addr() }

// Show makes the listener show other hop keys of ours from the next connection on, each of them to some.
func (l *Listener) Show(keys ...crypto.Signer) error {
	if err := l.own.Show(keys...); err != nil {
		return fmt.Errorf("tcp: %w", err)
	}
	return nil
}

// Close stops listening. The channels keep the connections they have.
func (l *Listener) Close() error {
	return l.door.Close(func() error {
		err := l.net.Close()
		l.guests.close()
		return err
	})
}

// welcome lets one connection in, or not.
func (l *Listener) welcome(conn net.Conn) {
	if !l.guests.enter(conn) {
		_ = conn.Close()
		return
	}
	stream := tls.Server(conn, l.config)
	err := ready(conn, func() error {
		if err := stream.Handshake(); err != nil {
			return err
		}
		return writeGreeting(stream)
	})
	if !l.guests.leave(conn) && err == nil {
		err = errors.New("gave way to newer connections")
	}
	if err == nil {
		err = l.door.Admit(stream.ConnectionState(), newConnection(stream))
	}
	if err != nil {
		_ = conn.Close()
		l.door.Refuse(conn.RemoteAddr(), err)
	}
}
