package link

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"parley"
)

var (
	seeds    = flag.Int("seeds", 8, "how many histories TestBadDays goes through")
	fromSeed = flag.Uint64("from", 1, "the first seed of TestBadDays")
)

// TestBadDays goes through months of bad days: cuts, loss, repeats, disorder, crashes at every boundary, pouches. Then
// the channels heal, and everything committed must be proved, and nothing delivered twice.
func TestBadDays(t *testing.T) {
	n := *seeds
	if testing.Short() {
		n = min(n, 3)
	}
	for i := range uint64(n) {
		seed := *fromSeed + i
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			began := time.Now()
			w := badDays(t, seed, false)
			t.Logf("seed %d: %d steps, %d and %d entries, at most %d and %d in memory, %v", seed, w.steps,
				len(w.sides[0].disk.log), len(w.sides[1].disk.log), w.sides[0].peak, w.sides[1].peak, time.Since(began))
		})
	}
}

// TestSameEventsSameActions runs one history twice.
func TestSameEventsSameActions(t *testing.T) {
	if a, b := badDays(t, 3, true), badDays(t, 3, true); a.trace != b.trace || a.steps != b.steps {
		t.Fatalf("two runs of one history differ: %d steps and %d", a.steps, b.steps)
	}
}

func badDays(t *testing.T, seed uint64, tracing bool) *world {
	w := newWorld(t, seed)
	w.tracing = tracing
	days := w.between(20, 60)
	end := w.now + days*24*3600*second
	cfg := Config{Window: 8 + w.rng.IntN(60), CheckEvery: time.Duration(w.between(5, 60)) * time.Minute}
	if w.chance(0.5) {
		cfg.EpochEntries = 20
	}
	for i := range 1 + w.rng.IntN(4) {
		r := w.newRoute(i)
		w.lines = append(w.lines, r)
		cfg.Channels = append(cfg.Channels, r.Channel)
	}
	for i := range w.sides {
		w.sides[i] = newSide(w, i, cfg)
		w.sides[i].crashes = []float64{0, 0.00002, 0.001}[w.rng.IntN(3)]
	}
	for i, s := range w.sides {
		s.boot()
		w.in(w.between(0, 20*24*3600*second), s.setClock)
		w.in(w.between(0, 3600*second), func() { w.talk(i, end) })
	}
	w.run(end)

	w.calm = true
	for _, r := range w.lines {
		r.loss, r.dup = 0, 0
		r.heal()
	}
	for range 60 {
		w.run(w.now + 24*3600*second)
		if w.sides[0].settled() && w.sides[1].settled() {
			break
		}
	}
	w.run(w.now + 10*24*3600*second)
	w.judge()
	w.idle()
	return w
}

func (w *world) newRoute(i int) *route {
	r := &route{Channel: Channel{Name: string(rune('a' + i)), Class: Fast}, w: w, loss: w.rng.Float64() * 0.3, dup: w.rng.Float64() * 0.2}
	switch k := w.rng.IntN(10); {
	case k < 5:
		r.delay, r.jitter = w.between(1, 300), w.between(1, 300)
	case k < 8:
		r.Narrow, r.rate = true, 300+w.rng.IntN(3000)
		r.delay, r.jitter = w.between(100, 3000), w.between(1, 1000)
	default:
		r.Class, r.every = Carried, w.between(12, 72)*3600*second
		r.delay, r.jitter = 3600*second, 12*3600*second
		for from := range w.sides {
			w.in(w.between(0, r.every), func() { r.carry(from) })
		}
	}
	w.in(w.between(0, 24*3600*second), r.trouble)
	return r
}

// trouble cuts a channel now and then, for seconds or for days.
func (r *route) trouble() {
	if r.w.calm {
		return
	}
	r.sever()
	length := r.w.between(second, 60*second)
	switch r.w.rng.IntN(4) {
	case 0:
		length = r.w.between(3600*second, 48*3600*second)
	case 1:
		length = r.w.between(60*second, 3600*second)
	}
	r.w.in(length, func() {
		r.heal()
		r.w.in(r.w.between(3600*second, 96*3600*second), r.trouble)
	})
}

