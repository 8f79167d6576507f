package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"parley"
	"parley/internal/floor"
)

// body is the text of every measured message: 300 bytes.
var body = strings.Repeat("The patrol returns at 14:00. ", 11)[:300]

// race is Parley and the floor side by side over routes of the same kind.
type race struct {
	pair  *pair
	floor *floor.Floor
	stops []func() error
}

func newRace(dir string, delay time.Duration) (r *race, err error) {
	r = &race{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.stop())
		}
	}()
	north, south, err := identities()
	if err != nil {
		return r, err
	}
	line, err := newRoute("line", north, south, delay)
	if err != nil {
		return r, err
	}
	r.stops = append(r.stops, line.close)
	var stop func() error
	if r.pair, stop, err = start(north, south, line.ends(dir, false)); err != nil {
		return r, err
	}
	r.stops = append(r.stops, stop)

	bare, err := newRoute("floor", north, south, delay)
	if err != nil {
		return r, err
	}
	r.stops = append(r.stops, bare.close)
	if r.floor, err = floor.New(dir, bare.dialer, bare.listener); err != nil {
		return r, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.floor.Run(ctx) }()
	r.stops = append(r.stops, func() error { cancel(); return <-ended })
	// Both are connected, and Parley's epoch is open, before anything counts.
	for range 5 {
		if err := r.pair.north.confirm(parley.Routine, body); err != nil {
			return r, err
		}
		if err := r.floorConfirm(); err != nil {
			return r, err
		}
	}
	return r, nil
}

// floorConfirm tries until the floor's channel, which does not repeat, is up.
func (r *race) floorConfirm() error { return r.floor.Confirm([]byte(body)) }

func (r *race) stop() error {
	var errs []error
	for i := len(r.stops) - 1; i >= 0; i-- {
		errs = append(errs, r.stops[i]())
	}
	return errors.Join(errs...)
}

// confirmTimes measures n confirmations of each, taken in turn so that both
// see the same machine.
func (r *race) confirmTimes(n int) (ours, bare []time.Duration, err error) {
	for range n {
		begun := time.Now()
		if err := r.pair.north.confirm(parley.Routine, body); err != nil {
			return nil, nil, err
		}
		ours = append(ours, time.Since(begun))
		begun = time.Now()
		if err := r.floorConfirm(); err != nil {
			return nil, nil, err
		}
		bare = append(bare, time.Since(begun))
	}
	return ours, bare, nil
}

// confirm measures the time from release to durable proof at a distance.
func confirm(b *Bench, delay time.Duration, n int, suffix string) error {
	return b.inFolder(func(dir string) error {
		r, err := newRace(dir, delay)
		if err != nil {
			return err
		}
		ours, bare, err := r.confirmTimes(n)
		if err := errors.Join(err, r.stop()); err != nil {
			return err
		}
		for _, q := range []struct {
			name string
			at   float64
		}{{"p50", 0.50}, {"p99", 0.99}} {
			b.set("confirm_ms_"+q.name+"_"+suffix, ms(quantile(ours, q.at)))
			b.set("floor_ms_"+q.name+"_"+suffix, ms(quantile(bare, q.at)))
			b.set("confirm_ratio_"+q.name+"_"+suffix, float64(quantile(ours, q.at))/float64(quantile(bare, q.at)))
		}
		return nil
	})
}

// throughput measures how many messages a second are confirmed with a window
// of as many on their way, in turns of each, and keeps the better turn of both.
func throughput(b *Bench, window, n int) error {
	return b.inFolder(func(dir string) error {
		r, err := newRace(dir, 0)
		if err != nil {
			return err
		}
		var ours, bare float64
		for range 3 {
			o, oerr := rate(window, n, func() error { return r.pair.north.confirm(parley.Routine, body) })
			f, ferr := rate(window, n, r.floorConfirm)
			if err = errors.Join(oerr, ferr); err != nil {
				break
			}
			ours, bare = max(ours, o), max(bare, f)
		}
		if err := errors.Join(err, r.stop()); err != nil {
			return err
		}
		b.set("throughput_per_s", ours)
		b.set("floor_throughput_per_s", bare)
		b.set("throughput_ratio", ours/bare)
		return nil
	})
}

// rate runs f n times, window at a time, and returns how many a second.
func rate(window, n int, f func() error) (float64, error) {
	work := make(chan struct{})
	errs := make(chan error, window)
	var wg sync.WaitGroup
	begun := time.Now()
	for range window {
		wg.Go(func() {
			for range work {
				if err := f(); err != nil {
					errs <- err
					for range work {
					}
				}
			}
		})
	}
	for range n {
		work <- struct{}{}
	}
	close(work)
	wg.Wait()
	took := time.Since(begun)
	select {
	case err := <-errs:
		return 0, err
	default:
		return float64(n) / took.Seconds(), nil
	}
}

func (b *Bench) inFolder(f func(dir string) error) error {
	dir, err := os.MkdirTemp(b.Dir, "parley-bench-")
	if err != nil {
		return err
	}
	if err := f(dir); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clean up: %w", err)
	}
	return nil
}
