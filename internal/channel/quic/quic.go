// Package quic is a channel over one QUIC connection, pinned to the peer's hop key, that outlives the path it runs on.
//
// One side listens, the other dials, and both directions use the one connection; a newer connection of the same peer
// takes the place of the older. Every frame goes on a stream of its own, so that a lost packet delays one frame and not
// those behind it. When the dialling side's address changes, or its path goes silent while another answers, the
// connection moves there and no frame is lost. It refuses a peer with another key, a key exchange that a quantum
// computer could undo later, early data, and whatever is no frame: that costs the connection, and the next is made.
// What goes over the connection is spec/FRAME.md §6.
package quic

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"parley/internal/channel/hop"
	"parley/internal/courier"
)

// protocol is the name that both sides must agree on (ALPN).
const protocol = "parley-quic/1"

// inboxFrames is how many received frames wait for Receive. As many again as there may be streams wait unread, and then
// the peer is made to wait.
const inboxFrames = 32

var (
	errClosed   = errors.New("closed")
	errReplaced = errors.New("a newer connection of the same peer took its place")
	errNoPeer   = errors.New("the peer has not connected")
	errDialing  = errors.New("not connected yet")
)

// Config says what a channel connects. Either Listener or Dial is given.
type Config struct {
	Name string            // Name is the channel's name for people.
	Key  crypto.Signer     // Key is our Ed25519 hop key. A channel of a Listener uses the Listener's.
	Peer ed25519.PublicKey // Peer is the peer's hop key.

	Listener *Listener // Listener is where the peer connects to.
	Dial     []string  // Dial are the addresses "host:port" where the peer listens, tried in turn, again and again.

	sockets sockets // where sockets come from; nil for the machine's
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
	conn   *connection  // in use; nil when not connected
	host   netip.Prefix // where the peer last came from, to a listener
	closed bool
}

// arrival is a frame, or what came in its stead.
type arrival struct {
	frame []byte
	err   error
}

var _ interface {
	courier.Channel
	courier.Upper
	courier.Batcher
} = (*Channel)(nil)

// New returns a channel that connects by itself until it is closed. A Listener has one channel for each peer's key.
func New(cfg Config) (*Channel, error) {
	if len(cfg.Peer) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("quic %s: the peer's hop key is of %d bytes; want %d", cfg.Name, len(cfg.Peer), ed25519.PublicKeySize)
	}
	if (cfg.Listener == nil) == (len(cfg.Dial) == 0) {
		return nil, fmt.Errorf("quic %s: give a listener or addresses to dial, and not both", cfg.Name)
	}
	c := &Channel{name: cfg.Name, peer: cfg.Peer, listener: cfg.Listener, inbox: make(chan arrival, inboxFrames)}
	c.ended, c.end = context.WithCancel(context.Background())
	if cfg.Listener != nil {
		c.up.Set(errNoPeer)
		if err := cfg.Listener.register(c); err != nil {
			c.end()
			return nil, fmt.Errorf("quic %s: %w", cfg.Name, err)
		}
		return c, nil
	}
	own, err := hop.Certificate(cfg.Key)
	if err != nil {
		c.end()
		return nil, fmt.Errorf("quic %s: %w", cfg.Name, err)
	}
	c.up.Set(errDialing)
	d := &dialer{channel: c, addresses: cfg.Dial, config: hop.Client(protocol, own, cfg.Peer), sockets: cfg.sockets}
	if d.sockets == nil {
		d.sockets = machine{}
	}
	c.tasks.Go(d.run)
	return c, nil
}

// Name is Config.Name.
func (c *Channel) Name() string { return c.name }

// Up is nil while the peer is connected; see courier.Upper. A peer that is gone is noticed within 10 s.
func (c *Channel) Up() (changed <-chan struct{}, down error) { return c.up.Up() }

// Send writes one frame to a stream of its own. A Send that ctx ends in the middle costs that frame only.
func (c *Channel) Send(ctx context.Context, frame []byte) error {
	_, err := c.SendBatch(ctx, [][]byte{frame})
	return err
}

// SendBatch is Send for each of frames in turn; packets carry as many as fit. See courier.Batcher.
func (c *Channel) SendBatch(ctx context.Context, frames [][]byte) (sent int, err error) {
	for _, frame := range frames {
		if err := courier.CheckFrame(frame); err != nil {
			return sent, fmt.Errorf("quic %s: send: %w", c.name, err)
		}
		if err := c.write(ctx, frame); err != nil {
			return sent, fmt.Errorf("quic %s: send: %w", c.name, err)
		}
		sent++
	}
	return sent, nil
}

func (c *Channel) write(ctx context.Context, frame []byte) error {
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
	err := conn.write(ctx, frame)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.drop(conn, err)
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
		return nil, fmt.Errorf("quic %s: receive: %w: %w", c.name, courier.ErrDown, errClosed)
	}
	return nil, fmt.Errorf("quic %s: receive: %w", c.name, context.Cause(ctx))
}

// Close ends the connection, which the peer is told, and makes no other. It waits until nothing of the channel runs.
func (c *Channel) Close() error {
	if c.listener != nil {
		c.listener.forget(c)
	}
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.end()
	c.hangUp()
	c.up.Set(errClosed)
	c.tasks.Wait()
	return nil
}

func (c *Channel) cameFrom(host netip.Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.host = host
}

func (c *Channel) lastHost() netip.Prefix {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.host
}

// hangUp ends the connection, if there is one.
func (c *Channel) hangUp() {
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn != nil {
		c.drop(conn, errClosed)
	}
}

// adopt takes a connection that is ready into use, in place of any other, and reads from it until it is lost.
func (c *Channel) adopt(conn *connection) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		conn.close(errClosed)
		return
	}
	older := c.conn
	c.conn = conn
	c.up.Set(nil)
	c.tasks.Go(func() { c.read(conn) })
	c.mu.Unlock()
	if older != nil {
		older.close(errReplaced)
	}
}

// read passes on what arrives by conn until conn is lost. Each stream is read by itself: a frame with a lost packet
// must not hold up those behind it. The peer's streams bound how many are read at the same time.
func (c *Channel) read(conn *connection) {
	for {
		stream, err := conn.accept()
		if err != nil {
			c.drop(conn, err)
			return
		}
		c.tasks.Go(func() {
			defer stream.ReleaseStreamCredit() // only now may the peer open another in its place
			frame, err := readFrame(stream)
			switch {
			case err == nil:
				c.pass(conn, arrival{frame: frame})
			case isReset(err): // the peer took the frame back
			case errors.Is(err, courier.ErrRefused):
				err = fmt.Errorf("quic %s: from %s: %w", c.name, conn.remote, err)
				c.pass(conn, arrival{err: err})
				c.drop(conn, err)
			default:
				c.drop(conn, err)
			}
		})
	}
}

// pass hands on what arrived. It waits for room only while conn stands: who connects again and again must not leave
// more behind each time.
func (c *Channel) pass(conn *connection, in arrival) {
	select {
	case c.inbox <- in:
		return
	default:
	}
	select {
	case c.inbox <- in:
	case <-conn.gone():
	case <-c.ended.Done():
	}
}

// drop closes conn, which failed for the reason why. The channel is down when it used conn.
func (c *Channel) drop(conn *connection, why error) {
	conn.close(why)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == conn {
		c.conn = nil
		c.up.Set(fmt.Errorf("connection with %s lost: %w", conn.remote, why))
	}
}
