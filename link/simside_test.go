package link

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"parley"
	"parley/wire"
)

// frame is what passes a channel in the simulation: what a Send names, fetched.
type frame struct {
	bytes    int
	epoch    parley.EpochID
	opening  bool
	entries  []Queued
	check    uint64 // check is the size of the sender's log at its checkpoint; 0 for none.
	cosigned uint64
	singles  []uint64
	refusals []uint64 // refusals, by their place among those of the sender.
	report   *wire.Report
	ask      uint64 // ask is the nonce of a line check.
	answers  uint64
	unknown  []parley.EpochID
	closed   []parley.EpochID
}

// durable is what a side keeps over a crash.
type durable struct {
	log      []Queued // log is its own; entry n is log[n-1].
	proved   uint64
	singly   map[uint64]bool // singly: proved by a single receipt.
	held     map[uint64]Queued
	size     uint64 // size is the contiguous size of held.
	cosigned uint64
	issued   map[uint64]bool // issued are the single receipts given.
	refused  uint64          // refused counts refusals given, received holds those of the peer, by their places.
	received map[uint64]bool
	mine     map[parley.EpochID]bool
	theirs   map[parley.EpochID]bool
	opened   int
}

// side is a model of a station around one link.
type side struct {
	w    *world
	id   int
	cfg  Config
	disk durable

	// What a crash loses.
	life    int
	link    *Link
	up      map[string]bool
	low     uint64 // low and high are the peer's checkpoints: the lowest above what is held, and the newest.
	high    uint64
	writing map[uint64]bool
	told    uint64 // told is how many of our refusals the peer says it holds.
	asked   map[string]uint64
	theirs  map[string]uint64
	wakes   int
	loads   map[parley.Precedence]bool
	opening bool
	carried map[string]map[uint64]parley.Time

	disbelieves bool // disbelieves: every entry of the peer's is refused.

	skew      parley.Time
	crashes   float64 // crashes is the chance of a crash at each boundary.
	delivered map[uint64]int
	peak      int
	sends     map[string]int
	copies    map[string]int // copies are the entries that left, each as often as it did, since the last look.
	resealed  bool           // resealed: this life sent something again for another reason than the clock.
}

func newSide(w *world, id int, cfg Config) *side {
	cfg.First = id == 0
	s := &side{w: w, id: id, cfg: cfg, delivered: make(map[uint64]int), copies: make(map[string]int)}
	s.disk = durable{singly: make(map[uint64]bool), held: make(map[uint64]Queued), issued: make(map[uint64]bool),
		received: make(map[uint64]bool), mine: make(map[parley.EpochID]bool), theirs: make(map[parley.EpochID]bool)}
	return s
}

// boot makes a link from what is durable.
func (s *side) boot() {
	d := &s.disk
	s.life++
	s.up, s.writing = make(map[string]bool), make(map[uint64]bool)
	s.asked, s.theirs = make(map[string]uint64), make(map[string]uint64)
	s.loads, s.carried = make(map[parley.Precedence]bool), make(map[string]map[uint64]parley.Time)
	s.sends = make(map[string]int)
	s.low, s.high, s.told, s.opening, s.resealed = 0, 0, 0, false, false
	start := Start{Own: uint64(len(d.log)), Proved: d.proved, Peer: d.size, Ahead: s.ahead(), Cosigned: d.cosigned,
		Refused: d.refused, Epochs: slices.SortedFunc(maps.Keys(d.mine), func(a, b parley.EpochID) int { return slices.Compare(a[:], b[:]) })}
	s.link = New(s.cfg, start)
	s.step(Wake{})
	for _, r := range s.w.lines {
		s.later(s.w.between(0, second), func() { s.courier(r) })
	}
}

// courier tells the link what has become of a channel.
func (s *side) courier(r *route) {
	down := r.cut && r.told && r.Class == Fast
	switch {
	case down && s.up[r.Name]:
		s.up[r.Name] = false
		s.step(Down{r.Name})
	case !down:
		s.up[r.Name] = true
		s.step(Up{r.Name})
	}
}

