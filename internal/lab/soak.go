package lab

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"parley"
	"parley/internal/cable"
	"parley/internal/demo"
)

// SoakResult is what a soak did and found.
type SoakResult struct {
	Seed                        uint64
	Said                        [2]int // by north, by south
	Refused                     int    // for want of room on a disk
	Cuts, OneWay, Weathers      int
	Kills, FullDisks            int
	LookedUp                    int // releases whose answer a kill took
	Lost, Duplicated, Misplaced int
	// Converged is how long it took, after everything was mended, until
	// everything said was proved and both sides held the same logs.
	Converged time.Duration
}

func (r SoakResult) String() string {
	return fmt.Sprintf("seed %d: north said %d, south %d, %d refused on a full disk; %d cuts, %d one way, %d changes of weather, "+
		"%d kills, %d full disks; %d answers lost and looked up; %d messages lost, %d more than once, %d out of order; the same logs %s after mending",
		r.Seed, r.Said[0], r.Said[1], r.Refused, r.Cuts, r.OneWay, r.Weathers, r.Kills, r.FullDisks, r.LookedUp,
		r.Lost, r.Duplicated, r.Misplaced, r.Converged.Round(time.Millisecond))
}

// convergeLimit is how long a mended line may take until all is proved.
const convergeLimit = 10 * time.Minute

// soak is a soak under way.
type soak struct {
	*Lab
	mu     sync.Mutex // guards result while both sides talk
	result SoakResult
}

// Soak gives the line bad hours drawn from the seed for so long, on all routes
// at once, with kills and full disks, while both sides talk at all precedences.
// Then it mends everything, waits until all is proved, and compares. The result
// is valid as far as it got, also with an error.
func (l *Lab) Soak(ctx context.Context, long time.Duration) (SoakResult, error) {
	s := &soak{Lab: l, result: SoakResult{Seed: l.o.Seed}}
	err := s.run(ctx, long)
	for i := range s.result.Said {
		s.result.Said[i] = l.ledger.Count(i)
	}
	return s.result, err
}

func (s *soak) run(ctx context.Context, long time.Duration) error {
	if err := s.trouble(ctx, long); err != nil {
		return err
	}
	s.tell("mend everything")
	mended := time.Now()
	if err := s.MendAll(ctx); err != nil {
		return err
	}
	if err := s.WaitProved(ctx, convergeLimit); err != nil {
		return err
	}
	r, err := s.Same(ctx)
	s.result.Converged = time.Since(mended)
	s.result.LookedUp, s.result.Lost, s.result.Duplicated, s.result.Misplaced = r.LookedUp, r.Lost, r.Duplicated, r.Misordered
	return err
}

// trouble lets both sides talk for so long while things break, and returns when
// both have said their last.
func (s *soak) trouble(ctx context.Context, long time.Duration) error {
	hours, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var wg sync.WaitGroup
	var failed [2]error
	for i := range s.Sides {
		wg.Go(func() {
			if failed[i] = s.talk(ctx, hours, i); failed[i] != nil {
				cancel()
			}
		})
	}
	err := s.breakThings(ctx, hours)
	cancel()
	wg.Wait()
	return errors.Join(err, failed[0], failed[1])
}

// pace is the most that a side waits between two messages.
const pace = 200 * time.Millisecond

// talk lets one side talk until hours ends. What it has begun to say it says.
func (s *soak) talk(ctx, hours context.Context, i int) error {
	draws := rand.New(rand.NewPCG(s.o.Seed, uint64(100+i)))
	for n := 1; hours.Err() == nil; n++ {
		t := demo.Text{Language: language, Body: fmt.Sprintf("%s says its word number %d. %s", parties[i], n, padding(draws))}
		m, err := s.Sides[i].Release(ctx, t, parley.Flash+parley.Precedence(draws.IntN(4)))
		switch {
		case full(err):
			s.count(func(r *SoakResult) { r.Refused++ })
		case err != nil:
			return err
		default:
			s.ledger.Said(i, m)
		}
		// When hours ends there is nothing to wait for.
		_ = pause(hours, time.Duration(draws.Int64N(int64(pace))))
	}
	return nil
}

