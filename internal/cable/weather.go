package cable

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Way is one of the two directions of a route.
type Way int

// The ways.
const (
	Out  Way = iota // from whoever dials, or speaks first, to the address
	Back            // from the address
)

// Weather is what happens to what travels one way. The zero value is fair
// weather: everything arrives at once, as it was.
//
// The chances lie between 0 and 1 and are drawn for each packet: a datagram, or
// a piece of up to 1400 bytes of a stream.
type Weather struct {
	Delay, Jitter time.Duration // each packet takes Delay and up to Jitter more

	// Loss is the chance that a packet is lost. Burst is the chance that a row
	// of losses begins, and Calm that it ends, as Gilbert described them; a
	// Burst with a Calm of 0 never ends.
	Loss, Burst, Calm float64

	Duplicate float64 // the chance that a packet comes twice
	Reorder   float64 // the chance that a packet is overtaken by later ones
	Corrupt   float64 // the chance that one bit of a packet arrives altered

	Rate int // bits in a second; 0 is without bound
	MTU  int // larger datagrams vanish; streams are cut into pieces of it; 0 is without bound
}

// What a stream suffers instead of losing bytes, which would be a broken TCP:
// each lost packet stalls it until it is sent again, twice as long each time in
// a row, and it is broken off when that happens too often.
const (
	firstStall = 200 * time.Millisecond
	maxStalls  = 7 // in a row: 25 s
)

// packet is the most bytes of a stream that share one fate.
const packet = 1400

// overtaken is how much later than its turn a reordered datagram arrives, at
// least: enough for those behind it.
const overtaken = 5 * time.Millisecond

// maxQueue is how much of a rate's bytes wait before more datagrams are dropped.
const maxQueue = 2 * time.Second

// sky is one way's weather and what is drawn for it.
type sky struct {
	mu      sync.Mutex // guards what follows
	weather Weather
	draws   *rand.Rand
	bursts  bool          // in a row of losses
	free    time.Time     // when the rate lets the next byte go
	mended  chan struct{} // what waits for the end of a one-way cut; nil: not cut
}

func newSky(seed uint64, w Way) *sky {
	return &sky{draws: rand.New(rand.NewPCG(seed, uint64(w)))}
}

func (s *sky) set(w Weather) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.weather, s.bursts, s.free = w, false, time.Time{}
}

// cut cuts the way, or mends it.
func (s *sky) cut(cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case cut && s.mended == nil:
		s.mended = make(chan struct{})
	case !cut && s.mended != nil:
		close(s.mended)
		s.mended = nil
	}
}

// closed returns what ends when the way is mended, or nil if it is not cut.
func (s *sky) closed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mended
}

// piece is how many bytes of a stream are read at once.
func (s *sky) piece() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.weather.MTU; m > 0 {
		return min(m, packet)
	}
	if s.weather == (Weather{}) {
		return 64 << 10
	}
	return packet
}

// chance draws. A chance of 0 draws nothing, so that a seed tells the same
// story when another kind of weather is added. s.mu is held.
func (s *sky) chance(p float64) bool { return p > 0 && s.draws.Float64() < p }

// lost draws whether the next packet is lost; s.mu is held.
func (s *sky) lost() bool {
	if s.bursts {
		s.bursts = !s.chance(s.weather.Calm)
	} else {
		s.bursts = s.chance(s.weather.Burst)
	}
	return s.chance(s.weather.Loss) || s.bursts
}

// due returns when n bytes that leave now arrive, and how long they wait for
// their turn at the rate; s.mu is held.
func (s *sky) due(now time.Time, n int) (at time.Time, waits time.Duration) {
	turn := now
	if s.weather.Rate > 0 {
		if s.free.After(now) {
			turn = s.free
		}
		waits = turn.Sub(now)
		turn = turn.Add(time.Duration(float64(n) * 8 / float64(s.weather.Rate) * float64(time.Second)))
		s.free = turn
	}
	return turn.Add(s.late()), waits
}

// late draws the delay of one packet; s.mu is held.
func (s *sky) late() time.Duration {
	d := s.weather.Delay
	if s.weather.Jitter > 0 {
		d += time.Duration(s.draws.Int64N(int64(s.weather.Jitter)))
	}
	return d
}

// alter flips one bit of b; s.mu is held.
func (s *sky) alter(b []byte) {
	if len(b) > 0 {
		i := s.draws.IntN(8 * len(b))
		b[i/8] ^= 1 << (i % 8)
	}
}

// stream decides about a piece of a stream: when it arrives, and false if the
// connection is broken off instead. It may alter b.
func (s *sky) stream(now time.Time, b []byte) (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, _ = s.due(now, len(b))
	for stalls := 0; s.lost(); stalls++ {
		if stalls == maxStalls {
			return at, false
		}
		at = at.Add(firstStall << stalls)
	}
	if s.chance(s.weather.Corrupt) {
		s.alter(b)
	}
	return at, true
}

// datagram decides about a datagram: when it arrives, once, more often or never.
// It may alter b.
func (s *sky) datagram(now time.Time, b []byte) (at []time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.weather.MTU > 0 && len(b) > s.weather.MTU {
		return nil
	}
	if s.lost() || s.mended != nil {
		return nil
	}
	first, waits := s.due(now, len(b))
	if waits > maxQueue {
		return nil
	}
	if s.chance(s.weather.Reorder) {
		first = first.Add(overtaken + s.weather.Delay)
	}
	at = append(at, first)
	if s.chance(s.weather.Duplicate) {
		at = append(at, first.Add(s.late()))
	}
	if s.chance(s.weather.Corrupt) {
		s.alter(b)
	}
	return at
}
