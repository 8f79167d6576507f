package link

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley"
)

// world is a simulated line in virtual time: two sides, and the channels between them. All chance comes from rng, so a
// seed is a whole history.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	now     parley.Time
	seq     int
	queue   agenda
	sides   [2]*side
	lines   []*route
	steps   int
	tracing bool           // tracing: trace is kept.
	trace   uint64         // trace is a running hash of all actions, to compare two runs.
	tail    [120]happening // tail is a ring of the newest of what happened, for the report of a failure.
	told    int
	asks    []question
	calm    bool // calm: no more mishaps.
}

const second = parley.Time(1000)

func newWorld(t *testing.T, seed uint64) *world {
	return &world{t: t, rng: rand.New(rand.NewPCG(seed, 0x7061726c6579)), now: 1_700_000_000_000}
}

type entryOf struct {
	at  parley.Time
	seq int
	do  func()
}

type agenda []entryOf

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].seq < a[j].seq
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(entryOf)) }
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}

func (w *world) at(t parley.Time, do func()) {
	w.seq++
	heap.Push(&w.queue, entryOf{max(t, w.now), w.seq, do})
}

func (w *world) in(d parley.Time, do func()) { w.at(w.now+d, do) }

// run lets the world go on until a time.
func (w *world) run(until parley.Time) {
	for len(w.queue) > 0 && w.queue[0].at <= until {
		e := heap.Pop(&w.queue).(entryOf)
		w.now = e.at
		e.do()
		if w.t.Failed() {
			w.t.Fatalf("at %v, after %d steps:\n%s", w.now.Time().Format(time.StampMilli), w.steps, w.newest())
		}
	}
	w.now = until
}

// happening is one line of the tail, written only when it is read.
type happening struct {
	at   parley.Time
	side int
	what any
}

func (w *world) note(side int, what any) {
	w.tail[w.told%len(w.tail)] = happening{w.now, side, what}
	w.told++
}

func (w *world) newest() string {
	var b strings.Builder
	for i := max(0, w.told-len(w.tail)); i < w.told; i++ {
		h := w.tail[i%len(w.tail)]
		fmt.Fprintf(&b, "%s %d %T%+v\n", h.at.Time().Format("Jan 2 15:04:05.000"), h.side, h.what, h.what)
	}
	return b.String()
}

func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

// between returns a time from lo up to hi.
func (w *world) between(lo, hi parley.Time) parley.Time {
	if hi <= lo {
		return lo
	}
	return lo + parley.Time(w.rng.Uint64N(uint64(hi-lo)))
}

// route is one channel with what can happen to it.
type route struct {
	Channel
	w         *world
	delay     parley.Time
	jitter    parley.Time
	rate      int         // rate is bytes a second; 0 is no limit.
	loss, dup float64     // of each frame
	cut       bool        // cut: nothing passes.
	deaf      [2]bool     // deaf: nothing passes from that side, and nobody is told.
	told      bool        // told: the couriers notice a cut.
	fifo      bool        // fifo: what was sent waits in one buffer on the way, where nothing overtakes.
	every     parley.Time // every is how often a pouch goes, for a carried channel.
	lanes     [2][4][]*frame
	busy      [2]bool
}

const laneFrames = 64

// push queues a frame of side from, as the courier does.
func (r *route) push(from, urgency int, f *frame) bool {
	if r.fifo {
		urgency = 0
	}
	if r.cut && r.told && r.Class == Fast || len(r.lanes[from][urgency]) >= laneFrames {
		return false
	}
	r.lanes[from][urgency] = append(r.lanes[from][urgency], f)
	if r.Class == Fast && !r.busy[from] {
		r.transmit(from)
	}
	return true
}

func (r *route) pop(from int) *frame {
	for u := range r.lanes[from] {
		if l := r.lanes[from][u]; len(l) > 0 {
			r.lanes[from][u] = l[1:]
			return l[0]
		}
	}
	return nil
}

func (r *route) transmit(from int) {
	f := r.pop(from)
	if f == nil {
		r.busy[from] = false
		return
	}
	r.busy[from] = true
	took := parley.Time(0)
	if r.rate > 0 {
		took = parley.Time(f.bytes * 1000 / r.rate)
	}
	r.pass(from, f, took)
	if r.w.chance(r.dup) {
		r.pass(from, f, took+r.w.between(0, 10*r.jitter))
	}
	r.w.in(took, func() { r.transmit(from) })
}

func (r *route) pass(from int, f *frame, took parley.Time) {
	if r.cut || r.deaf[from] || r.w.chance(r.loss) {
		return
	}
	r.w.in(took+r.delay+r.w.between(0, r.jitter), func() {
		if !r.cut {
			r.w.sides[1-from].receive(r, f)
		}
	})
}

// carry takes a pouch from side from to the other, in any order, some of it twice, sometimes nothing.
func (r *route) carry(from int) {
	r.w.in(r.w.between(r.every/2, r.every*3/2), func() { r.carry(from) })
	if r.cut {
		return
	}
	var pouch []*frame
	for f := r.pop(from); f != nil; f = r.pop(from) {
		pouch = append(pouch, f)
		if r.w.chance(r.dup) {
			pouch = append(pouch, f)
		}
	}
	if r.w.chance(r.loss) {
		return
	}
	if r.w.chance(0.3) {
		r.w.rng.Shuffle(len(pouch), func(i, j int) { pouch[i], pouch[j] = pouch[j], pouch[i] })
	}
	r.w.in(r.w.between(r.delay, r.delay+r.jitter), func() {
		for _, f := range pouch {
			r.w.sides[1-from].receive(r, f)
		}
	})
}

// sever cuts a channel; heal joins it again. The couriers of both sides notice at times of their own, or never.
func (r *route) sever() {
	if r.cut {
		return
	}
	r.cut, r.told = true, r.w.chance(0.7)
	r.w.note(-1, "cut "+r.Name)
	if r.told && r.Class == Fast {
		r.lanes = [2][4][]*frame{}
		for _, s := range r.w.sides {
			r.w.in(r.w.between(0, 2*second), func() { s.courier(r) })
		}
	}
}

func (r *route) heal() {
	if !r.cut {
		return
	}
	r.cut = false
	r.w.note(-1, "healed "+r.Name)
	for _, s := range r.w.sides {
		r.w.in(r.w.between(0, 2*second), func() { s.courier(r) })
	}
}
