// Package pouch is a channel of files carried by hand: frames leave in one folder and arrive in another.
//
// The folders lie on a stick, or wherever people or programs carry files from. The pouch never makes the two folders:
// a missing one means that the stick is out, and the channel is down until it is back. So they are to be folders on
// the stick, not the place where it is mounted. Whatever is in a file that is no pouch file is refused and put aside;
// files with other names are left alone. A file that arrived is deleted when all its frames are settled. Its format is
// spec/FRAME.md §4.
package pouch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/internal/courier"
)

// ErrFull is wrapped when the out folder holds as much as it may.
var ErrFull = errors.New("the out folder is full: carry or delete what is in it")

var errClosed = errors.New("closed")

// Config says where the folders are.
type Config struct {
	Name string // Name is the channel's name for people.
	Out  string // Out is the folder that we write to.
	In   string // In is the folder that the peer's files are put into.

	Poll     time.Duration // Poll is how often the folders are looked at; 0 means 500 ms.
	MaxBytes int64         // MaxBytes bounds what waits in Out, in bytes; 0 means 64 MiB.
}

// Channel is a courier.Channel, courier.Upper, courier.Batcher, courier.Settler and io.Closer. It is up while both
// folders are there and can be looked into. A Receive that waits finds out that they are back.
type Channel struct {
	cfg   Config
	disk  disk
	up    courier.Condition
	ended context.Context // ends with Close
	end   context.CancelFunc

	outgoing outgoing
	incoming incoming
}

// New returns a channel over two folders that differ. They may be missing now.
func New(cfg Config) (*Channel, error) {
	if cfg.Out == "" || cfg.In == "" || cfg.Out == cfg.In {
		return nil, fmt.Errorf("pouch %s: give two folders that differ: out is %q, in is %q", cfg.Name, cfg.Out, cfg.In)
	}
	if cfg.Poll <= 0 {
		cfg.Poll = 500 * time.Millisecond
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 64 << 20
	}
	c := &Channel{cfg: cfg}
	c.outgoing.uncounted = true
	c.incoming.seen = make(map[string]*carrier)
	c.ended, c.end = context.WithCancel(context.Background())
	c.up.Set(c.look())
	return c, nil
}

// Name is Config.Name.
func (c *Channel) Name() string { return c.cfg.Name }

// Up is nil while both folders are there; see courier.Upper.
func (c *Channel) Up() (changed <-chan struct{}, down error) { return c.up.Up() }

// Close ends the calls that wait. Frames already received can still be settled.
func (c *Channel) Close() error {
	c.end()
	c.incoming.mu.Lock() // a look that began before the end is over
	defer c.incoming.mu.Unlock()
	c.up.Set(errClosed)
	return nil
}

// look returns nil when both folders are there and else why the channel is down.
func (c *Channel) look() error {
	if c.ended.Err() != nil {
		return errClosed
	}
	if err := c.disk.folder(c.cfg.Out); err != nil {
		return err
	}
	return c.disk.folder(c.cfg.In)
}
