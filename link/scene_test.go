package link

import (
	"fmt"
	"testing"
	"time"

	"parley"
)

// scene is a world without mishaps, for one thing to be looked at.
func scene(t *testing.T, cfg Config, routes ...*route) *world {
	w := newWorld(t, 1)
	w.calm = true
	for i, r := range routes {
		r.w, r.Name = w, string(rune('a'+i))
		if r.Class == 0 {
			r.Class = Fast
		}
		w.lines = append(w.lines, r)
		cfg.Channels = append(cfg.Channels, r.Channel)
		if r.Class == Carried {
			for from := range w.sides {
				w.in(r.every, func() { r.carry(from) })
			}
		}
	}
	if cfg.Window == 0 {
		cfg.Window = 512
	}
	for i := range w.sides {
		w.sides[i] = newSide(w, i, cfg)
	}
	for _, s := range w.sides {
		s.boot()
	}
	w.run(w.now + 10*second)
	return w
}

// until runs the world until it is so, and says how long that took.
func (w *world) until(what string, limit parley.Time, so func() bool) parley.Time {
	from := w.now
	for !so() {
		if w.now >= from+limit {
			w.t.Fatalf("not %s after %d s:\n%s\n%s", what, limit/second, w.sides[0].memory(), w.newest())
		}
		w.run(w.now + 10)
	}
	return w.now - from
}

func many(n, bytes int, p parley.Precedence) []Queued {
	entries := make([]Queued, n)
	for i := range entries {
		entries[i] = Queued{Precedence: p, Bytes: bytes}
	}
	return entries
}

func (s *side) proves(n uint64) bool { return s.disk.proved >= n || s.disk.singly[n] }

// TestFlashOvertakesRoutine: five minutes of Routine wait for a slow channel, and a Flash is receipted in seconds (R8).
func TestFlashOvertakesRoutine(t *testing.T) {
	w := scene(t, Config{}, &route{Channel: Channel{Narrow: true}, rate: 1000, delay: 200})
	north := w.sides[0]
	north.commit(many(300, 1000, parley.Routine)...)
	w.run(w.now + 30*second)
	north.commit(Queued{Precedence: parley.Flash, Bytes: 500})
	w.until("receipted", 10*second, func() bool { return north.proves(301) })
	if north.disk.proved > 100 {
		t.Fatalf("%d of the Routine were receipted first: the channel was not slow enough for this test", north.disk.proved)
	}
	w.until("all proved", 3600*second, north.settled)
	w.judge()
}

// TestFlashSkipsTheWindow: a window full of Routine that nothing proves does not keep a Flash from memory.
func TestFlashSkipsTheWindow(t *testing.T) {
	s := opened(t, Config{Window: 4, Channels: []Channel{{Name: "a", Class: Fast}}}, Start{})
	for n := range uint64(20) {
		s.step(Committed{[]Queued{{n + 1, parley.Routine, 100}}})
	}
	s.step(Committed{[]Queued{{21, parley.Flash, 100}}})
	if f := s.sends(); len(f) != 1 || f[0].Urgency != 0 || f[0].Entries[0] != 21 {
		t.Fatalf("sent %+v, want the Flash alone and first", f)
	}
}

// TestCutIsNoticedToBeOver: after 20 s without a channel everything is proved soon after it is back, whether or not the
// couriers noticed the cut.
func TestCutIsNoticedToBeOver(t *testing.T) {
	for _, told := range []bool{true, false} {
		t.Run(fmt.Sprintf("told=%v", told), func(t *testing.T) {
			r := &route{delay: 30}
			w := scene(t, Config{}, r)
			north, south := w.sides[0], w.sides[1]
			r.cut, r.told = true, told
			for _, s := range w.sides {
				s.courier(r)
			}
			north.commit(many(40, 500, parley.Priority)...)
			south.commit(many(3, 500, parley.Flash)...)
			w.run(w.now + 20*second)
			r.cut = false
			limit := 6 * second
			if told {
				limit = second
				for _, s := range w.sides {
					s.courier(r)
				}
			}
			took := w.until("proved", limit, func() bool { return north.settled() && south.settled() })
			t.Logf("proved %d ms after the cut", took)
			w.judge()
		})
	}
}

