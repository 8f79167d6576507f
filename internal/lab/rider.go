package lab

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"parley/internal/cable"
)

// rideEvery is how often the rider looks into the pouches.
const rideEvery = 50 * time.Millisecond

// rider carries pouches by hand, and badly if told to: he takes his time, loses
// sticks and brings what was on them twice, or altered. While he rests, what is
// sent lies where it is. He reads nothing of it.
type rider struct {
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
	weather  cable.Weather
	cut      bool
	bag      []stick
}

// stick is one pouch file on its way.
type stick struct {
	name string
	file []byte
	due  time.Time
}

func newRider(seed uint64, outA, inB, outB, inA string) *rider {
	r := &rider{
		stop: make(chan struct{}), done: make(chan struct{}), draws: rand.New(rand.NewPCG(seed, 0)),
		ways: [2]ride{{from: outA, to: inB}, {from: outB, to: inA}},
	}
	go r.ride()
	return r
}

func (r *rider) Cut(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resting = cut
}

func (r *rider) IsCut() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resting
}

func (r *rider) CutWay(w cable.Way, cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ways[w].cut = cut
}

func (r *rider) SetWeather(w cable.Way, to cable.Weather) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ways[w].weather = to
}

// Close ends the rides and returns what went wrong on them.
func (r *rider) Close() error {
	close(r.stop)
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *rider) ride() {
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
