package quic

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"

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
	own       *hop.Shown
	door      *hop.Door
	guests    guests
}

// Listen listens until the Listener is closed.
func Listen(cfg ListenConfig) (*Listener, error) {
	own := new(hop.Shown)
	if err := own.Show(cfg.Key); err != nil {
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
	l := &Listener{own: own, door: hop.NewDoor(kind, cfg.Refused)}
	l.transport = &quicgo.Transport{
		Conn:                conn,
		StatelessResetKey:   reset,
		VerifySourceAddress: func(net.Addr) bool { return l.guests.crowded() },
		ConnContext:         l.welcome,
	}
	if l.inner, err = l.transport.Listen(l.door.Server(protocol, own), transport()); err != nil {
		return nil, fmt.Errorf("quic: listen on %s: %w", conn.LocalAddr(), errors.Join(err, conn.Close()))
	}
	hop.Serve(l.door, conn.LocalAddr(), l.inner.Accept, func(conn *quicgo.Conn) {
		if err := l.admit(conn); err != nil {
			_ = conn.CloseWithError(codeClosed, "") // its error is always nil
			l.door.Refuse(conn.RemoteAddr(), err)
		}
	})
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

// Show makes the listener show other hop keys of ours from the next connection on, each of them to some.
func (l *Listener) Show(keys ...crypto.Signer) error {
	if err := l.own.Show(keys...); err != nil {
		return fmt.Errorf("quic: %w", err)
	}
	return nil
}

// Close stops listening and ends the connections of its channels, since they use its socket; the peers are told.
func (l *Listener) Close() error {
	return l.door.Close(func() error {
		err := l.inner.Close()
		l.door.HangUp()
		return errors.Join(err, l.transport.Close(), l.transport.Conn.Close())
	})
}

// admit greets a peer and gives its connection to its channel.
func (l *Listener) admit(conn *quicgo.Conn) error {
	if g, ok := conn.Context().Value(guestKey{}).(*guest); ok {
		g.leave()
	}
	if err := writeGreeting(conn); err != nil {
		return err
	}
	return l.door.Admit(conn.ConnectionState().TLS, newConnection(conn))
}
