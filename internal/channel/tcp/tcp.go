// Package tcp is a channel over one TLS 1.3 connection, pinned to the peer's hop key.
//
// One side listens, the other dials, and both directions use the one connection; a newer connection of the same peer
// takes the place of the older. There is no certificate authority and no name to look up. It refuses a peer with
// another key, a key exchange that a quantum computer could undo later, and whatever breaks the format of the stream:
// that costs the connection, and the next is made. The stream is spec/FRAME.md §3.
package tcp

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"

	"parley/internal/channel/hop"
	"parley/internal/courier"
)

// protocol is the name that both sides must agree on (ALPN).
const protocol = "parley-tcp/1"

// inboxFrames is how many received frames wait for Receive before the peer is made to wait.
const inboxFrames = 32

var (
	errClosed  = errors.New("closed")
	errNoPeer  = errors.New("the peer has not connected")
	errDialing = errors.New("not connected yet")
)

// Config says what a channel connects. Either Listener or Dial is given.
type Config struct {
	Name string            // Name is the channel's name for people.
	Key  crypto.Signer     // Key is our Ed25519 hop key. A channel of a Listener uses the Listener's.
	Peer ed25519.PublicKey // Peer is the peer's hop key.

	Listener *Listener // Listener is where the peer connects to.
	Dial     []string  // Dial are the addresses "host:port" where the peer listens, tried in turn, again and again.
}

// Channel is a courier.Channel, courier.Upper, courier.Batcher and io.Closer. It is up while it is connected.
type Channel struct {
	name     string
	peer     ed25519.PublicKey
	listener *Listener
	up       courier.Condition
	inbox    chan arrival
	ended    context.Context // ends with Close
	end      context.CancelFunc
	tasks    sync.WaitGroup

	mu     sync.Mutex
	conn   *connection // in use; nil when not connected
	closed bool
}

// arrival is a frame, or what came in its stead.
type arrival struct {
	frame []byte
	err   error
}

// New returns a channel that connects by itself until it is closed. A Listener has one channel for each peer's key.
func New(cfg Config) (*Channel, error) {
	if len(cfg.Peer) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("tcp %s: the peer's hop key is of %d bytes; want %d", cfg.Name, len(cfg.Peer), ed25519.PublicKeySize)
	}
	if (cfg.Listener == nil) == (len(cfg.Dial) == 0) {
		return nil, fmt.Errorf("tcp %s: give a listener or addresses to dial, and not both", cfg.Name)
	}
	c := &Channel{name: cfg.Name, peer: cfg.Peer, listener: cfg.Listener, inbox: make(chan arrival, inboxFrames)}
	c.ended, c.end = context.WithCancel(context.Background())
	if cfg.Listener != nil {
		c.up.Set(errNoPeer)
		if err := cfg.Listener.register(c); err != nil {
			c.end()
			return nil, fmt.Errorf("tcp %s: %w", cfg.Name, err)
		}
		return c, nil
	}
	own, err := hop.Certificate(cfg.Key)
	if err != nil {
		c.end()
		return nil, fmt.Errorf("tcp %s: %w", cfg.Name, err)
	}
	c.up.Set(errDialing)
	d := &dialer{channel: c, addresses: cfg.Dial, config: hop.Client(protocol, own, cfg.Peer)}
	c.tasks.Go(d.run)
	return c, nil
}

// Name is Config.Name.
func (c *Channel) Name() string { return c.name }

// Up is nil while the peer is connected; see courier.Upper.
func (c *Channel) Up() (changed <-chan struct{}, down error) { return c.up.Up() }

// Send writes one frame to the connection. A Send that ctx ends in the middle of a frame costs the connection.
func (c *Channel) Send(ctx context.Context, frame []byte) error {
	_, err := c.SendBatch(ctx, [][]byte{frame})
	return err
}

// SendBatch writes frames to the connection together; see courier.Batcher.
func (c *Channel) SendBatch(ctx context.Context, frames [][]byte) (sent int, err error) {
	var bad error
	for i, frame := range frames {
		if bad = courier.CheckFrame(frame); bad != nil {
			frames = frames[:i]
			break
		}
	}
	if len(frames) > 0 {
		if err := c.write(ctx, frames); err != nil {
			return 0, fmt.Errorf("tcp %s: send: %w", c.name, err)
		}
	}
	if bad != nil {
		return len(frames), fmt.Errorf("tcp %s: send: %w", c.name, bad)
	}
	return len(frames), nil
}

func (c *Channel) write(ctx context.Context, frames [][]byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn == nil {
		_, down := c.up.Up()
		return fmt.Errorf("%w: %w", courier.ErrDown, down)
	}
	err := conn.write(ctx, frames)
	if err == nil {
		return nil
	}
	c.drop(conn, err)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w: %w", courier.ErrDown, err)
}

// Receive waits for the next frame, over as many connections as that takes.
func (c *Channel) Receive(ctx context.Context) ([]byte, error) {
	if ctx.Err() == nil && c.ended.Err() == nil {
		select {
		case in := <-c.inbox:
			return in.frame, in.err
		case <-ctx.Done():
		case <-c.ended.Done():
		}
	}
	if c.ended.Err() != nil {
		return nil, fmt.Errorf("tcp %s: receive: %w: %w", c.name, courier.ErrDown, errClosed)
	}
	return nil, fmt.Errorf("tcp %s: receive: %w", c.name, context.Cause(ctx))
}

// Close ends the connection and makes no other. It waits until nothing of the channel runs.
func (c *Channel) Close() error {
	if c.listener != nil {
		c.listener.forget(c)
	}
	c.mu.Lock()
	c.closed = true
	conn := c.conn
	c.mu.Unlock()
	c.end()
	if conn != nil {
		c.drop(conn, errClosed)
	}
	c.up.Set(errClosed)
	c.tasks.Wait()
	return nil
}

// adopt takes a connection that is ready into use, in place of any other, and reads from it until it is lost.
func (c *Channel) adopt(stream *tls.Conn) *connection {
	conn := newConnection(stream)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		conn.close()
		return conn
	}
	if c.conn != nil {
		c.conn.close()
	}
	c.conn = conn
	c.up.Set(nil)
	c.tasks.Go(func() { c.read(conn) })
	return conn
}

// read passes on what arrives by conn until conn is lost.
func (c *Channel) read(conn *connection) {
	for {
		frame, err := conn.read()
		if err != nil && !errors.Is(err, courier.ErrRefused) {
			c.drop(conn, err)
			return
		}
		in := arrival{frame: frame}
		if err != nil {
			in.err = fmt.Errorf("tcp %s: from %s: %w", c.name, conn.remote(), err)
			c.drop(conn, err) // where the next frame would begin is unknown
		}
		select {
		case c.inbox <- in:
		case <-c.ended.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// drop closes conn, which failed for the reason why. The channel is down when it used conn.
func (c *Channel) drop(conn *connection, why error) {
	conn.close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == conn {
		c.conn = nil
		c.up.Set(fmt.Errorf("connection with %s lost: %w", conn.remote(), why))
	}
}
