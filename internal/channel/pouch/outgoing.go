package pouch

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"parley/internal/courier"
)

// layAgain is when a frame is written once more although it lies in the out folder: that file may be damaged.
const layAgain = 24 * time.Hour

// outgoing is what is known of the out folder.
type outgoing struct {
	mu        sync.Mutex
	waiting   int64               // bytes in the folder, if not fewer by now
	uncounted bool                // waiting is not known
	laid      map[[32]byte]laying // by a frame's SHA-256: where it lies, if it was not carried away
}

// laying is the file that a frame was written to.
type laying struct {
	file string
	at   time.Time
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
		if err := c.put(ctx, c.unlaid(frames[sent:sent+n])); err != nil {
			return sent, fmt.Errorf("pouch %s: send: %w", c.cfg.Name, err)
		}
		sent += n
	}
	if err != nil {
		return sent, fmt.Errorf("pouch %s: send: %w", c.cfg.Name, err)
	}
	return sent, nil
}

// unlaid leaves out the frames that lie in the folder already: the link repeats a frame for as long as it is not
// receipted, and the repeats must not leave a new frame without room.
func (c *Channel) unlaid(frames [][]byte) (fresh [][]byte) {
	lies := make(map[string]bool) // by the name of a file
	for _, frame := range frames {
		key := sha256.Sum256(frame)
		there, ok := c.outgoing.laid[key]
		if ok && time.Since(there.at) < layAgain {
			if _, known := lies[there.file]; !known {
				lies[there.file] = c.disk.file(filepath.Join(c.cfg.Out, there.file))
			}
			if lies[there.file] {
				continue
			}
		}
		delete(c.outgoing.laid, key)
		fresh = append(fresh, frame)
	}
	return fresh
}

// put writes one file, if there is anything to write and room for it.
func (c *Channel) put(ctx context.Context, frames [][]byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := c.look(); err != nil {
		c.up.Set(err)
		return fmt.Errorf("%w: %w", courier.ErrDown, err)
	}
	if len(frames) == 0 {
		return nil
	}
	file := appendFile(nil, frames)
	name := fileName(file)
	err := c.room(int64(len(file)))
	if err == nil {
		err = c.disk.write(c.cfg.Out, name, file)
		c.outgoing.waiting += int64(len(file))
		c.outgoing.uncounted = err != nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", courier.ErrDown, err)
	}
	for _, frame := range frames {
		c.outgoing.laid[sha256.Sum256(frame)] = laying{name, time.Now()}
	}
	return nil
}

// room makes sure that the out folder has room for size bytes more. It counts only when it must, as people empty the
// folder without telling.
func (c *Channel) room(size int64) error {
	o := &c.outgoing
	if o.uncounted || o.waiting+size > c.cfg.MaxBytes {
		waiting, names, err := c.disk.count(c.cfg.Out)
		if err != nil {
			return err
		}
		o.waiting, o.uncounted = waiting, false
		maps.DeleteFunc(o.laid, func(_ [32]byte, there laying) bool { return !names[there.file] })
	}
	if o.waiting+size > c.cfg.MaxBytes {
		return fmt.Errorf("%w: %d bytes wait in %s, and %d are allowed", ErrFull, o.waiting, c.cfg.Out, c.cfg.MaxBytes)
	}
	return nil
}
