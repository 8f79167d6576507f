package quic

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	quicgo "github.com/quic-go/quic-go"

	"parley/internal/channel/hop"
)

// ListenConfig says where to listen.
type ListenConfig struct {
	Address string        // Address is "host:port" of UDP; an empty host is every address of the machine.
	Key     crypto.Signer // Key is our Ed25519 hop key.

	// Refused, when given, is told of each connection that began its handshake and was not let in, and why: anyone can
	// cause that, as often as they like. It is called from several goroutines at the same time.
	Refused func(remote net.Addr, why error)

	sockets sockets // where sockets come from; nil for the machine's
}

// Listener is one UDP socket that the peers of any number of channels connect to. Each is known by its hop key; any
// other is refused within the handshake.
type Listener struct {
	transport *quicgo.Transport
	inner     *quicgo.Listener
	refused   func(net.Addr, error)
	guests    guests
	ended     context.Context // ends with Close
	end       context.CancelFunc
	tasks     sync.WaitGroup

	mu       sync.Mutex
	channels map[string]*Channel // by the peer's hop key
}

// Listen listens until the Listener is closed.
func Listen(cfg ListenConfig) (*Listener, error) {
	own, err := hop.Certificate(cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("quic: listen: %w", err)
	}
	reset, err := resetKey(cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("quic: listen: %w", err)
	}
	if cfg.sockets == nil {
		cfg.sockets = machine{}
	}
	conn, err := cfg.sockets.listen(cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("quic: %w", err)
	}
	l := &Listener{refused: cfg.Refused, channels: make(map[string]*Channel)}
	l.ended, l.end = context.WithCancel(context.Background())
	l.transport = &quicgo.Transport{
		Conn:                conn,
		StatelessResetKey:   reset,
		VerifySourceAddress: func(net.Addr) bool { return l.guests.crowded() },
		ConnContext:         l.welcome,
	}
	l.inner, err = l.transport.Listen(hop.Server(protocol, own, func(key ed25519.PublicKey) bool { return l.channel(key) != nil }), transport())
	if err != nil {
		l.end()
		return nil, fmt.Errorf("quic: listen on %s: %w", conn.LocalAddr(), errors.Join(err, conn.Close()))
	}
	l.tasks.Go(l.serve)
	return l, nil
}

// resetKey makes the key that tells a peer, after we have restarted, that we know its connection no more: at its first
// frame, and not when it has waited for us in vain. (Keep-alives are too small to be answered so.) It stays the same as long as the hop key signs the same thing in the same way.
func resetKey(hop crypto.Signer) (*quicgo.StatelessResetKey, error) {
	signed, err := hop.Sign(nil, []byte("parley-quic/1 stateless reset"), crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("our hop key: %w", err)
	}
	key := quicgo.StatelessResetKey(sha256.Sum256(signed))
	return &key, nil
}

// Addr is the address it listens on.
func (l *Listener) Addr() net.Addr { return l.transport.Conn.LocalAddr() }

// Close stops listening and ends the connections of its channels, since they use its socket; the peers are told.
func (l *Listener) Close() error {
	if l.ended.Err() != nil {
		return nil
	}
	l.end()
	err := l.inner.Close()
	l.tasks.Wait()
	l.mu.Lock()
	channels := make([]*Channel, 0, len(l.channels))
	for _, c := range l.channels {
		channels = append(channels, c)
	}
	l.mu.Unlock()
	for _, c := range channels {
		c.hangUp()
	}
	return errors.Join(err, l.transport.Close(), l.transport.Conn.Close())
}

func (l *Listener) register(c *Channel) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if other, ok := l.channels[string(c.peer)]; ok {
		return fmt.Errorf("channel %s has the same peer's key on this listener; give it another address", other.name)
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

// knows reports whether the last connection of a channel came from host.
func (l *Listener) knows(host netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.channels {
		if c.lastHost() == host {
			return true
		}
	}
	return false
}

func (l *Listener) channel(key ed25519.PublicKey) *Channel {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.channels[string(key)]
}

// serve lets in who has proved a key, until the listener is closed.
func (l *Listener) serve() {
	for {
		conn, err := l.inner.Accept(l.ended)
		if err != nil {
			if l.ended.Err() == nil {
				l.refuse(l.Addr(), fmt.Errorf("the listener has failed: %w", err))
			}
			return
		}
		if err := l.admit(conn); err != nil {
			_ = conn.CloseWithError(codeClosed, "") // its error is always nil
			l.refuse(conn.RemoteAddr(), err)
		}
	}
}

// admit greets a peer and gives its connection to its channel.
func (l *Listener) admit(conn *quicgo.Conn) error {
	if g, ok := conn.Context().Value(guestKey{}).(*guest); ok {
		g.leave()
	}
	key, err := hop.PeerKey(conn.ConnectionState().TLS)
	if err != nil {
		return err
	}
	c := l.channel(key)
	if c == nil {
		return errors.New("its channel was closed")
	}
	if err := writeGreeting(conn); err != nil {
		return err
	}
	c.cameFrom(hop.Host(conn.RemoteAddr()))
	c.adopt(newConnection(conn))
	return nil
}

func (l *Listener) refuse(remote net.Addr, why error) {
	if l.refused != nil && l.ended.Err() == nil {
		l.refused(remote, fmt.Errorf("quic: handshake with %s: %w", remote, why))
	}
}
