package link

import (
	"slices"

	"parley"
)

// item is one entry of ours in memory: committed and not proved.
type item struct {
	Queued
	since  parley.Time    // since is when it came into memory.
	first  parley.EpochID // first is the epoch it was first sent under; zero before.
	under  parley.EpochID // under is the epoch it was last sent under.
	held   bool           // held: the peer's newest report says that it holds it.
	gone   bool           // gone: it needs no place in memory, and waits to be swept from its window.
	asked  *channel       // asked is where a report missed it, until it is sent there.
	copies []copied       // copies, one for each channel.
}

// copied is what became of one item on one channel since the channel came up.
type copied struct {
	at     parley.Time // at is when the newest copy left; 0 for never.
	hedge  parley.Time // hedge is when its receipt is later than the channel's distribution lets expect.
	due    parley.Time // due is when its receipt is late.
	tries  int
	flying bool // flying: it counts as in flight.
}

// window holds the lowest entries of one precedence that are to be sent, ascending.
type window struct {
	precedence parley.Precedence
	items      []*item
	live       int    // live is how many of items are not gone.
	after      uint64 // after: entries up to here are in items, or need no place there.
	highest    uint64 // highest: there is none known above.
	beyond     bool   // beyond: there may be entries in (after, highest].
	loading    bool
	loadAt     parley.Time // loadAt is when Load was asked last.
	asked      uint64      // asked is highest as it was when Load was asked first.
	again      bool        // again: the answer to Load is of no use any more.

	fresh int         // fresh is how many of the last items were never looked at.
	stale bool        // stale: something happened that may let any entry leave.
	due   parley.Time // due is when the next entry may leave if nothing happens.
}

// sweep drops what is gone.
func (w *window) sweep() {
	if w.live == len(w.items) {
		return
	}
	w.items = slices.DeleteFunc(w.items, func(it *item) bool { return it.gone })
	if w.fresh > 0 {
		w.fresh, w.stale = 0, true // Which are the new ones is not known any more.
	}
}

// lane is the window an entry waits in; what has no precedence of this version waits with Routine.
func (l *Link) lane(p parley.Precedence) *window {
	if !p.Valid() {
		p = parley.Routine
	}
	return &l.windows[p]
}

func (l *Link) committed(entries []Queued) {
	for _, q := range entries {
		if q.Number <= l.own {
			continue
		}
		l.own = q.Number
		w := l.lane(q.Precedence)
		w.highest = q.Number
		if w.beyond || w.loading || w.live >= l.cfg.Window {
			w.beyond = true
			continue
		}
		l.hold(w, q)
	}
}

func (l *Link) hold(w *window, q Queued) {
	q.Precedence = w.precedence
	it := &item{Queued: q, since: l.now, copies: make([]copied, len(l.channels))}
	w.items = append(w.items, it)
	w.live++
	w.after = q.Number
	l.items[q.Number] = it
	w.fresh++
}

func (l *Link) loaded(e Loaded) {
	w := l.lane(e.Precedence)
	if !w.loading {
		return
	}
	w.loading = false
	if w.again {
		w.again = false
		return
	}
	for _, q := range e.Entries {
		switch {
		case q.Number <= max(w.after, l.proved):
		case q.Number <= l.held && w.precedence != parley.Flash:
			w.after = q.Number
		default:
			l.hold(w, q)
		}
	}
	if !e.More {
		// The answer is complete up to what there was when it was asked for.
		w.after = max(w.after, w.asked)
	}
	w.beyond = e.More || w.highest > w.after
}

// askAgain is when a Load or a NewEpoch that was not answered is asked again, in milliseconds: the disk may have been
// full, or the peer's prekeys not there yet.
const askAgain = 30_000

// refill makes room in memory, and asks for what is on disk.
func (l *Link) refill() {
	for p := parley.Flash; p <= parley.Routine; p++ {
		w := &l.windows[p]
		w.sweep()
		w.after = max(w.after, l.proved)
		if w.highest <= w.after {
			w.beyond = false
		}
		switch {
		case w.beyond && !w.loading && w.live <= l.cfg.Window/2:
			w.loading, w.asked = true, w.highest
		case !w.loading || l.now < w.loadAt+askAgain:
			continue
		}
		w.loadAt = l.now
		l.out = append(l.out, Load{Precedence: p, After: w.after, Limit: l.cfg.Window - w.live})
	}
}

func (l *Link) provedTo(size uint64) {
	size = min(size, l.own)
	if size <= l.proved {
		return
	}
	l.proved = size
	for p := range l.windows {
		for _, it := range l.windows[p].items {
			if it.Number > size {
				break
			}
			l.release(it)
		}
	}
	l.nudge = nudge{}
}

func (l *Link) provedOne(number uint64) {
	if it := l.items[number]; it != nil {
		l.release(it)
	}
}

// release takes an item out of memory.
func (l *Link) release(it *item) {
	if it.gone {
		return
	}
	l.epochSeen(it)
	l.landed(it)
	it.gone = true
	l.lane(it.Precedence).live--
	delete(l.items, it.Number)
}

// landed takes all copies of an item out of the air that the peer has.
func (l *Link) landed(it *item) {
	for i, c := range l.channels {
		if it.copies[i].flying {
			c.got += uint64(it.Bytes)
		}
	}
	l.land(it)
}

// land takes all copies of an item out of the air.
func (l *Link) land(it *item) {
	for i, c := range l.channels {
		l.landOn(c, it, &it.copies[i])
	}
}

func (l *Link) landOn(c *channel, it *item, cp *copied) {
	if cp.flying {
		cp.flying = false
		c.flying[it.Precedence] -= it.Bytes
		l.lane(it.Precedence).stale = true
	}
}
