package link

import (
	"parley"
)

// maxEntries bounds the entries of one frame, below what a bundle may hold (spec/ENVELOPE.md §6).
const maxEntries = 256

// dispatch lets leave what is due, most urgent first. It looks only at the precedences where something may be.
func (l *Link) dispatch() {
	if !l.epochs.usable() {
		return
	}
	var fast []*channel
	last := make([]int, len(l.channels)) // last is where in out each channel's last frame is, plus one.
	for p := parley.Flash; p <= parley.Routine; p++ {
		items := l.ready(&l.windows[p])
		if len(items) == 0 {
			continue
		}
		if fast == nil {
			fast = l.ranked()
		}
		for _, it := range items {
			if !it.gone {
				l.choose(it, fast)
			}
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

// ready returns the items of a window that may leave: all of them when something happened to them, or is due, and else
// those that are new. What is late is out of the air before anything takes its room.
func (l *Link) ready(w *window) []*item {
	fresh := w.fresh
	w.fresh = 0
	if !w.stale && (w.due == 0 || l.now < w.due) {
		return w.items[len(w.items)-fresh:]
	}
	w.stale, w.due = false, 0
	for _, it := range w.items {
		if !it.gone {
			l.expire(it)
		}
	}
	for _, c := range l.channels {
		c.full[w.precedence] = false
	}
	return w.items
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
	return c.full == [parley.Routine + 1]bool{}
}

// emit adds what every frame carries.
func (l *Link) emit(c *channel, s Send) {
	s.Channel = c.Name
	l.stamp(c, &s)
	l.out = append(l.out, s)
}