func (s *side) crash() {
	s.w.note(s.id, "crash")
	s.life++
	s.link = nil
	if s.w.chance(0.1) {
		clear(s.disk.theirs) // The keyring of what the peer opened is lost.
	}
	s.w.in(s.w.between(second, 60*second), s.boot)
}

// later does something in this life, or never.
func (s *side) later(d parley.Time, do func()) {
	life := s.life
	s.w.in(d, func() {
		if s.life == life && s.link != nil {
			do()
		}
	})
}

// write makes something durable after a while, then says so. A crash may come before, between and after.
func (s *side) write(apply func() []Event) {
	s.later(s.w.between(1, 15), func() {
		events := apply()
		for _, e := range events {
			if s.link == nil || s.mishap() {
				return
			}
			s.step(e)
		}
	})
}

func (s *side) mishap() bool {
	if s.w.calm || s.link == nil || !s.w.chance(s.crashes) {
		return false
	}
	s.crash()
	return true
}

func (s *side) step(e Event) {
	if s.link == nil {
		return
	}
	s.w.steps++
	life := s.life
	out := s.link.Step(s.clock(), e)
	s.w.note(s.id, e)
	s.inspect()
	for _, a := range out {
		s.w.note(s.id, a)
		if s.w.tracing {
			h := fnv.New64a()
			fmt.Fprintf(h, "%d %d %T%v", s.w.trace, s.w.now, a, a)
			s.w.trace = h.Sum64()
		}
		s.do(a)
		if s.mishap() || s.life != life {
			return
		}
	}
}

// commit puts entries into the log.
func (s *side) commit(entries ...Queued) {
	if s.link == nil {
		return
	}
	for i := range entries {
		entries[i].Number = uint64(len(s.disk.log) + 1)
		s.disk.log = append(s.disk.log, entries[i])
	}
	if !s.mishap() {
		s.step(Committed{entries})
	}
}

func (s *side) ahead() (ranges []wire.Range) {
	if s.disk.size == uint64(len(s.disk.held)) {
		return nil
	}
	for _, n := range slices.Sorted(maps.Keys(s.disk.held)) {
		switch last := len(ranges) - 1; {
		case n <= s.disk.size:
		case last >= 0 && ranges[last].Last == n-1:
			ranges[last].Last = n
		case len(ranges) < 64:
			ranges = append(ranges, wire.Range{First: n, Last: n})
		}
	}
	return ranges
}

// inspect holds the link to its bounds.
func (s *side) inspect() {
	l := s.link
	live := 0
	for p := range l.windows {
		w := &l.windows[p]
		if len(w.items) > s.cfg.Window || w.live > len(w.items) {
			s.w.t.Errorf("side %d holds %d entries of precedence %d, more than its window of %d", s.id, len(w.items), p, s.cfg.Window)
		}
		live += w.live
	}
	if live != len(l.items) {
		s.w.t.Errorf("side %d: %d entries live and %d known", s.id, live, len(l.items))
	}
	s.peak = max(s.peak, live)
	if s.w.steps%64 != 0 {
		return
	}
	for _, c := range l.channels {
		var flying [parley.Routine + 1]int
		for p := range l.windows {
			for _, it := range l.windows[p].items {
				if it.copies[c.index].flying {
					flying[p] += it.Bytes
				}
			}
		}
		if flying != c.flying || len(c.answer.singles) > maxOwed || len(c.batch) > 0 {
			s.w.t.Errorf("side %d channel %s: in flight %v, counted %v", s.id, c.Name, flying, c.flying)
		}
	}
}

// clock is what this side takes the time to be.
func (s *side) clock() parley.Time { return s.w.now + s.skew }

// setClock sets it forward or back.
func (s *side) setClock() {
	if s.w.calm {
		return
	}
	s.skew = s.w.between(0, 10_000*second)
	s.resealed = true
	s.w.in(s.w.between(24*3600*second, 20*24*3600*second), s.setClock)
}

func (s *side) settled() bool {
	return s.link != nil && s.disk.proved == uint64(len(s.disk.log)) && len(s.link.items) == 0
}
