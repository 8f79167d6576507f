package link

import (
	"slices"
	"time"

	"parley"
)

// What is known of a channel is measured, and nothing else chooses among channels: how long a receipt takes by it, how
// many of its probes were lost, how much it was seen to pass, and whether a question and its answer went round since it
// came up. Probes are line checks, which every channel has, and one entry at a time that went over this channel alone,
// so that no other channel's speed is taken for this one's.
const (
	timesKept = 128 // timesKept is how many of the newest times a channel's distribution is made of.
	enough    = 16  // enough entries were timed: their distribution says when the next receipt is late.
	probes    = 64  // probes is how many of the newest probes the loss is a share of.
	doubt     = 8   // doubt is how many answered probes stand beside the measured ones: one lost of two says little.
	patient   = 4   // patient is how many times a prediction is doubled at most while every timed entry is late.
)

// times are the newest times of one kind on one channel, in milliseconds.
type times struct {
	ring     [timesKept]uint32
	n        int // n is how many were ever taken.
	p50, p99 parley.Time
}

func (t *times) add(d parley.Time) {
	t.ring[t.n%timesKept] = uint32(min(d, 1<<31))
	t.n++
	sorted := t.ring
	kept := sorted[:min(t.n, timesKept)]
	slices.Sort(kept)
	t.p50, t.p99 = parley.Time(kept[(len(kept)-1)/2]), parley.Time(kept[(len(kept)*99+99)/100-1])
}

// leastFrom returns the least of d and the times from the one at index from, of those kept.
func (t *times) leastFrom(d parley.Time, from int) parley.Time {
	for i := max(0, from); i < t.n; i++ {
		d = min(d, parley.Time(t.ring[i%timesKept]))
	}
	return d
}

// measure is what was measured of a channel.
type measure struct {
	entries, trips times // entries are from sending to receipt, trips those of line checks.

	// smooth and spread are the estimate of RFC 6298 over both, which a sudden change moves at once.
	smooth, spread parley.Time

	newest [5]parley.Time // newest are the latest times of both kinds, and recent is their median.
	recent parley.Time

	timing    uint64 // timing is the entry that is being timed; 0 for none. It may be proved by another channel meanwhile.
	timingAt  parley.Time
	timingDue parley.Time
	timingGot uint64 // timingGot is got as it was then.
	patience  int    // patience: how many timed entries in a row were late (Karn's rule).

	got  uint64 // got is how many bytes of entries were reported or proved after they left by here.
	rate uint64 // rate is the most bytes a second that a timed entry saw pass, and fades.

	lost   uint64 // lost is a bit for each of the newest probes, 1 for one that was not answered.
	probed int    // probed is how many there were, up to probes.
}

func (m *measure) measured() bool { return m.entries.n+m.trips.n > 0 }

func (m *measure) probe(lost bool) {
	m.lost <<= 1
	if lost {
		m.lost |= 1
	}
	m.probed = min(m.probed+1, probes)
}

// loss returns the share of the newest probes that were lost, as so many of so many.
func (m *measure) loss() (lost, of int) {
	for b := m.lost; b != 0; b &= b - 1 {
		lost++
	}
	return lost, m.probed
}

func (m *measure) estimate(d parley.Time) {
	n := m.entries.n + m.trips.n
	m.newest[n%len(m.newest)] = d
	sorted := m.newest
	latest := sorted[:min(n+1, len(m.newest))]
	slices.Sort(latest)
	m.recent = latest[(len(latest)-1)/2]
	if !m.measured() {
		m.smooth, m.spread = d, d/2
		return
	}
	off := max(m.smooth, d) - min(m.smooth, d)
	m.spread = (3*m.spread + off) / 4
	m.smooth = (7*m.smooth + d) / 8
}

// trip takes the time of a line check.
func (m *measure) trip(d parley.Time) {
	m.estimate(d)
	m.trips.add(d)
	m.probe(false)
}

// entry takes the time of the timed entry, and what passed beside it.
func (m *measure) entry(now parley.Time) {
	d := now - m.timingAt
	m.estimate(d)
	m.entries.add(d)
	m.probe(false)
	m.rate = max((m.got-m.timingGot)*1000/uint64(max(d, 1)), m.rate-m.rate/16)
	m.timing, m.patience = 0, 0
}

