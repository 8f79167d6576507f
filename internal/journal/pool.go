package journal

import (
	"errors"
	"fmt"
)

// pool lends reading connections, each to one reader at a time.
type pool struct {
	free   chan *conn
	made   int
	closed chan struct{}
}

func newPool(path string, n int) (*pool, error) {
	p := &pool{free: make(chan *conn, n), closed: make(chan struct{})}
	for range n {
		c, err := dial(path, false)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.free <- c
		p.made++
	}
	return p, nil
}

// get waits for a free connection. The caller gives it back with put.
func (p *pool) get() (*conn, error) {
	select {
	case <-p.closed:
		return nil, ErrClosed
	default:
	}
	select {
	case c := <-p.free:
		return c, nil
	case <-p.closed:
		return nil, ErrClosed
	}
}

func (p *pool) put(c *conn) { p.free <- c }

// close waits for the readers under way, and closes every connection.
func (p *pool) close() error {
	close(p.closed)
	var errs []error
	for range p.made {
		errs = append(errs, (<-p.free).close())
	}
	return errors.Join(errs...)
}

// snapshot runs fn on one state of the journal: what commits meanwhile is not seen.
func (p *pool) snapshot(fn func(*View) error) (err error) {
	c, err := p.get()
	if err != nil {
		return fmt.Errorf("journal: read: %w", err)
	}
	defer p.put(c)
	if err := c.run(`BEGIN`); err != nil {
		return fmt.Errorf("journal: read: %w", err)
	}
	// The transaction is ended also when fn panics, so that the connection
	// goes back to the pool without it.
	v := &View{c: c}
	defer func() {
		v.c = nil
		err = errors.Join(err, c.run(`ROLLBACK`))
	}()
	return fn(v)
}
