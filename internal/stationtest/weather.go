package stationtest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"parley/internal/courier"
)

// Weather is what a bad route does to frames. Probabilities are of one frame.
type Weather struct {
	Loss, Twice, Altered float64
	Delay                time.Duration // at most; each frame its own, so that they overtake each other
}

// rough is a channel on which the weather is bad.
type rough struct {
	courier.Channel
	upper courier.Upper

	mu      sync.Mutex // guards what follows
	rng     *rand.Rand
	weather Weather
	watched bool
	kept    [][]byte
}

func (r *rough) Up() (changed <-chan struct{}, down error) { return r.upper.Up() }

// Send passes the frame on as the weather wills.
func (r *rough) Send(ctx context.Context, frame []byte) error {
	r.mu.Lock()
	w := r.weather
	if r.watched {
		r.kept = append(r.kept, bytes.Clone(frame))
	}
	lost, twice, altered := r.rng.Float64() < w.Loss, r.rng.Float64() < w.Twice, r.rng.Float64() < w.Altered
	delay := time.Duration(r.rng.Int64N(int64(w.Delay) + 1))
	at := r.rng.IntN(len(frame))
	r.mu.Unlock()
	if lost {
		return nil
	}
	frame = bytes.Clone(frame)
	if altered {
		frame[at] ^= 1 << (at % 8)
	}
	copies := 1
	if twice {
		copies = 2
	}
	for i := range copies {
		if delay == 0 {
			if err := r.Channel.Send(ctx, frame); err != nil {
				return err
			}
			continue
		}
		// A route that fails later loses the frame, as a real one does.
		time.AfterFunc(delay*time.Duration(i+1), func() { _ = r.Channel.Send(ctx, frame) })
	}
	return nil
}

// SetWeather changes the weather on a channel, in both directions.
func (w *World) SetWeather(name string, now Weather) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.rough[name] {
		r.mu.Lock()
		r.weather = now
		r.mu.Unlock()
	}
}

// Watch keeps a copy of every frame that this side sends over a channel from
// now on, as a gateway or a cable can, and returns a function that returns
// those so far.
func (s *Side) Watch(channel string) func() [][]byte {
	r := s.world.rough[channel][s.end()]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watched = true
	return func() [][]byte {
		r.mu.Lock()
		defer r.mu.Unlock()
		return slices.Clone(r.kept)
	}
}

// Inject puts a frame on a channel towards this side, as whoever holds the
// channel can.
func (s *Side) Inject(channel string, frame []byte) {
	s.world.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.world.pipes[channel][1-s.end()].Send(ctx, frame); err != nil {
		s.world.t.Fatal(err)
	}
}
