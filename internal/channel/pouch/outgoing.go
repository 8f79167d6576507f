package pouch

import (
	"context"
	"fmt"
	"sync"

	"parley/internal/courier"
)

// outgoing is what is known of the out folder.
type outgoing struct {
	mu        sync.Mutex
	waiting   int64 // bytes in the folder, if not fewer by now
	uncounted bool  // waiting is not known
}

// Send writes one frame to a file of its own. It returns when the file is on the disk.
func (c *Channel) Send(ctx context.Context, frame []byte) error {
	_, err := c.SendBatch(ctx, [][]byte{frame})
	return err
}

// SendBatch writes frames to as few files as hold them; see courier.Batcher.
func (c *Channel) SendBatch(ctx context.Context, frames [][]byte) (sent int, err error) {
	for i, frame := range frames {
		if err = courier.CheckFrame(frame); err != nil {
			frames = frames[:i]
			break
		}
	}
	c.outgoing.mu.Lock()
	defer c.outgoing.mu.Unlock()
	for sent < len(frames) {
		n := fits(frames[sent:])
		if err := c.put(ctx, frames[sent:sent+n]); err != nil {
			return sent, fmt.Errorf("pouch %s: send: %w", c.cfg.Name, err)
		}
		sent += n
	}
	if err != nil {
		return sent, fmt.Errorf("pouch %s: send: %w", c.cfg.Name, err)
	}
	return sent, nil
}

// put writes one file, if there is room for it.
func (c *Channel) put(ctx context.Context, frames [][]byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := c.look(); err != nil {
		c.up.Set(err)
		return fmt.Errorf("%w: %w", courier.ErrDown, err)
	}
	file := appendFile(nil, frames)
	err := c.room(int64(len(file)))
	if err == nil {
		err = c.disk.write(c.cfg.Out, fileName(file), file)
		c.outgoing.waiting += int64(len(file))
		c.outgoing.uncounted = err != nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", courier.ErrDown, err)
	}
	return nil
}

// room makes sure that the out folder has room for size bytes more. It counts only when it must, as people empty the
// folder without telling.
func (c *Channel) room(size int64) error {
	o := &c.outgoing
	if o.uncounted || o.waiting+size > c.cfg.MaxBytes {
		waiting, err := c.disk.count(c.cfg.Out)
		if err != nil {
			return err
		}
		o.waiting, o.uncounted = waiting, false
	}
	if o.waiting+size > c.cfg.MaxBytes {
		return fmt.Errorf("%w: %d bytes wait in %s, and %d are allowed", ErrFull, o.waiting, c.cfg.Out, c.cfg.MaxBytes)
	}
	return nil
}
