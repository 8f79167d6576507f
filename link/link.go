// Package link is the exchange of two parties as a pure state machine: Step takes what has happened and returns what
// is to be done (spec/FLOW.md §3).
//
// It decides which entries, receipts, reports, line checks and epochs go over which channel, when, and how urgently. It
// has no clock, no sockets, no randomness and no secrets: the same events at the same times give the same actions, so
// it can be simulated through years of bad days in seconds. The station makes the frames, the journal holds the entries;
// a link that is lost in a crash is made anew from durable state, by New, and forgets nothing that matters.
//
// What it promises, once some channel lives: every entry of ours is sent again until the peer's receipt is verified and
// durable here; Flash never waits for Routine; what is held in memory is bounded, whatever the backlog; a repeated
// question is answered at a bounded rate. What it refuses: to take a report for evidence. A report spares repeats, and
// only a verified receipt ends them.
//
// It relies on the peer's station for one thing: besides the newest checkpoint it keeps the lowest one above what it
// holds, so that a log under constant traffic is cosigned as it grows.
package link

import (
	"time"

	"parley"
)

// Link is the state of the exchange with one peer. It is not safe for concurrent use.
type Link struct {
	cfg   Config
	now   parley.Time // now runs as the given times do, and stands still where they step back.
	given parley.Time // given is the newest time as it was given.
	out   []Action    // out is what the present Step returns.

	channels []*channel
	byName   map[string]*channel
	fasts    int         // fasts is how many of them are fast.
	fastLost parley.Time // fastLost is when the last fast channel went down; 0 while one is up.

	// Our log.
	start   uint64 // start is its size when the link was made.
	own     uint64
	proved  uint64
	held    uint64      // held: the peer says that it holds as much, without a gap.
	heldAt  parley.Time // heldAt is when it said so last.
	windows [parley.Routine + 1]window
	items   map[uint64]*item
	nudge   nudge
	spare   int // spare is how many bytes of copies may leave before anything is late, times spareShare.

	waitUntil parley.Time // waitUntil is until when the peer has no room but for Flash, in its own words.

	// The peer's log.
	peer         uint64
	cosigned     uint64
	refused      uint64
	ahead        []uint64    // ahead are the first entries held above a gap when the link was made.
	peerCosigned uint64      // peerCosigned is the largest of our cosignatures that the peer said it holds.
	peerRefused  uint64      // peerRefused is how many of our refusals it said it holds.
	refusedUntil parley.Time // refusedUntil is when the refusals that left last by a fast channel may leave again.

	epochs epochs
	wakeAt parley.Time // wakeAt is the newest WakeAt; 0 when it has come.
}

// New returns a link that goes on from durable state. Nothing is done before the first Step, for which Wake serves;
// channels are down until Up.
func New(cfg Config, s Start) *Link {
	l := &Link{
		cfg: cfg.withDefaults(), byName: make(map[string]*channel), items: make(map[uint64]*item),
		spare: spareMost * spareShare, start: s.Own, own: s.Own, proved: min(s.Proved, s.Own),
		peer: s.Peer, cosigned: s.Cosigned, refused: s.Refused,
	}
	for i, c := range l.cfg.Channels {
		ch := &channel{Channel: c, index: i}
		l.channels = append(l.channels, ch)
		l.byName[c.Name] = ch
		if ch.fast() {
			l.fasts++
		}
	}
	for p := parley.Flash; p <= parley.Routine; p++ {
		l.windows[p] = window{precedence: p, after: l.proved, highest: l.own, beyond: l.own > l.proved}
	}
	for _, r := range s.Ahead {
		for n := r.First; n <= r.Last && n != 0 && len(l.ahead) < maxSingles; n++ {
			l.ahead = append(l.ahead, n)
		}
	}
	for _, id := range s.Epochs {
		l.epochs.old = append(l.epochs.old, &epoch{id: id, last: l.own})
	}
	l.epochs.carried = min(max(s.Carried, 0), l.cfg.CarriedTrip)
	return l
}

// after returns the time d after now.
func (l *Link) after(d time.Duration) parley.Time { return l.now + parley.Time(d.Milliseconds()) }

// earlier returns the earlier of two times of which 0 is never.
func earlier(a, b parley.Time) parley.Time {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
