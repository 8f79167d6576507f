package station

import (
	"slices"
	"sync/atomic"

	"parley"
)

// laneInputs bounds what waits in one lane of an inbox.
const laneInputs = 128

// turnFrames and turnBytes bound what one turn takes in, so that an answer is
// never long in coming: a peer that fills every frame cannot make a turn last.
const (
	turnFrames = 128
	turnBytes  = 32 << 10
)

// shortFrame is the size up to which a frame is short: answers, a Flash and
// line checks are; a full frame of Routine is not.
const shortFrame = 8 << 10

// inbox is what waits for a line: a lane for what its own people and channels
// say, which goes first, and one for the frames of each channel, which take
// turns, short frames before long ones. So a channel that is flooded delays
// the others by one frame of its own for each of theirs, and delays no release
// at all; and a long frame is left in the middle when something presses.
type inbox struct {
	own    chan input
	urgent atomic.Int64 // releases of Flash and Immediate in own
	frames []*lane      // in the order of the line's routes
	lane   map[string]*lane
	filled chan struct{} // holds a token when there may be something
	next   int           // the lane of frames that is first to be asked
}

// lane is what waits of the frames of one channel, in the order in which they came.
type lane struct {
	in    chan input
	short atomic.Int64 // short frames, in and head together
	head  []frameInput // taken out of in, and by no turn, or not wholly; of the line's goroutine
}

func newInbox(routes []Route) *inbox {
	b := &inbox{own: make(chan input, laneInputs), lane: map[string]*lane{}, filled: make(chan struct{}, 1)}
	for _, r := range routes {
		l := &lane{in: make(chan input, laneInputs)}
		b.frames = append(b.frames, l)
		b.lane[r.Channel.Name()] = l
	}
	return b
}

// of returns the lane for an input, and the count, if any, of the like of it.
func (b *inbox) of(in input) (chan<- input, *atomic.Int64) {
	switch in := in.(type) {
	case frameInput:
		l := b.lane[in.Channel]
		if in.short() {
			return l.in, &l.short
		}
		return l.in, nil
	case releaseInput:
		if in.urgent() {
			return b.own, &b.urgent
		}
	}
	return b.own, nil
}

func (in frameInput) short() bool    { return len(in.Frame) <= shortFrame }
func (in releaseInput) urgent() bool { return in.released.Content().Precedence <= parley.Immediate }

// ring says that something was put into a lane.
func (b *inbox) ring() {
	select {
	case b.filled <- struct{}{}:
	default:
	}
}

// take joins to the turn what waits, as far as the turn's bounds allow, and
// reports whether anything did.
func (b *inbox) take(t *turn) (some bool) {
	for range len(b.own) {
		in := <-b.own
		if r, ok := in.(releaseInput); ok && r.urgent() {
			b.urgent.Add(-1)
			t.pressed = true
		}
		in.join(t)
		some = true
	}
	short := b.rotate(t, true)
	var quick []string
	for _, f := range t.frames {
		quick = append(quick, f.Channel)
	}
	long := b.rotate(t, false)
	for _, f := range t.frames[len(quick):] {
		if slices.ContainsFunc(quick, func(c string) bool { return c != f.Channel }) {
			t.pressed = true
		}
	}
	return some || short || long
}

// rotate joins frames to the turn, one of each lane in turn: only short ones,
// while they are the first of their lane, or any.
func (b *inbox) rotate(t *turn, short bool) (some bool) {
	for idle := 0; idle < len(b.frames); {
		if len(t.frames) >= turnFrames || t.bytes >= turnBytes {
			b.ring() // there may be more
			break
		}
		lane := b.frames[b.next]
		b.next = (b.next + 1) % len(b.frames)
		if !lane.first(t, short) {
			idle++
			continue
		}
		some, idle = true, 0
	}
	return some
}

// first joins the first frame of a lane to the turn; only a short one, if short
// is set.
func (l *lane) first(t *turn, short bool) bool {
	if len(l.head) == 0 {
		select {
		case in := <-l.in:
			l.head = append(l.head, in.(frameInput))
		default:
			return false
		}
	}
	in := l.head[0]
	if short && !in.short() {
		return false
	}
	l.head = slices.Delete(l.head, 0, 1)
	if in.short() {
		l.short.Add(-1)
	}
	in.join(t)
	return true
}

// back puts back what a turn did not take, or not wholly, to be taken next.
func (b *inbox) back(frames []frameInput) {
	for _, f := range slices.Backward(frames) {
		l := b.lane[f.Channel]
		l.head = slices.Insert(l.head, 0, f)
		if f.short() {
			l.short.Add(1)
		}
	}
	if len(frames) > 0 {
		b.ring()
	}
}

// presses reports whether something waits that should not wait for the rest of
// a turn: a release of Flash or Immediate, or a short frame that came by a
// channel of which the turn has nothing.
func (b *inbox) presses(t *turn) bool {
	if b.urgent.Load() > 0 {
		return true
	}
	for name, l := range b.lane {
		if l.short.Load() > 0 && !slices.ContainsFunc(t.frames, func(f frameInput) bool { return f.Channel == name }) {
			return true
		}
	}
	return false
}

// waiting is how many inputs wait.
func (b *inbox) waiting() int {
	n := len(b.own)
	for _, l := range b.frames {
		n += len(l.in) + len(l.head)
	}
	return n
}

// drop answers everything that waits with err.
func (b *inbox) drop(err error) {
	for len(b.own) > 0 {
		(<-b.own).drop(err)
	}
	for _, l := range b.frames {
		for len(l.in) > 0 {
			(<-l.in).drop(err)
		}
	}
}
