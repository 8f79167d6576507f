package pouch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"parley/internal/courier"
)

const (
	// patience is how long a file that is no pouch file must stay as it is before it is refused: it may be one that
	// someone is still copying.
	patience = 30 * time.Second

	// repeat is when a file is tried again whose frames were not settled, or that could not be read or deleted.
	repeat = time.Minute

	// round is how many files are looked at between two looks at the folder.
	round = 1024

	// refusedFolder is where in the in folder refused files go.
	refusedFolder = "refused"
)

// incoming is what is known of the in folder.
type incoming struct {
	mu    sync.Mutex
	seen  map[string]*carrier // by name: the files in the folder
	names []string            // those to be looked at next
	hand  *handful            // the file in hand
}

// carrier is one file as it is. A file that changes becomes another carrier.
type carrier struct {
	name      string
	size      int64
	changed   time.Time
	notBefore time.Time // when to look at it again
	bad       bool      // it was found to be no pouch file once
	refused   bool      // it is left where it is, for good
	settled   bool      // it is to be deleted
}

// handful is the frames of one file.
type handful struct {
	carrier   *carrier
	frames    [][]byte // not yet received
	unsettled int
}

// Receive is ReceiveUnsettled for those who hold the frame as soon as they have it.
func (c *Channel) Receive(ctx context.Context) ([]byte, error) {
	frame, settle, err := c.ReceiveUnsettled(ctx)
	if err == nil {
		settle()
	}
	return frame, err
}

// ReceiveUnsettled waits for the next frame; see courier.Settler. The file is deleted when all its frames are settled;
// frames that are not settled come again after a minute.
func (c *Channel) ReceiveUnsettled(ctx context.Context) (frame []byte, settle func(), err error) {
	for {
		if c.ended.Err() != nil {
			return nil, nil, fmt.Errorf("pouch %s: receive: %w: %w", c.cfg.Name, courier.ErrDown, errClosed)
		}
		if ctx.Err() != nil {
			return nil, nil, fmt.Errorf("pouch %s: receive: %w", c.cfg.Name, context.Cause(ctx))
		}
		frame, settle, err = c.next(time.Now())
		if err != nil {
			return nil, nil, fmt.Errorf("pouch %s: receive: %w", c.cfg.Name, err)
		}
		if frame != nil {
			return frame, settle, nil
		}
		timer := time.NewTimer(c.cfg.Poll)
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-c.ended.Done():
		}
		timer.Stop()
	}
}

// next returns the next frame, or none when there is none now. Its error tells of a file that was refused.
func (c *Channel) next(now time.Time) (frame []byte, settle func(), err error) {
	in := &c.incoming
	in.mu.Lock()
	defer in.mu.Unlock()
	for listed := false; in.hand == nil; {
		if len(in.names) == 0 {
			if listed {
				return nil, nil, nil
			}
			down := c.look()
			if down == nil {
				down = c.list(now)
			}
			c.up.Set(down)
			listed = true
			continue
		}
		name := in.names[0]
		in.names = in.names[1:]
		if carrier := in.seen[name]; carrier != nil {
			if err := c.open(carrier, now); err != nil {
				return nil, nil, err
			}
		}
	}
	hand := in.hand
	frame, hand.frames = hand.frames[0], hand.frames[1:]
	hand.carrier.notBefore = now.Add(repeat)
	if len(hand.frames) == 0 {
		in.hand = nil
	}
	return frame, sync.OnceFunc(func() { c.settle(hand) }), nil
}

// list finds the files to look at.
func (c *Channel) list(now time.Time) error {
	in := &c.incoming
	if err := c.disk.fails("list", c.cfg.In); err != nil {
		return err
	}
	folder, err := os.Open(c.cfg.In)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }() // it was only read
	present := make(map[string]bool)
	for len(in.names) < round {
		entries, err := folder.ReadDir(round)
		for _, entry := range entries {
			name := entry.Name()
			if !named(name) || !entry.Type().IsRegular() {
				continue
			}
			info, err := entry.Info()
			if err != nil {
				continue // it has just gone
			}
			present[name] = true
			file := in.seen[name]
			if file == nil || !file.is(info) {
				file = &carrier{name: name, size: info.Size(), changed: info.ModTime()}
				in.seen[name] = file
			}
			if !file.refused && !now.Before(file.notBefore) {
				in.names = append(in.names, name)
			}
		}
		if err == io.EOF {
			for name := range in.seen {
				if !present[name] {
					delete(in.seen, name)
				}
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// is reports whether info is of this very file, unchanged.
func (f *carrier) is(info os.FileInfo) bool {
	return info.Size() == f.size && info.ModTime().Equal(f.changed)
}

// open takes a file in hand, refuses it, or leaves it for later.
func (c *Channel) open(file *carrier, now time.Time) error {
	if file.settled {
		return c.remove(file, now)
	}
	content, info, err := c.disk.read(filepath.Join(c.cfg.In, file.name))
	if errors.Is(err, os.ErrNotExist) {
		return nil // it has just gone
	}
	if err != nil {
		file.notBefore = now.Add(repeat)
		return fmt.Errorf("%w: %w; it stays and is tried again in %v", courier.ErrRefused, err, repeat)
	}
	if !file.is(info) {
		return nil // it is being written; list finds it again
	}
	frames, err := parseFile(content)
	switch {
	case err == nil:
		c.incoming.hand = &handful{carrier: file, frames: frames, unsettled: len(frames)}
		return nil
	case !file.bad:
		file.bad, file.notBefore = true, now.Add(patience)
		return nil
	}
	return c.refuse(file, err)
}

// refuse puts a file aside.
func (c *Channel) refuse(file *carrier, why error) error {
	file.refused = true
	err := c.disk.aside(c.cfg.In, file.name)
	if err != nil {
		return fmt.Errorf("%w: file %s: %w; it stays where it is: %w", courier.ErrRefused, file.name, why, err)
	}
	return fmt.Errorf("%w: file %s: %w; it now lies in %s", courier.ErrRefused, file.name, why, filepath.Join(c.cfg.In, refusedFolder))
}

// settle is called once for each frame of hand.
func (c *Channel) settle(hand *handful) {
	c.incoming.mu.Lock()
	defer c.incoming.mu.Unlock()
	if hand.unsettled--; hand.unsettled > 0 {
		return
	}
	hand.carrier.settled = true
	_ = c.remove(hand.carrier, time.Now()) // when it fails, it is tried again, and Receive tells
}

// remove deletes a settled file, unless another has taken its name. One that cannot be deleted is not read again.
func (c *Channel) remove(file *carrier, now time.Time) error {
	path := filepath.Join(c.cfg.In, file.name)
	info, err := os.Lstat(path)
	if c.incoming.seen[file.name] != file || err == nil && !file.is(info) {
		return nil
	}
	if err == nil {
		err = c.disk.remove(path)
	}
	if err == nil {
		delete(c.incoming.seen, file.name)
		return nil
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil // carried away; if it comes back it is known
	}
	file.notBefore = now.Add(repeat)
	return fmt.Errorf("%w: %w; all its frames are held, delete it by hand", courier.ErrRefused, err)
}
