package tcp

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	// stall is how long the rest of a frame may take to go on once it has begun, and how long a write may take: far
	// longer than the kernel needs to notice a dead peer. Between frames a line may be idle for as long as it likes.
	stall = time.Minute

	// readBuffer and keepBuffer are the sizes, in bytes, of what is read at once and of what is kept for the next write.
	readBuffer = 64 << 10
	keepBuffer = 256 << 10
)

// connection is one TLS connection after its handshake. It is closed hard: a frame that was cut short is known by its
// length, and a farewell could block.
type connection struct {
	stream  *tls.Conn
	reader  *bufio.Reader
	paced   *paced
	writing chan struct{} // holds a token while someone writes
	buffer  []byte        // the writer's
	gone    chan struct{} // closed by close
	once    sync.Once
}

func newConnection(stream *tls.Conn) *connection {
	p := &paced{conn: stream}
	return &connection{
		stream:  stream,
		reader:  bufio.NewReaderSize(p, readBuffer),
		paced:   p,
		writing: make(chan struct{}, 1),
		gone:    make(chan struct{}),
	}
}

// Remote is hop.Conn's.
func (c *connection) Remote() net.Addr { return c.stream.RemoteAddr() }

// Gone is hop.Conn's.
func (c *connection) Gone() <-chan struct{} { return c.gone }

// Close is hop.Conn's; TLS could tell the peer why only by waiting.
func (c *connection) Close(error) {
	c.once.Do(func() {
		_ = c.stream.NetConn().Close() // nothing is flushed by it, so nothing is lost when it fails
		close(c.gone)
	})
}

// Serve is hop.Conn's. After a frame that is refused, where the next would begin is unknown.
func (c *connection) Serve(pass func(frame []byte, err error)) {
	for {
		frame, err := c.read()
		pass(frame, err)
		if err != nil {
			return
		}
	}
}

// read returns the next frame.
func (c *connection) read() ([]byte, error) {
	c.paced.amid = false
	if _, err := c.reader.Peek(1); err != nil {
		return nil, err
	}
	c.paced.amid = true
	return readFrame(c.reader)
}

// Write is hop.Conn's: it writes frames in one go. Once it has begun the end of ctx costs the connection.
func (c *connection) Write(ctx context.Context, frames [][]byte) (sent int, err error) {
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	case <-c.gone:
		return 0, net.ErrClosed
	}
	c.buffer = c.buffer[:0]
	for _, frame := range frames {
		c.buffer = appendFrame(c.buffer, frame)
	}
	if cap(c.buffer) > keepBuffer {
		defer func() { c.buffer = nil }()
	}
	if err := c.stream.SetWriteDeadline(time.Now().Add(stall)); err != nil {
		return 0, err
	}
	// Once ctx ends, a write under way is made to fail.
	cut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(cut)
		_ = c.stream.SetWriteDeadline(time.Unix(1, 0)) // fails only when the write fails as well
	})
	_, err = c.stream.Write(c.buffer)
	if !stop() {
		<-cut
	}
	if err != nil {
		return 0, fmt.Errorf("write: %w", err)
	}
	return len(frames), nil
}

// paced reads from a connection: without a deadline between frames, and amid a frame with a fresh one at each read.
type paced struct {
	conn     net.Conn
	amid     bool
	deadline bool // a deadline is set
}

func (p *paced) Read(b []byte) (int, error) {
	if p.amid || p.deadline {
		var t time.Time
		if p.amid {
			t = time.Now().Add(stall)
		}
		if err := p.conn.SetReadDeadline(t); err != nil {
			return 0, err
		}
		p.deadline = p.amid
	}
	return p.conn.Read(b)
}
