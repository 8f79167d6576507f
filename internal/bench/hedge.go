package bench

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"parley"
)

// hedge measures what hedging costs Routine on a healthy line: the bytes, both
// ways and on all channels, of n messages on a line of two channels, 25 ms each
// way, against those of the same messages, in turns, on a line of one, which
// has nothing to hedge with.
func hedge(b *Bench, n int) error {
	return b.inFolder(func(dir string) error {
		two, err := newWideIn(dir, "two", 2)
		if err != nil {
			return err
		}
		one, err := newWideIn(dir, "one", 1)
		if err != nil {
			return errors.Join(err, two.close())
		}
		return errors.Join(b.hedged([2]*wide{two, one}, n), two.close(), one.close())
	})
}

// newWideIn is newWide in a folder of its own, 25 ms each way.
func newWideIn(dir, name string, channels int) (*wide, error) {
	folder := filepath.Join(dir, name)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	return newWide(folder, channels, 25*time.Millisecond)
}

func (b *Bench) hedged(both [2]*wide, n int) error {
	// Each line measures its channels before anything counts: until then a line
	// hedges by a guess.
	if _, err := turns(both, max(n/10, 20)); err != nil {
		return err
	}
	bytes, err := turns(both, n)
	if err != nil {
		return err
	}
	b.set("hedge_bytes_per_message", bytes[0]/float64(n))
	b.set("hedge_overhead_ratio", bytes[0]/bytes[1]-1)
	return nil
}

// turns confirms n messages on each line in turn, and returns the bytes that
// each line sent meanwhile.
func turns(both [2]*wide, n int) (bytes [2]float64, err error) {
	var before [2]uint64
	for i, w := range both {
		if before[i], err = w.bytes(); err != nil {
			return bytes, err
		}
	}
	for range n {
		for _, w := range both {
			if err := w.pair.north.confirm(parley.Routine, body); err != nil {
				return bytes, err
			}
		}
	}
	// What the next channel carries late belongs to the last messages.
	time.Sleep(time.Second)
	for i, w := range both {
		after, err := w.bytes()
		if err != nil {
			return bytes, err
		}
		bytes[i] = float64(after - before[i])
	}
	return bytes, nil
}

// bytes returns what both sides have sent.
func (w *wide) bytes() (uint64, error) {
	north, south, err := traffic(w.pair)
	return north + south, err
}
