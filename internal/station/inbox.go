package station

// laneInputs bounds what waits in one lane of an inbox.
const laneInputs = 128

// turnFrames and turnBytes bound what one turn takes in, so that an answer is
// never long in coming: a peer that fills every frame cannot make a turn last.
const (
	turnFrames = 128
	turnBytes  = 32 << 10
)

// inbox is what waits for a line: a lane for what its own people and channels
// say, which goes first, and one for the frames of each channel, which take
// turns. So a channel that is flooded delays the others by one frame of its
// own for each of theirs, and delays no release at all.
type inbox struct {
	own    chan input
	frames []chan input // in the order of the line's routes
	lane   map[string]chan input
	filled chan struct{} // holds a token when there may be something
	next   int           // the lane of frames that is first to be asked
}

func newInbox(routes []Route) *inbox {
	b := &inbox{own: make(chan input, laneInputs), lane: map[string]chan input{}, filled: make(chan struct{}, 1)}
	for _, r := range routes {
		lane := make(chan input, laneInputs)
		b.frames = append(b.frames, lane)
		b.lane[r.Channel.Name()] = lane
	}
	return b
}

// of returns the lane for an input.
func (b *inbox) of(in input) chan<- input {
	if f, ok := in.(frameInput); ok {
		return b.lane[f.Channel]
	}
	return b.own
}

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
		(<-b.own).join(t)
		some = true
	}
	for idle := 0; idle < len(b.frames); {
		if len(t.frames) >= turnFrames || t.bytes >= turnBytes {
			b.ring() // there may be more
			break
		}
		lane := b.frames[b.next]
		b.next = (b.next + 1) % len(b.frames)
		select {
		case in := <-lane:
			in.join(t)
			some, idle = true, 0
		default:
			idle++
		}
	}
	return some
}

// waiting is how many inputs wait.
func (b *inbox) waiting() int {
	n := len(b.own)
	for _, lane := range b.frames {
		n += len(lane)
	}
	return n
}

// drop answers everything that waits with err.
func (b *inbox) drop(err error) {
	for _, lane := range append([]chan input{b.own}, b.frames...) {
		for len(lane) > 0 {
			(<-lane).drop(err)
		}
	}
}
