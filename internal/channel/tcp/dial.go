package tcp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"parley/internal/channel/hop"
	"parley/internal/courier"
)

const (
	dialLimit      = 5 * time.Second  // for one TCP connection
	handshakeLimit = 10 * time.Second // for the TLS handshake and the greeting
)

// keepAlive lets the kernel find out within about 10 s that an idle peer is dead; deadAfter does for a busy one.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}

// dialer keeps a channel connected.
type dialer struct {
	channel   *Channel
	addresses []string
	config    *tls.Config
}

// run dials one address after the other until the channel is closed. It stays with the address that last answered.
func (d *dialer) run() {
	ctx := d.channel.ended
	var backoff hop.Backoff
	for at := 0; ctx.Err() == nil; {
		began := time.Now()
		stream, err := d.dial(ctx, d.addresses[at])
		if err != nil {
			if ctx.Err() == nil {
				d.channel.up.Set(err)
			}
			at = (at + 1) % len(d.addresses)
		} else {
			<-d.channel.adopt(stream).gone
			if backoff.Lasted(began) {
				backoff.Reset()
			}
		}
		backoff.Wait(ctx)
	}
}

// dial makes one connection, ready for frames.
func (d *dialer) dial(ctx context.Context, address string) (*tls.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialLimit, KeepAliveConfig: keepAlive}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err // it names the address
	}
	release := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer release()
	stream := tls.Client(conn, d.config)
	if err := ready(conn, func() error {
		if err := stream.Handshake(); err != nil {
			return err
		}
		return readGreeting(stream)
	}); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("dial %s: handshake: %w", address, err)
	}
	return stream, nil
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

var _ interface {
	courier.Channel
	courier.Upper
	courier.Batcher
} = (*Channel)(nil)