// talk commits entries: one, a few, or many at once.
func (w *world) talk(i int, end parley.Time) {
	if w.now > end-24*3600*second {
		return
	}
	n := 1
	switch w.rng.IntN(12) {
	case 0:
		n = 20 + w.rng.IntN(150)
	case 1, 2, 3:
		n = 2 + w.rng.IntN(8)
	}
	for n > 0 {
		batch := make([]Queued, 1+w.rng.IntN(n))
		for j := range batch {
			batch[j] = Queued{Precedence: parley.Precedence(1 + w.rng.IntN(4)), Bytes: 300 + w.rng.IntN(700)}
			if w.chance(0.02) {
				batch[j].Bytes = 40_000
			}
		}
		n -= len(batch)
		w.sides[i].commit(batch...)
	}
	if s := w.sides[i]; w.chance(0.1) && s.link != nil {
		s.disk.refused++
		s.step(Refused{s.disk.refused})
	}
	w.in(w.between(60*second, 48*3600*second), func() { w.talk(i, end) })
}

// judge says whether everything has arrived once and is proved.
func (w *world) judge() {
	for i, s := range w.sides {
		peer := w.sides[1-i]
		if !s.settled() {
			w.t.Errorf("side %d: %d of %d proved, %d in memory, peer holds %d cosigned %d\n%s", i, s.disk.proved, len(s.disk.log), len(s.link.items), peer.disk.size, peer.disk.cosigned, s.memory())
		}
		for n := range uint64(len(s.disk.log)) {
			if got := peer.delivered[n+1]; got != 1 {
				w.t.Errorf("entry %d of side %d was delivered %d times", n+1, i, got)
				break
			}
		}
		if arrived := uint64(len(peer.disk.received)); s.disk.refused != arrived {
			w.t.Errorf("side %d gave %d refusals, %d arrived", i, s.disk.refused, arrived)
		}
		carried := 0
		for _, o := range s.link.epochs.old {
			if w.now < o.carried {
				carried++
			}
		}
		if len(s.disk.mine) > 3+carried || carried > 24 {
			w.t.Errorf("side %d: %d epochs stay open, %d of them for a carrier", i, len(s.disk.mine), carried)
		}
	}
	if w.t.Failed() {
		w.t.Fatalf("after %d steps:\n%v", w.steps, w.newest())
	}
}

// idle counts what passes when there is nothing to say.
func (w *world) idle() {
	const hours = 12
	steps := w.steps
	for _, s := range w.sides {
		clear(s.sends)
	}
	w.run(w.now + hours*3600*second)
	bound := 0
	for _, s := range w.sides {
		for _, c := range s.link.channels {
			most := 4
			if c.fast() {
				most += 2 * int(hours*time.Hour/s.cfg.CheckEvery)
			}
			bound += 8 * most
			if s.sends[c.Name] > most {
				w.t.Errorf("an idle channel %s carried %d frames of side %d in %d hours, more than %d\n%s", c.Name, s.sends[c.Name], s.id, hours, most, w.newest())
			}
		}
	}
	if w.steps-steps > bound {
		w.t.Errorf("%d steps in %d idle hours, more than %d", w.steps-steps, hours, bound)
	}
}

// memory says what a link holds, for the report of a failure.
func (s *side) memory() (m string) {
	for p := range s.link.windows {
		w := &s.link.windows[p]
		m += fmt.Sprintf("window %d: live %d after %d highest %d beyond %v loading %v:", p, w.live, w.after, w.highest, w.beyond, w.loading)
		for _, it := range w.items {
			m += fmt.Sprintf(" %d(held %v %+v)", it.Number, it.held, it.copies)
		}
		m += "\n"
	}
	return m
}
