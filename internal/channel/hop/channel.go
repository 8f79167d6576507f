package hop

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"parley/internal/courier"
)

// InboxFrames is how many received frames wait for Receive before the peer is made to wait.
const InboxFrames = 32

var (
	// ErrClosed is why a connection of a closed channel ends.
	ErrClosed = errors.New("closed")

	errReplaced = errors.New("a newer connection of the same peer took its place")
	errNoPeer   = errors.New("the peer has not connected")
	errDialing  = errors.New("not connected yet")
	errKeyEnded = errors.New("a hop key of the peer has ended")
)

// Config says what a channel connects. Either Door or Addresses are given.
type Config struct {
	Kind string            // Kind is the kind of channel in one word, for errors.
	Name string            // Name is the channel's name for people.
	Peer ed25519.PublicKey // Peer is the peer's hop key.

	Door *Door // Door is where the peer connects to.

	Addresses []string      // Addresses are where the peer listens, tried in turn, again and again.
	Key       crypto.Signer // Key is our Ed25519 hop key; a Door has its own.
	Protocol  string        // Protocol is the name that both sides must agree on (ALPN).
	// Dial makes one connection to an address, ready for frames. It takes no longer than a peer may need to answer.
	Dial func(ctx context.Context, address string, config *tls.Config) (Conn, error)
}

// Channel is a courier.Channel, courier.Upper, courier.Batcher and io.Closer over one connection at a time. It is up
// while it is connected, and a newer connection of the same peer takes the place of the older.
type Channel struct {
	kind  string
	name  string
	door  *Door
	shown Shown // what it shows where it dials
	up    courier.Condition
	inbox chan arrival
	ended context.Context // ends with Close
	end   context.CancelFunc
	tasks sync.WaitGroup

	mu     sync.Mutex
	peers  []ed25519.PublicKey // the peer's hop key, and those that came in its place
	conn   Conn                // in use; nil when not connected
	host   netip.Prefix        // where the peer last came from, to a door
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

// New returns a channel that connects by itself until it is closed. A Door has one channel for each peer's key.
func New(cfg Config) (*Channel, error) {
	c := &Channel{kind: cfg.Kind, name: cfg.Name, door: cfg.Door, inbox: make(chan arrival, InboxFrames)}
	c.ended, c.end = context.WithCancel(context.Background())
	if err := c.begin(cfg); err != nil {
		c.end()
		return nil, fmt.Errorf("%s %s: %w", cfg.Kind, cfg.Name, err)
	}
	return c, nil
}

func (c *Channel) begin(cfg Config) error {
	if len(cfg.Peer) != ed25519.PublicKeySize {
		return fmt.Errorf("the peer's hop key is of %d bytes; want %d", len(cfg.Peer), ed25519.PublicKeySize)
	}
	if (cfg.Door == nil) == (len(cfg.Addresses) == 0) {
		return errors.New("give a listener or addresses to dial, and not both")
	}
	c.peers = []ed25519.PublicKey{cfg.Peer}
	if cfg.Door != nil {
		c.up.Set(errNoPeer)
		return cfg.Door.register(c, c.peers)
	}
	if err := c.shown.Show(cfg.Key); err != nil {
		return err
	}
	c.up.Set(errDialing)
	d := &dialer{channel: c, addresses: cfg.Addresses, config: c.shown.client(cfg.Protocol, c.trusts), dial: cfg.Dial}
	c.tasks.Go(d.run)
	return nil
}

// Show makes a channel that dials show other hop keys of ours from its next connection on; one of a Door shows those of
// its listener.
func (c *Channel) Show(keys ...crypto.Signer) error {
	if err := c.shown.Show(keys...); err != nil {
		return fmt.Errorf("%s %s: %w", c.kind, c.name, err)
	}
	return nil
}

// Trust takes these for the peer's hop keys, and no others. If one that was taken before is not among them, the
// connection ends, and the peer has to prove one of these.
func (c *Channel) Trust(peers ...ed25519.PublicKey) error {
	if len(peers) == 0 {
		return fmt.Errorf("%s %s: a peer without a hop key", c.kind, c.name)
	}
	if c.door != nil {
		if err := c.door.register(c, peers); err != nil {
			return fmt.Errorf("%s %s: %w", c.kind, c.name, err)
		}
	}
	c.mu.Lock()
	fewer := slices.ContainsFunc(c.peers, func(was ed25519.PublicKey) bool {
		return !slices.ContainsFunc(peers, func(is ed25519.PublicKey) bool { return is.Equal(was) })
	})
	c.peers = slices.Clone(peers)
	c.mu.Unlock()
	if conn := c.Conn(); fewer && conn != nil {
		c.drop(conn, errKeyEnded)
	}
	return nil
}

// trusts reports whether a key is the peer's.
func (c *Channel) trusts(key ed25519.PublicKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.peers, func(peer ed25519.PublicKey) bool { return peer.Equal(key) })
}

// Name is Config.Name.
func (c *Channel) Name() string { return c.name }

// Up is nil while the peer is connected; see courier.Upper.
func (c *Channel) Up() (changed <-chan struct{}, down error) { return c.up.Up() }

// Send writes one frame to the connection; see Conn for what it costs when ctx ends meanwhile.
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
		sent, err = c.write(ctx, frames)
	}
	if err == nil {
		err = bad
	}
	if err != nil {
		return sent, fmt.Errorf("%s %s: send: %w", c.kind, c.name, err)
	}
	return sent, nil
}

func (c *Channel) write(ctx context.Context, frames [][]byte) (sent int, err error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	conn := c.Conn()
	if conn == nil {
		_, down := c.up.Up()
		return 0, fmt.Errorf("%w: %w", courier.ErrDown, down)
	}
	sent, err = conn.Write(ctx, frames)
	if err == nil {
		return sent, nil
	}
	cause := context.Cause(ctx)
	if cause == nil || !errors.Is(err, cause) {
		c.drop(conn, err)
	}
	if cause != nil {
		return sent, cause
	}
	return sent, fmt.Errorf("%w: %w", courier.ErrDown, err)
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
		return nil, fmt.Errorf("%s %s: receive: %w: %w", c.kind, c.name, courier.ErrDown, ErrClosed)
	}
	return nil, fmt.Errorf("%s %s: receive: %w", c.kind, c.name, context.Cause(ctx))
}

// Close ends the connection and makes no other. It waits until nothing of the channel runs.
func (c *Channel) Close() error {
	if c.door != nil {
		c.door.forget(c)
	}
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.end()
	c.hangUp()
	c.up.Set(ErrClosed)
	c.tasks.Wait()
	return nil
}
