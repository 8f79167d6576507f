package link

import (
	"testing"

	"parley"
)

// TestDisbelievedRun: a run of entries that are not believed costs no more frames than one that is, and a refusal leaves
// once, unless it was lost.
func TestDisbelievedRun(t *testing.T) {
	const entries = 200
	for _, c := range []struct {
		name  string
		route route
		every parley.Time // between two entries, in milliseconds; 0: all at once
	}{
		{"at once", route{delay: 30}, 0},
		{"one by one", route{delay: 30}, 20},
		{"slowly", route{delay: 30}, 400},
		{"far away", route{delay: 300}, 20},
		{"narrow", route{Channel: Channel{Narrow: true}, rate: 1000, delay: 200}, 2000},
	} {
		t.Run(c.name, func(t *testing.T) {
			var frames [2][2]int // of each side, where it is believed, and where not
			var took parley.Time
			for i, disbelieves := range []bool{false, true} {
				r := c.route
				w := scene(t, Config{}, &r)
				north, south := w.sides[0], w.sides[1]
				south.disbelieves = disbelieves
				before := [2]int{north.sends["a"], south.sends["a"]}
				from := w.now
				for range entries {
					north.commit(Queued{Precedence: parley.Routine, Bytes: 300})
					w.run(w.now + c.every)
				}
				w.until("proved", 600*second, func() bool {
					return north.settled() && (!disbelieves || len(north.disk.received) == entries)
				})
				took = w.now - from
				frames[i] = [2]int{north.sends["a"] - before[0], south.sends["a"] - before[1]}
				w.judge()
			}
			t.Logf("believed: %d frames there, %d back; not: %d and %d, in %d s", frames[0][0], frames[0][1], frames[1][0], frames[1][1], took/second)
			reports := int(took/(&channel{Channel: c.route.Channel}).disputeReport()) + 2*entries/refusalsInFrame + 2
			for side := range 2 {
				if got, most := frames[1][side], frames[0][side]+reports; got > most {
					t.Errorf("side %d sent %d frames, more than %d", side, got, most)
				}
			}
		})
	}
}
