package station

import "parley/wire"

// biteLeast is how many parts of long frames a turn takes in any case: however
// much presses, all of them have their turn.
const biteLeast = 8

// judged reports whether a part is one of those that judge looks at.
func judged(p wire.Part) bool { return p.Type == wire.PartEntry || p.Type == wire.PartCheckpoint }

// least is how many parts a turn takes in any case: those of the short frames,
// which come first, and a bite of the first long one.
func (t *turn) least(got []delivery) (n int) {
	for _, d := range got {
		if !t.frames[d.frame].short() {
			break
		}
		n += len(d.parts)
	}
	return min(n, biteLeast) + biteLeast
}

// presses reports whether the turn is to end soon, and leave what it can.
func (t *turn) presses() bool { return t.pressed || t.l.inbox.presses(t) }

// deliver takes the parts of all deliveries; or those up to where something
// pressed, and leaves the rest to the next turn.
func (t *turn) deliver(got []delivery, v verdicts) {
	least := t.least(got)
	taken := 0
	for i, d := range got {
		whole := true
		for j, p := range d.parts {
			if taken >= v.until || taken >= least && !judged(p) && t.presses() {
				t.leave(got[i:], j)
				return
			}
			v.place = taken
			taken++
			if err := t.part(d.channel, p, v); err != nil {
				t.refuseFrame(d.channel, err)
				whole = false
			}
		}
		if whole {
			t.after(func() { delete(t.l.conduct.noise, d.channel) })
		}
	}
}

// leave leaves the first of some deliveries to the next turn, but for the parts
// of it that were taken, and all of the others.
func (t *turn) leave(got []delivery, taken int) {
	t.left = map[int]int{}
	for _, d := range got {
		t.left[d.frame] = t.frames[d.frame].taken + taken
		taken = 0
	}
}

// urgentFor is how long after a release of Flash or Immediate its receipt is
// taken to be on its way, in milliseconds.
const urgentFor = 1000

// sparedCores is how many cores the verification of a turn leaves alone: one
// while a receipt of something urgent is on its way, since what carries it would
// find none, and Go looks at its sockets every 10 ms only when all are busy.
func (t *turn) sparedCores() int {
	if t.now < t.l.urgent && t.now+urgentFor >= t.l.urgent {
		return 1
	}
	return 0
}