// padding is up to some kilobytes of text, mostly little.
func padding(draws *rand.Rand) string {
	b := make([]byte, draws.IntN(1+draws.IntN(4096)))
	for i := range b {
		b[i] = "abcdefgh "[draws.IntN(9)]
	}
	return string(b)
}

func (s *soak) count(f func(*SoakResult)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.result)
}

// The longest times between two troubles, and of some of them.
const (
	between   = 600 * time.Millisecond
	deadTime  = 2 * time.Second
	fullTime  = 2 * time.Second
	cutChance = 0.6 // of a route to be cut, not mended: now and then all are
)

// breakThings draws one trouble after the other until hours ends.
func (s *soak) breakThings(ctx, hours context.Context) error {
	draws := rand.New(rand.NewPCG(s.o.Seed, 99))
	for pause(hours, time.Duration(draws.Int64N(int64(between)))) == nil {
		var err error
		side, r := draws.IntN(2), draws.IntN(len(routes))
		switch n := draws.IntN(20); {
		case n < 6:
			cut := draws.Float64() < cutChance
			s.tell("%s cut: %v", routes[r], cut)
			if cut && !s.routes[r].IsCut() {
				s.count(func(r *SoakResult) { r.Cuts++ })
			}
			s.routes[r].Cut(cut)
		case n < 9:
			cut := draws.Float64() < cutChance
			s.tell("%s cut for what %s sends: %v", routes[r], parties[side], cut)
			if cut {
				s.count(func(r *SoakResult) { r.OneWay++ })
			}
			s.routes[r].CutWay(way(r, parties[side]), cut)
		case n < 16:
			w := drawWeather(draws)
			s.tell("path %s %s %s", routes[r], parties[side], w)
			s.count(func(r *SoakResult) { r.Weathers++ })
			s.routes[r].SetWeather(way(r, parties[side]), w.Weather)
		case n < 19:
			err = s.strike(ctx, hours, side, time.Duration(draws.Int64N(int64(deadTime))))
		default:
			err = s.fillUp(hours, side, time.Duration(draws.Int64N(int64(fullTime))))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// strike kills a station and starts it again some time later.
func (s *soak) strike(ctx, hours context.Context, side int, dead time.Duration) error {
	s.tell("kill -9 %s for %s", parties[side], dead.Round(time.Millisecond))
	s.count(func(r *SoakResult) { r.Kills++ })
	if err := errors.Join(s.Sides[side].Fell(), s.Sides[side].Kill()); err != nil {
		return err
	}
	// When hours ends it is started at once.
	_ = pause(hours, dead)
	return s.Sides[side].Start(ctx)
}

// fillUp fills a station's disk for some time; where there are no disks it does
// nothing.
func (s *soak) fillUp(hours context.Context, side int, long time.Duration) error {
	if s.disks[side] == "" {
		return nil
	}
	s.tell("full disk %s for %s", parties[side], long.Round(time.Millisecond))
	s.count(func(r *SoakResult) { r.FullDisks++ })
	err := fill(s.disks[side])
	// When hours ends it is freed at once.
	_ = pause(hours, long)
	return errors.Join(err, free(s.disks[side]))
}

// drawWeather draws what a route has to bear: mostly some of everything.
func drawWeather(draws *rand.Rand) (w Weather) {
	some := func(most float64) float64 {
		if draws.IntN(2) == 0 {
			return 0
		}
		return float64(draws.IntN(1000)) / 1000 * most
	}
	if draws.IntN(4) == 0 {
		return w
	}
	w.Weather = cable.Weather{
		Delay: time.Duration(draws.IntN(300)) * time.Millisecond, Jitter: time.Duration(draws.IntN(100)) * time.Millisecond,
		Loss: some(.1), Duplicate: some(.2), Reorder: some(.1), Corrupt: some(.02),
	}
	if draws.IntN(4) == 0 {
		w.Burst, w.Calm = .01, .2
	}
	if draws.IntN(4) == 0 {
		w.Rate = 9600 << draws.IntN(6)
	}
	return w
}
