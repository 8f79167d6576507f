package cable

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// rideEvery is how often the rider looks into the pouches.
const rideEvery = 50 * time.Millisecond

// Rider is a route carried by hand: he puts whatever lies in one side's out folder
// into the other side's in folder, and understands none of it. In bad weather he
// takes his time, loses sticks and brings what was on them twice, or altered. While
// he rests, what is sent lies where it is. His methods may be called from any
// goroutine.
type Rider struct {
	stop chan struct{}
	done chan struct{}

	mu      sync.Mutex // guards what follows
	draws   *rand.Rand
	resting bool
	ways    [2]ride
	failed  error
}

// ride is one way of a rider.
type ride struct {
	from, to string
	weather  Weather
	cut      bool
	bag      []stick
}

// stick is one pouch file on its way.
type stick struct {
	name string
	file []byte
	due  time.Time
}

// NewRider starts carrying between the pouches of two sides, folders that have an
// out and an in folder each; they may be missing now. Out is the way from a to b.
// What the weather does is drawn from seed.
func NewRider(a, b string, seed uint64) *Rider {
	in, out := func(side string) string { return filepath.Join(side, "in") }, func(side string) string { return filepath.Join(side, "out") }
	r := &Rider{
		stop: make(chan struct{}), done: make(chan struct{}), draws: rand.New(rand.NewPCG(seed, 0)),
		ways: [2]ride{Out: {from: out(a), to: in(b)}, Back: {from: out(b), to: in(a)}},
	}
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

// CutWay makes the rider leave what is sent one way where it is, or take it again.
func (r *Rider) CutWay(w Way, cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ways[w].cut = cut
}

// SetWeather changes the weather of one way, for what is taken from now on.
func (r *Rider) SetWeather(w Way, to Weather) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ways[w].weather = to
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
	tick := time.NewTicker(rideEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
		}
		r.mu.Lock()
		for i := range r.ways {
			if w := &r.ways[i]; !r.resting && !w.cut {
				if err := errors.Join(w.take(r.draws), w.bring()); r.failed == nil {
					r.failed = err
				}
			}
		}
		r.mu.Unlock()
	}
}

// take takes what lies in the out folder, and loses some of it.
func (w *ride) take(draws *rand.Rand) error {
	names, err := filepath.Glob(filepath.Join(w.from, "*.pouch"))
	if err != nil {
		return err
	}
	chance := func(p float64) bool { return p > 0 && draws.Float64() < p }
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err == nil {
			err = os.Remove(name)
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // the station took it back
		}
		if err != nil {
			return err
		}
		if chance(w.weather.Loss) {
			continue
		}
		if chance(w.weather.Corrupt) && len(file) > 0 {
			file[draws.IntN(len(file))] ^= 1 << draws.IntN(8)
		}
		due := time.Now()
		for copies := 1; copies > 0; copies-- {
			if due = due.Add(w.weather.Delay); w.weather.Jitter > 0 {
				due = due.Add(time.Duration(draws.Int64N(int64(w.weather.Jitter))))
			}
			w.bag = append(w.bag, stick{filepath.Base(name), file, due})
			if copies == 1 && len(w.bag) < maxBag && chance(w.weather.Duplicate) {
				copies++
			}
		}
	}
	return nil
}

// maxBag bounds what is brought twice.
const maxBag = 10_000

// bring puts what has arrived into the in folder, whole or not at all. What
// cannot be put there, for want of room or of the folder, is tried again.
func (w *ride) bring() error {
	var left []stick
	for i, s := range w.bag {
		if time.Now().Before(s.due) {
			left = append(left, s)
			continue
		}
		whole := filepath.Join(w.to, s.name)
		part := whole + ".part"
		err := os.WriteFile(part, s.file, 0o600)
		if err == nil {
			err = os.Rename(part, whole)
		}
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, fs.ErrNotExist) {
			// What was written of it takes no room away from the station.
			_ = os.Remove(part)
			w.bag = append(left, w.bag[i:]...)
			return nil
		}
		if err != nil {
			return err
		}
	}
	w.bag = left
	return nil
}
