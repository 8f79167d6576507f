package demo

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"parley/internal/cable"
	"parley/internal/channel/hop"
	"parley/internal/channel/tcp"
	"parley/internal/floor"
)

const (
	// floorRounds is how often the floor is measured, and floorIdle how often
	// before it counts.
	floorRounds, floorIdle = 200, 5
	// floorLimit bounds the whole measurement.
	floorLimit = 30 * time.Second
)

// measureFloor returns the times that the least two programs need so that one
// holds the proof that the other holds body: package floor, over one tcp
// channel like those of the line, one message at a time. Its files go to dir.
func measureFloor(ctx context.Context, dir string, body []byte) (all []time.Duration, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, floorLimit, fmt.Errorf("waited %s for the floor", floorLimit))
	defer cancel()
	route, err := newFloorRoute()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, route.close()) }()
	// The floor does not repeat what a channel refuses.
	for _, end := range []*hop.Channel{route.near, route.far} {
		if err := connected(ctx, end); err != nil {
			return nil, err
		}
	}
	f, err := floor.New(dir, route.near, route.far)
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	defer func() { cancel(); err = errors.Join(err, <-ended) }()
	for range floorIdle + floorRounds {
		begin := time.Now()
		if err := f.Confirm(body); err != nil {
			return nil, err
		}
		all = append(all, time.Since(begin))
	}
	return all[floorIdle:], nil
}

// connected waits until a channel is up.
func connected(ctx context.Context, c *hop.Channel) error {
	for {
		changed, down := c.Up()
		if down == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%w to connect: %w", context.Cause(ctx), down)
		}
	}
}

// floorRoute is a tcp channel through a cable, both ends here.
type floorRoute struct {
	near, far *hop.Channel
	parts     []io.Closer
}

func newFloorRoute() (r *floorRoute, err error) {
	r = &floorRoute{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	nearKey, nearHop, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return r, err
	}
	farKey, farHop, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return r, err
	}
	door, err := tcp.Listen(tcp.ListenConfig{Address: "127.0.0.1:0", Key: farHop})
	if err != nil {
		return r, err
	}
	r.parts = append(r.parts, door)
	way, err := cable.New(door.Addr().String(), 0)
	if err != nil {
		return r, err
	}
	r.parts = append(r.parts, way)
	if r.far, err = tcp.New(tcp.Config{Name: "floor", Peer: nearKey, Listener: door}); err != nil {
		return r, err
	}
	r.parts = append(r.parts, r.far)
	if r.near, err = tcp.New(tcp.Config{Name: "floor", Key: nearHop, Peer: farKey, Dial: []string{way.Address()}}); err != nil {
		return r, err
	}
	r.parts = append(r.parts, r.near)
	return r, nil
}

func (r *floorRoute) close() error {
	var all []error
	for i := len(r.parts) - 1; i >= 0; i-- {
		all = append(all, r.parts[i].Close())
	}
	return errors.Join(all...)
}