// overdueEntry gives the timed entry up: what comes now may be the answer to a copy on another channel.
func (m *measure) overdueEntry() {
	m.probe(true)
	m.timing, m.patience = 0, min(m.patience+1, patient)
}

// expected is what a channel is chosen by: how long until a receipt, as a rule and of late, with the share of entries
// that are lost first and go again after the timeout.
func (l *Link) expected(c *channel) parley.Time {
	if !c.measured() {
		return parley.Time(l.cfg.FirstTimeout.Milliseconds())
	}
	d := max(c.trips.p50, c.recent)
	if c.entries.n >= enough {
		d = max(c.entries.p50, c.recent)
	}
	if lost, of := c.loss(); lost > 0 {
		d += l.timeout(c, 1) * parley.Time(lost) / parley.Time(of-lost+doubt)
	}
	return d
}

// grade is expected, coarse: channels of one grade are equals, and those of different grades differ by more than chance
// makes of one and the same.
func (l *Link) grade(c *channel) int {
	g := 0
	for d := l.expected(c); d > 16; d = d * 2 / 3 {
		g++
	}
	return g
}

// hedge is when a receipt is later than the channel's own distribution lets expect, so that the next channel may carry a
// copy too; never later than timeout.
func (l *Link) hedge(c *channel) parley.Time {
	late := l.timeout(c, 1)
	if c.entries.n < enough {
		return late
	}
	return min(late, max(c.entries.p99+c.entries.p99/4+10, parley.Time(l.cfg.HedgeFloor.Milliseconds()))<<c.patience)
}

// timeout is when a receipt is late: what left is taken for lost, and the channel for one that owes.
func (l *Link) timeout(c *channel, tries int) parley.Time {
	d := parley.Time(l.cfg.FirstTimeout.Milliseconds())
	if c.measured() {
		d = c.smooth + max(4*c.spread, 10)
	}
	if c.entries.n >= enough {
		d = max(d, c.entries.p99+c.entries.p99/4+10)
	}
	d = max(d, parley.Time(l.cfg.TimeoutFloor.Milliseconds()))
	limit := parley.Time(l.cfg.TimeoutCap.Milliseconds())
	for tries += c.patience; tries > 1 && d < limit; tries-- {
		d *= 2
	}
	return min(d, limit)
}

// The least that a channel is taken to pass, in bytes a second: a modem of 2400 baud, and a poor wide route. A channel
// that is slower is measured to be so, after some needless repeats.
const (
	narrowRate = 240
	wideRate   = 32 << 10
)

// passing is how long what is in flight may take to pass, up to precedence p: repeats of what still waits in a queue
// would only make it longer.
func (c *channel) passing(p parley.Precedence) parley.Time {
	bytes := uint64(0)
	for _, b := range c.flying[:p+1] {
		bytes += uint64(b)
	}
	least := uint64(wideRate)
	if c.Narrow {
		least = narrowRate
	}
	return parley.Time(bytes * 1000 / max(least, c.rate/2))
}

// Health is what was measured of a channel since the link was made. It is for people: what it says is not proved.
type Health struct {
	Channel string

	// P50 and P99 are how long receipts take by the channel: from sending an entry to the peer's answer, or where fewer
	// than 16 entries were timed, of line checks. Samples is how many there were, up to 128; with none both are 0.
	P50, P99 time.Duration
	Samples  int

	// Lost of the newest Probes, up to 64, had no answer when it was due.
	Lost, Probes int

	Rate   uint64 // Rate is the most bytes of entries a second that were seen to pass lately: no less can pass.
	Late   bool   // Late: it owes an answer that is overdue, and others are preferred.
	Proved bool   // Proved: a question and its answer went round since it came up.
}

// Health returns what was measured of each channel, in the order of the configuration.
func (l *Link) Health() []Health {
	out := make([]Health, len(l.channels))
	for i, c := range l.channels {
		t := &c.trips
		if c.entries.n >= enough {
			t = &c.entries
		}
		h := Health{Channel: c.Name, Samples: min(t.n, timesKept), Rate: c.rate, Late: c.late, Proved: c.proved}
		h.P50, h.P99 = time.Duration(t.p50)*time.Millisecond, time.Duration(t.p99)*time.Millisecond
		h.Lost, h.Probes = c.loss()
		out[i] = h
	}
	return out
}
