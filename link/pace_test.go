package link

import (
	"testing"

	"parley"
)

// passed returns how many bytes a second of a backlog of north reach the other side.
func (w *world) passed(bytes int, d parley.Time) int {
	south := w.sides[1]
	before := south.disk.size
	w.run(w.now + d)
	return int(south.disk.size-before) * bytes * 1000 / int(d)
}

// TestPaceOnLongRoutes: what is in flight of Routine is enough to fill a route by satellite, and one that becomes twice
// as long while it is full.
func TestPaceOnLongRoutes(t *testing.T) {
	const bytes = 4000
	r := &route{delay: 300, rate: 125_000, fifo: true}
	w := scene(t, Config{}, r)
	w.sides[0].commit(many(8000, bytes, parley.Routine)...)
	w.run(w.now + 30*second)
	if got := w.passed(bytes, 60*second); got < 100_000 {
		t.Errorf("%d bytes a second pass, of %d", got, r.rate)
	}
	r.delay *= 2
	w.run(w.now + 60*second)
	if got := w.passed(bytes, 60*second); got < 100_000 {
		t.Errorf("%d bytes a second pass a minute after the route became longer, of %d", got, r.rate)
	}
}

// TestPaceAtALoss: what is sent again is not timed by the answer to a copy before it, which would be taken for the time
// of a route without a queue.
func TestPaceAtALoss(t *testing.T) {
	r := &route{delay: 50, rate: 250_000, fifo: true, loss: 0.3}
	w := scene(t, Config{}, r)
	north := w.sides[0]
	north.commit(many(4000, 4000, parley.Routine)...)
	for range 60 {
		w.run(w.now + second)
		if c := north.link.channels[0]; c.entries.n > 0 && c.unloaded(1<<30) < 2*r.delay {
			t.Fatalf("a receipt is said to take %d ms, and there and back are %d", c.unloaded(1<<30), 2*r.delay)
		}
	}
}

// TestModem: a backlog passes a modem of 2400 baud, whatever it loses: what is asked over it, with openings that take
// six seconds each, does not fill it.
func TestModem(t *testing.T) {
	for _, c := range []struct {
		loss  float64
		least uint64 // entries in ten minutes
	}{{0, 200}, {0.3, 30}} {
		r := &route{Channel: Channel{Narrow: true}, delay: 200, rate: 240, loss: c.loss}
		w := scene(t, Config{}, r)
		w.sides[0].commit(many(1000, 300, parley.Routine)...)
		w.run(w.now + 600*second)
		if held := w.sides[1].disk.size; held < c.least {
			t.Errorf("with %v lost, %d entries came in ten minutes, want %d", c.loss, held, c.least)
		}
	}
}
