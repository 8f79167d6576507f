package bench

import (
	"errors"
	"fmt"
	"time"

	"parley"
)

// recovery cuts the only channel, releases 20 messages meanwhile, mends it and
// measures the time to the first confirmation and to the last.
func recovery(b *Bench, cut time.Duration) error {
	return b.inFolder(func(dir string) error {
		north, south, err := identities()
		if err != nil {
			return err
		}
		r, err := newRoute("line", north, south, 0)
		if err != nil {
			return err
		}
		p, stop, err := start(north, south, r.ends(dir, false))
		if err != nil {
			return errors.Join(err, r.close())
		}
		measure := func() error {
			if err := p.north.confirm(parley.Routine, body); err != nil {
				return err
			}
			r.cable.Cut(true)
			begun := time.Now()
			var first, last uint64
			for i := range 20 {
				n, err := p.north.send(parley.Routine, fmt.Sprintf("%d %s", i, body[:290]))
				if err != nil {
					return err
				}
				if i == 0 {
					first = n
				}
				last = n
			}
			time.Sleep(cut - time.Since(begun))
			r.cable.Cut(false)
			mended := time.Now()
			if err := p.north.await(first); err != nil {
				return err
			}
			b.set("recovery_s", time.Since(mended).Seconds())
			if err := p.north.await(last); err != nil {
				return err
			}
			b.set("recovery_all_s", time.Since(mended).Seconds())
			return nil
		}
		return errors.Join(measure(), stop(), r.close())
	})
}
