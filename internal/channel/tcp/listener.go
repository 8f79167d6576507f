package tcp

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"

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
	net     net.Listener
	refused func(net.Addr, error)
	config  *tls.Config
	guests  guests
	ended   context.Context // ends with Close
	end     context.CancelFunc
	tasks   sync.WaitGroup

	mu       sync.Mutex
	channels map[string]*Channel // by the peer's hop key
}

// Listen listens until the Listener is closed.
func Listen(cfg ListenConfig) (*Listener, error) {
	own, err := hop.Certificate(cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("tcp: listen: %w", err)
	}
	setup := net.ListenConfig{KeepAliveConfig: keepAlive}
	setup.SetMultipathTCP(false) // it does not take every option that tune sets
	inner, err := setup.Listen(context.Background(), "tcp", cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("tcp: %w", err)
	}
	l := &Listener{net: inner, refused: cfg.Refused, channels: make(map[string]*Channel)}
	if l.refused == nil {
		l.refused = func(net.Addr, error) {}
	}
	l.config = hop.Server(protocol, own, func(key ed25519.PublicKey) bool { return l.channel(key) != nil })
	l.ended, l.end = context.WithCancel(context.Background())
	l.tasks.Go(l.serve)
	return l, nil
}

// Addr is the address it listens on.
func (l *Listener) Addr() net.Addr { return l.net.Addr() }

// Close stops listening. The channels keep the connections they have.
func (l *Listener) Close() error {
	if l.ended.Err() != nil {
		return nil
	}
	l.end()
	err := l.net.Close()
	l.guests.close()
	l.tasks.Wait()
	return err
}

func (l *Listener) register(c *Channel) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if other, ok := l.channels[string(c.peer)]; ok {
		return fmt.Errorf("channel %s has the same peer's key on this listener", other.name)
	}
	l.channels[string(c.peer)] = c
	return nil
}

func (l *Listener) forget(c *Channel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.channels[string(c.peer)] == c {
		delete(l.channels, string(c.peer))
	}
}

func (l *Listener) channel(key ed25519.PublicKey) *Channel {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.channels[string(key)]
}

func (l *Listener) serve() {
	var backoff hop.Backoff
	for {
		conn, err := l.net.Accept()
		switch {
		case l.ended.Err() != nil:
			if err == nil {
				_ = conn.Close()
			}
			return
		case err != nil: // such as too many open files, which passes
			l.refused(l.net.Addr(), fmt.Errorf("accept: %w", err))
			backoff.Wait(l.ended)
		default:
			backoff.Reset()
			l.tasks.Go(func() { l.welcome(conn) })
		}
	}
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
		var key ed25519.PublicKey
		if key, err = hop.PeerKey(stream.ConnectionState()); err == nil {
			if c := l.channel(key); c != nil {
				c.adopt(stream)
				return
			}
			err = errors.New("its channel was closed")
		}
	}
	_ = conn.Close()
	l.refused(conn.RemoteAddr(), fmt.Errorf("tcp: handshake with %s: %w", conn.RemoteAddr(), err))
}
