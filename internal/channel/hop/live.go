package hop

import (
	"errors"
	"fmt"
	"net/netip"

	"parley/internal/courier"
)

// Conn is the connection in use, or nil when there is none.
func (c *Channel) Conn() Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

// admit takes a connection that came to the door, and serves it.
func (c *Channel) admit(conn Conn) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return errNoChannel
	}
	c.host = Host(conn.Remote())
	older := c.take(conn)
	c.tasks.Go(func() { c.serve(conn) })
	c.mu.Unlock()
	replace(older)
	return nil
}

// use takes a connection that was dialled, and serves it until it is gone.
func (c *Channel) use(conn Conn) {
	c.mu.Lock()
	closed := c.closed
	var older Conn
	if !closed {
		older = c.take(conn)
	}
	c.mu.Unlock()
	replace(older)
	if closed {
		conn.Close(ErrClosed)
	}
	c.serve(conn)
}

// take puts conn in the place of the connection that it returns, which may be nil. The caller holds mu.
func (c *Channel) take(conn Conn) (older Conn) {
	older, c.conn = c.conn, conn
	c.up.Set(nil)
	return older
}

func replace(older Conn) {
	if older != nil {
		older.Close(errReplaced)
	}
}

// serve passes on what arrives by conn until conn is gone.
func (c *Channel) serve(conn Conn) {
	conn.Serve(func(frame []byte, err error) {
		if err == nil {
			c.pass(conn, arrival{frame: frame})
			return
		}
		if errors.Is(err, courier.ErrRefused) {
			c.pass(conn, arrival{err: fmt.Errorf("%s %s: from %s: %w", c.kind, c.name, conn.Remote(), err)})
		}
		c.drop(conn, err)
	})
}

// pass hands on what arrived. It waits for room only while conn stands: who connects again and again must not leave
// more behind each time.
func (c *Channel) pass(conn Conn, in arrival) {
	select {
	case c.inbox <- in:
		return
	default:
	}
	select {
	case c.inbox <- in:
	case <-conn.Gone():
	case <-c.ended.Done():
	}
}

// drop closes conn, which failed for the reason why. The channel is down when it used conn.
func (c *Channel) drop(conn Conn, why error) {
	conn.Close(why)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == conn {
		c.conn = nil
		c.up.Set(fmt.Errorf("connection with %s lost: %w", conn.Remote(), why))
	}
}

// hangUp ends the connection, if there is one.
func (c *Channel) hangUp() {
	if conn := c.Conn(); conn != nil {
		c.drop(conn, ErrClosed)
	}
}

func (c *Channel) lastHost() netip.Prefix {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.host
}
