package courier

// Urgencies is how many urgencies there are: 0, the most urgent, to Urgencies-1.
const Urgencies = 4

// queue holds the frames that wait for one channel, in one lane for each urgency. The bounds are each lane's own, so
// that no number of less urgent frames takes the room of an urgent one.
type queue struct {
	maxFrames int
	maxBytes  int
	lanes     [Urgencies]lane
}

type lane struct {
	frames [][]byte
	bytes  int
}

// push reports whether there was room.
func (q *queue) push(urgency int, frame []byte) bool {
	l := &q.lanes[urgency]
	if len(l.frames) >= q.maxFrames || l.bytes+len(frame) > q.maxBytes {
		return false
	}
	l.frames = append(l.frames, frame)
	l.bytes += len(frame)
	return true
}

// pop appends to batch the frames that go next: the most urgent first, within an urgency the oldest first, and no more
// than fit in the bounds. The first always fits.
func (q *queue) pop(batch [][]byte, maxFrames, maxBytes int) [][]byte {
	size := 0
	for i := range q.lanes {
		l := &q.lanes[i]
		for len(l.frames) > 0 {
			frame := l.frames[0]
			if len(batch) > 0 && (len(batch) >= maxFrames || size+len(frame) > maxBytes) {
				return batch
			}
			l.frames[0] = nil
			l.frames = l.frames[1:]
			l.bytes -= len(frame)
			batch = append(batch, frame)
			size += len(frame)
		}
		l.frames = nil
	}
	return batch
}

// waiting is the number of frames in the queue.
func (q *queue) waiting() int {
	n := 0
	for i := range q.lanes {
		n += len(q.lanes[i].frames)
	}
	return n
}
