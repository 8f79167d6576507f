package quic

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"

	quicgo "github.com/quic-go/quic-go"

	"parley/internal/channel/hop"
)

// dialer makes connections.
type dialer struct{ sockets sockets }

// dial makes one connection, ready for frames, with whichever host of the address answers first in turn.
func (d dialer) dial(ctx context.Context, address string, config *tls.Config) (hop.Conn, error) {
	looking, cancel := context.WithTimeout(ctx, handshakeLimit)
	hosts, err := d.sockets.resolve(looking, address)
	cancel()
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
	var all []error
	for _, to := range hosts {
		l, err := d.connect(ctx, to, config)
		if err == nil {
			return l, nil
		}
		all = append(all, fmt.Errorf("dial %s: %w", to, err))
	}
	return nil, errors.Join(all...)
}

// connect makes one connection, ready for frames.
func (d dialer) connect(ctx context.Context, to netip.AddrPort, config *tls.Config) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	l := &line{sockets: d.sockets, to: to}
	from, err := l.sockets.route(to)
	if err != nil {
		return nil, err
	}
	l.from = from
	first, err := l.open(netip.Addr{})
	if err != nil {
		return nil, err
	}
	conn, err := first.Dial(ctx, net.UDPAddrFromAddrPort(to), config, transport())
	if err != nil {
		l.close()
		return nil, fmt.Errorf("handshake: %w", err)
	}
	l.connection = newConnection(conn)
	if err := greeted(ctx, conn); err != nil {
		l.Close(err)
		l.close()
		return nil, fmt.Errorf("handshake: the peer has not accepted our key: %w", err)
	}
	return l, nil
}

// greeted waits for the peer's greeting.
func greeted(ctx context.Context, conn *quicgo.Conn) error {
	stream, err := conn.AcceptUniStream(ctx)
	if err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := stream.SetReadDeadline(deadline); err != nil {
			return err
		}
	}
	defer stream.ReleaseStreamCredit()
	return readGreeting(stream)
}
