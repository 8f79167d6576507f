package link

import (
	"slices"
	"testing"

	"parley"
)

// spell is what a line did while messages were committed one after another.
type spell struct {
	p50, p99, most parley.Time // from commit to proof
	onA, onB       int         // copies that left by each channel
}

// extra is how many copies left that the first of each message did not need, for each thousand.
func (s spell) extra(n int) int { return (s.onA + s.onB - n) * 1000 / n }

// spell commits n Routine messages, one each gap, and waits for their proofs.
func (w *world) spell(n int, gap parley.Time) (s spell) {
	north := w.sides[0]
	clear(north.copies)
	first := uint64(len(north.disk.log))
	begun := make([]parley.Time, 0, n)
	took := make([]parley.Time, 0, n)
	proved := func() {
		for len(took) < len(begun) && north.disk.proved > first+uint64(len(took)) {
			took = append(took, w.now-begun[len(took)])
		}
	}
	for range n {
		north.commit(Queued{Precedence: parley.Routine, Bytes: 700})
		begun = append(begun, w.now)
		for end := w.now + gap; w.now < end; proved() {
			w.run(w.now + 5)
		}
	}
	for from := w.now; len(took) < n; proved() {
		if w.now > from+300*second {
			w.t.Fatalf("%d of %d proved:\n%s\n%s", len(took), n, north.memory(), w.newest())
		}
		w.run(w.now + 5)
	}
	slices.Sort(took)
	return spell{took[n/2], took[n*99/100], took[n-1], north.copies["a"], north.copies["b"]}
}

// TestHedging: a line of two channels, 25 ms and 40 ms each way, of which the better falls ill. How late the next channel
// carries what the first owes, and how many copies leave in all, in ten minutes of a message each half second.
func TestHedging(t *testing.T) {
	const n, gap = 1200, 500
	for _, c := range []struct {
		name  string
		ill   func(w *world, a *route)
		p99   parley.Time // to proof, at most
		most  parley.Time
		extra int // copies for each thousand messages, at most
	}{
		{"healthy", func(*world, *route) {}, 110, 120, 5},
		{"slow", func(_ *world, a *route) { a.delay = 1000 }, 130, 400, 10},
		{"slower each minute", func(w *world, a *route) { w.each(60*second, func() { a.delay += 25 }) }, 180, 400, 10},
		{"unsteady", func(_ *world, a *route) { a.jitter = 400 }, 150, 500, 15},
		{"lossy, 1 in 100", func(_ *world, a *route) { a.loss = 0.01 }, 220, 400, 30},
		{"lossy, 1 in 5", func(_ *world, a *route) { a.loss = 0.2 }, 150, 700, 15},
		{"swallows all", func(_ *world, a *route) { a.loss = 1 }, 130, 400, 5},
		{"one way, out", func(_ *world, a *route) { a.deaf[0] = true }, 130, 400, 5},
		{"one way, back", func(_ *world, a *route) { a.deaf[1] = true }, 130, 400, 5},
		{"flapping, told", func(w *world, a *route) { w.flap(a, true) }, 150, 400, 50},
		{"flapping, untold", func(w *world, a *route) { w.flap(a, false) }, 220, 500, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &route{delay: 25, jitter: 4}
			w := scene(t, Config{}, a, &route{delay: 40, jitter: 4})
			if well := w.spell(300, gap); well.onB > 15 {
				t.Fatalf("on a line in good health: %+v %+v", well, w.sides[0].link.Health())
			}
			c.ill(w, a)
			s := w.spell(n, gap)
			t.Logf("proof p50 %d p99 %d most %d ms; copies %d and %d, %d extra in 1000; %+v", s.p50, s.p99, s.most, s.onA, s.onB, s.extra(n), w.sides[0].link.Health())
			if s.p99 > c.p99 || s.most > c.most || s.extra(n) > c.extra {
				t.Errorf("want p99 %d, most %d, extra %d at most", c.p99, c.most, c.extra)
			}
		})
	}
}

// each does something again and again.
func (w *world) each(d parley.Time, do func()) {
	w.in(d, func() { do(); w.each(d, do) })
}

// flap cuts a channel for half of each four seconds.
func (w *world) flap(r *route, told bool) {
	w.each(4*second, func() {
		r.cut, r.told = true, told
		tell := func() {
			for _, s := range w.sides {
				if told {
					s.courier(r)
				}
			}
		}
		tell()
		w.in(2*second, func() { r.cut = false; tell() })
	})
}
