package link

import "parley"

// What is in flight waits somewhere: in the courier, in the buffers of the route, in the peer's turns; and what is more
// urgent and comes after it waits behind it. So Priority and Routine are bounded by time as well as by bytes: of each, as
// much is in flight on a channel as passes it in its unloaded time and a little more, so that it is never idle and never
// has a queue to speak of. RFC 6817 (LEDBAT) does so for the same reason.
const (
	standing   = 20       // standing is how long the queue that is aimed at takes to pass, in milliseconds, or a quarter of the unloaded time.
	paceStart  = 32 << 10 // paceStart is how many bytes a wide channel is allowed before it was measured (a narrow one two frames),
	paceLeast  = 16 << 10 // paceLeast how many at least afterwards, however long its receipts take.
	paceRecent = 8        // paceRecent is how many line checks back the unloaded time is looked for.
	paceDoubt  = 8        // paceDoubt is how many times in a row may be too long with the least in flight before the route is taken for another.
)

// pace is what a channel is allowed in flight of Priority, and of Routine.
type pace struct {
	allowed int
	short   bool // short: something waited for it since the last timed entry.
	longer  int  // longer: so many times in a row were too long though the least was in flight.

	entriesFrom, tripsFrom int // entriesFrom and tripsFrom are the first times that are of the present route.
}

// allowance is how many bytes of a precedence may be in flight on a channel.
func (l *Link) allowance(c *channel, p parley.Precedence) int {
	limit := l.cfg.InFlight
	if c.Narrow {
		limit = l.cfg.NarrowFlight
	}
	if p <= parley.Immediate {
		return limit
	}
	if c.allowed == 0 {
		c.allowed = paceStart
		if c.Narrow {
			c.allowed = 2 * l.cfg.NarrowBytes
		}
	}
	return min(limit, max(c.allowed, l.paceLeast(c)))
}

func (l *Link) paceLeast(c *channel) int {
	if c.Narrow {
		return l.cfg.NarrowBytes
	}
	return paceLeast
}

// paced takes the time of a timed entry: in a channel that was kept full it is the bytes in flight over the rate at
// which they pass, so that to scale the one by the other leads to the time aimed at, at once where the rate is steady.
func (l *Link) paced(c *channel, d parley.Time) {
	allowed := l.allowance(c, parley.Routine)
	least := c.unloaded(d)
	want := int(uint64(allowed) * uint64(least+max(standing, least/4)) / uint64(max(d, 1)))
	if want >= allowed || allowed > l.paceLeast(c) {
		c.longer = 0
	} else if c.longer++; c.longer >= paceDoubt {
		// It is not the queue that takes the time: the route has become longer.
		c.longer, c.entriesFrom, c.tripsFrom = 0, c.entries.n-paceDoubt+1, c.trips.n
	}
	if want > allowed && !c.short {
		return // It was never full: nothing is known of what more would do.
	}
	c.short = false
	c.allowed = max(l.paceLeast(c), min(max(want, allowed/2), allowed+allowed/2, max(l.cfg.InFlight, l.cfg.NarrowFlight)))
}

// unloaded is the least time to a receipt that was seen lately on the present route, d among them.
func (c *channel) unloaded(d parley.Time) parley.Time {
	d = c.entries.leastFrom(d, max(c.entriesFrom, c.entries.n-timesKept))
	return c.trips.leastFrom(d, max(c.tripsFrom, c.trips.n-paceRecent))
}
