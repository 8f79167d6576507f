// Package courier carries frames over every channel of a line at once.
//
// A courier carries what it cannot read: it knows channels and frames, not messages and keys, and imports nothing of
// the treaty. It promises order of urgency and that one channel never holds up another; it does not promise arrival.
// What was lost on the way is repeated by the link, which alone knows what has been receipted. It refuses frames that
// are empty or larger than MaxFrame, and whatever finds a queue full. See internal/channel for the routes it may be
// given, and spec/FRAME.md for what goes over them.
package courier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// Leg is one channel given to a courier.
type Leg struct {
	Channel Channel
	Class   Class
}

// Config is what a courier is made of.
type Config struct {
	// Channels are the routes to the peer. Their names differ. The courier closes those that are an io.Closer.
	Channels []Leg

	// Deliver is called with each frame that arrives: for one channel one after the other, for several at the same time.
	// While it blocks, its channel waits, and no other; Run ends only when it has returned.
	Deliver func(Inbound)

	// Changed, when given, is called with a channel's state when Run starts and when the channel goes up or down or is
	// enabled or disabled; changes that undo each other at once may be passed over. While it blocks, that channel's
	// changes wait. After it was called for a disabled channel, nothing passes over it until it is enabled.
	Changed func(State)

	// QueueFrames and QueueBytes bound what waits for one channel in one urgency. 0 means 512 frames and 1 MiB.
	QueueFrames int
	QueueBytes  int
}

// Courier runs the channels of one line. Its methods may be called from any goroutine.
type Courier struct {
	cfg     Config
	legs    []*leg
	byName  map[string]*leg
	started atomic.Bool
}

// New returns a courier that does nothing until Run.
func New(cfg Config) *Courier {
	if cfg.QueueFrames == 0 {
		cfg.QueueFrames = 512
	}
	if cfg.QueueBytes == 0 {
		cfg.QueueBytes = 1 << 20
	}
	c := &Courier{cfg: cfg, byName: make(map[string]*leg)}
	for _, given := range cfg.Channels {
		l := newLeg(given, cfg)
		c.legs = append(c.legs, l)
		c.byName[given.Channel.Name()] = l
	}
	return c
}

// Run carries frames until ctx ends, then closes the channels and returns what that said. It runs once; an error
// before ctx ends means that it never ran: the configuration is at fault.
func (c *Courier) Run(ctx context.Context) error {
	if c.started.Swap(true) {
		return errors.New("courier: run: a courier runs once; make a new one")
	}
	if len(c.byName) < len(c.legs) {
		return errors.New("courier: run: two channels have the same name; name each differently")
	}
	if c.cfg.Deliver == nil {
		return errors.New("courier: run: Config.Deliver is missing")
	}
	if c.cfg.QueueFrames < 1 || c.cfg.QueueBytes < MaxFrame {
		return fmt.Errorf("courier: run: a queue of %d frames and %d bytes cannot hold one frame", c.cfg.QueueFrames, c.cfg.QueueBytes)
	}
	var (
		wg     sync.WaitGroup
		errs   = make([]error, len(c.legs))
		closed = func(l *leg) error {
			if closer, ok := l.channel.(io.Closer); ok {
				return closer.Close()
			}
			return nil
		}
	)
	for i, l := range c.legs {
		wg.Go(func() {
			l.run(ctx)
			errs[i] = closed(l)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Send queues frame for the named channel and reports whether it did; it never blocks. It does not when the channel is
// unknown, down or disabled, when the queue of this urgency is full, and when urgency or frame is out of range (which
// States then tells). Urgency is 0, the most urgent, to 3: a frame waits for all that are more urgent, for those of its
// own urgency that came before it, and for what is already under way: on a fast channel 8 KiB or one frame. What is
// queued stays queued while the channel is down or disabled. The frame must not be altered afterwards.
func (c *Courier) Send(channel string, urgency int, frame []byte) (queued bool) {
	l, ok := c.byName[channel]
	return ok && l.push(urgency, frame)
}

// States returns the state of every channel, in the order of Config.Channels.
func (c *Courier) States() []State {
	states := make([]State, len(c.legs))
	for i, l := range c.legs {
		states[i] = l.snapshot()
	}
	return states
}

// Disable stops the use of a channel, for a drill or because it is suspect: it neither sends nor receives until
// Enable. A frame already in hand may still pass, until Config.Changed tells.
func (c *Courier) Disable(channel string) error { return c.enable(channel, errDisabled) }

// Enable undoes Disable.
func (c *Courier) Enable(channel string) error { return c.enable(channel, nil) }

// ErrNoChannel is wrapped when a channel is named that the courier does not have.
var ErrNoChannel = errors.New("no such channel")

var errDisabled = errors.New("disabled")

func (c *Courier) enable(channel string, off error) error {
	l, ok := c.byName[channel]
	if !ok {
		return fmt.Errorf("channel %q: %w", channel, ErrNoChannel)
	}
	l.gate.Set(off)
	return nil
}
