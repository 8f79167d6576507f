package link

import (
	"parley"
)

// maxEntries bounds the entries of one frame, below what a bundle may hold (spec/ENVELOPE.md §3).
const maxEntries = 256

// dispatch lets leave what is due, most urgent first.
func (l *Link) dispatch() {
	if !l.epochs.usable() || !l.stale && (l.due == 0 || l.now < l.due) {
		return
	}
	l.stale, l.due = false, 0
	for _, c := range l.channels {
		c.full = false
	}
	for p := range l.windows {
		l.windows[p].sweep()
		for _, it := range l.windows[p].items {
			l.expire(it)
		}
	}
	fast := l.ranked()
	last := make([]int, len(l.channels)) // last is where in out each channel's last frame is, plus one.
	for p := parley.Flash; p <= parley.Routine; p++ {
		for _, it := range l.windows[p].items {
			l.choose(it, fast)
		}
		for _, c := range l.channels {
			for len(c.batch) > 0 {
				l.cut(c, p)
				last[c.index] = len(l.out)
			}
		}
	}
	for i, at := range last {
		if at > 0 && l.drained(l.channels[i]) {
			s := l.out[at-1].(Send)
			s.Checkpoint = true
			l.out[at-1] = s
		}
	}
}

// cut makes one frame of the head of a channel's batch.
func (l *Link) cut(c *channel, p parley.Precedence) {
	limit := l.cfg.FrameBytes
	if c.Narrow {
		limit = l.cfg.NarrowBytes
	}
	s := Send{Urgency: int(p - 1), Checkpoint: !c.Narrow}
	size := 0
	for _, it := range c.batch {
		if len(s.Entries) == maxEntries || len(s.Entries) > 0 && size+it.Bytes > limit {
			break
		}
		size += it.Bytes
		s.Entries = append(s.Entries, it.Number)
	}
	c.batch = c.batch[len(s.Entries):]
	if len(c.batch) == 0 {
		c.batch = nil
	}
	l.emit(c, s)
}

// drained reports whether nothing more waits to leave by c.
func (l *Link) drained(c *channel) bool {
	for p := range l.windows {
		if l.windows[p].beyond {
			return false
		}
	}
	return !c.full
}

// emit adds what every frame carries.
func (l *Link) emit(c *channel, s Send) {
	s.Channel = c.Name
	l.epochs.stamp(c, &s)
	l.out = append(l.out, s)
}
