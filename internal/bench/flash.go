package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"parley"
)

// flash measures a Flash on an idle line, and behind a queue of Routine that
// is being worked off.
func flash(b *Bench, queue, n int) error {
	return b.inFolder(func(dir string) error {
		north, south, err := identities()
		if err != nil {
			return err
		}
		// The distance of a real line: on a loopback the queue would be gone
		// before the first Flash.
		r, err := newRoute("line", north, south, 25*time.Millisecond)
		if err != nil {
			return err
		}
		p, stop, err := start(north, south, r.ends(dir, false))
		if err != nil {
			return errors.Join(err, r.close())
		}
		measure := func() error {
			// The first Flash after a start, and after a cut, waits for what a start
			// and a cut take; recovery_s tells of that.
			if _, err := flashes(p, 1); err != nil {
				return err
			}
			idle, err := flashes(p, n)
			if err != nil {
				return err
			}
			r.cable.Cut(true)
			if err := p.north.fill(queue); err != nil {
				return err
			}
			r.cable.Cut(false)
			if _, err := flashes(p, 1); err != nil {
				return err
			}
			behind, err := flashes(p, n)
			if err != nil {
				return err
			}
			left, err := p.left()
			switch {
			case err != nil:
				return err
			case left <= uint64(n)+1:
				return errors.New("the Routine was gone before the last Flash: queue more of it")
			}
			b.set("flash_idle_ms_p99", ms(quantile(idle, 0.99)))
			b.set("flash_behind_routine_ms_p99", ms(quantile(behind, 0.99)))
			b.set("flash_behind_routine_p99_ratio", float64(quantile(behind, 0.99))/float64(quantile(idle, 0.99)))
			b.set("flash_routine_left", float64(left))
			return nil
		}
		return errors.Join(measure(), stop(), r.close())
	})
}

func flashes(p *pair, n int) (times []time.Duration, err error) {
	for range n {
		begun := time.Now()
		if err := p.north.confirm(parley.Flash, body); err != nil {
			return nil, err
		}
		times = append(times, time.Since(begun))
	}
	return times, nil
}

// left is how many of north's entries south does not hold without a gap.
func (p *pair) left() (uint64, error) {
	north, err := p.north.line.Status(context.Background())
	if err != nil {
		return 0, err
	}
	south, err := p.south.line.Status(context.Background())
	return north.Ours.Size - min(north.Ours.Size, south.Theirs.Size), err
}

// fill releases n Routine messages without waiting for their proofs.
func (s *side) fill(n int) error {
	errs := make(chan error, 64)
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range work {
				if _, err := s.send(parley.Routine, body); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}