// TestBacklogBeyondMemory: ten windows of entries, a restart in the middle, and one checkpoint above all of them.
func TestBacklogBeyondMemory(t *testing.T) {
	w := scene(t, Config{Window: 50}, &route{delay: 40, jitter: 20, loss: 0.05})
	north := w.sides[0]
	for p := parley.Flash; p <= parley.Routine; p++ {
		north.commit(many(500, 900, p)...)
	}
	w.run(w.now + 2*second)
	north.link = nil
	north.boot()
	w.until("all proved", 600*second, north.settled)
	if north.peak > 4*50 {
		t.Errorf("%d entries were in memory, more than four windows", north.peak)
	}
	w.judge()
}

// TestPouchAlone: the whole exchange by pouch, in both directions.
func TestPouchAlone(t *testing.T) {
	w := scene(t, Config{}, &route{Channel: Channel{Class: Carried}, every: 24 * 3600 * second, delay: 3600 * second})
	for _, s := range w.sides {
		for p := parley.Flash; p <= parley.Routine; p++ {
			s.commit(many(10, 900, p)...)
		}
	}
	w.until("proved", 10*24*3600*second, func() bool { return w.sides[0].settled() && w.sides[1].settled() })
	w.judge()
}

// TestLostKeys: a side that has lost what the other opened has everything sent again under a new epoch.
func TestLostKeys(t *testing.T) {
	w := scene(t, Config{}, &route{delay: 20})
	north, south := w.sides[0], w.sides[1]
	north.commit(many(5, 500, parley.Routine)...)
	w.until("proved", 10*second, north.settled)
	clear(south.disk.theirs)
	clear(north.disk.theirs)
	north.commit(many(5, 500, parley.Routine)...)
	w.until("proved under another epoch", 20*second, north.settled)
	if north.disk.opened < 2 {
		t.Fatalf("north opened %d epochs", north.disk.opened)
	}
	w.judge()
}

// TestRotation: epochs are replaced by count and by age, and each is closed once its entries are receipted.
func TestRotation(t *testing.T) {
	w := scene(t, Config{EpochEntries: 10, EpochLinger: time.Second}, &route{delay: 20})
	north := w.sides[0]
	for range 10 {
		north.commit(many(10, 500, parley.Routine)...)
		w.until("proved", 10*second, north.settled)
	}
	w.run(w.now + 3*3600*second)
	// What is committed while a new epoch is made durable goes under the old one, without waiting.
	if north.disk.opened < 8 {
		t.Errorf("north opened %d epochs for 100 entries and 3 hours, want about one for each 10 and each hour", north.disk.opened)
	}
	if len(north.disk.mine) > 2 {
		t.Errorf("%d epochs are open, want the last and perhaps the one before", len(north.disk.mine))
	}
}

// TestNextChannelWhenLate: what one channel swallows goes over the other, and the order of preference follows.
func TestNextChannelWhenLate(t *testing.T) {
	hole := &route{delay: 5}
	w := scene(t, Config{}, hole, &route{delay: 200})
	hole.loss = 1
	north := w.sides[0]
	north.commit(many(5, 500, parley.Routine)...)
	w.until("proved by the other", 5*second, north.settled)
	clear(north.sends)
	north.commit(many(5, 500, parley.Routine)...)
	w.until("proved by the other again", second, north.settled)
	if north.sends["a"] > 1 {
		t.Errorf("%d frames went into the hole that was known", north.sends["a"])
	}
}

// TestLostProof: a side that has lost the proof of what it sent gets it again.
func TestLostProof(t *testing.T) {
	w := scene(t, Config{}, &route{delay: 20})
	north, south := w.sides[0], w.sides[1]
	north.commit(many(20, 500, parley.Routine)...)
	w.until("held", 10*second, func() bool { return south.disk.size == 20 })
	north.crash()
	north.disk.proved, south.disk.cosigned = 0, 0
	w.until("proved again", 120*second, north.settled)
	w.judge()
}
