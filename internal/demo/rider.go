package demo

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// riderEvery is how often the rider looks into the pouches.
const riderEvery = 50 * time.Millisecond

// Rider carries pouches by hand: whatever lies in one side's out folder he puts
// into the other side's in folder, and he reads nothing. While he rests, what
// is sent lies where it is.
type Rider struct {
	ways [2]way
	stop chan struct{}
	done chan struct{}

	mu      sync.Mutex // guards what follows
	resting bool
	carried uint64
	failed  error
}

type way struct{ from, to string }

// NewRider starts carrying between the out and in folders of two sides. The
// folders may be missing now.
func NewRider(outA, inB, outB, inA string) *Rider {
	r := &Rider{ways: [2]way{{outA, inB}, {outB, inA}}, stop: make(chan struct{}), done: make(chan struct{})}
	go r.ride()
	return r
}

// Cut makes the rider rest, or ride again.
func (r *Rider) Cut(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resting = cut
}

// IsCut reports whether the rider rests.
func (r *Rider) IsCut() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resting
}

// Carried returns how many files were carried.
func (r *Rider) Carried() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.carried
}

// Close ends the rides and returns what went wrong on them.
func (r *Rider) Close() error {
	close(r.stop)
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *Rider) ride() {
	defer close(r.done)
	tick := time.NewTicker(riderEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
		}
		for _, w := range r.ways {
			r.mu.Lock()
			if !r.resting {
				n, err := w.carry()
				r.carried += n
				if r.failed == nil {
					r.failed = err
				}
			}
			r.mu.Unlock()
		}
	}
}

// carry moves the pouch files of one way. A file appears at the other end whole
// or not at all: both folders are on one disk.
func (w way) carry() (n uint64, err error) {
	names, err := filepath.Glob(filepath.Join(w.from, "*.pouch"))
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		err := os.Rename(name, filepath.Join(w.to, filepath.Base(name)))
		if errors.Is(err, fs.ErrNotExist) {
			return n, nil // one of the folders is not there: it is tried again
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
