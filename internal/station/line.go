package station

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"parley"
	"parley/deniable"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/link"
	"parley/roster"
	"parley/wire"
)

// Route is one channel of a line with what link must know of it.
type Route struct {
	Channel courier.Channel
	Class   courier.Class
	Narrow  bool
}

// LineConfig is what a line is made of.
type LineConfig struct {
	// Roster was confirmed by both sides. A deniable line has the one that it
	// derives, and needs none here.
	Roster *roster.Roster
	// Prekeys are the other side's, as its card gave them. Later batches, which
	// come with line checks, are kept in the journal and replace them.
	Prekeys wire.Prekeys
	// Routes are the line's channels, each name once.
	Routes []Route
	// ReceiptPQ is the private half of our receipt-pq key; nil where not both parties
	// have one (spec/RECEIPT.md §9).
	ReceiptPQ crypto.Signer
	// Quota bounds what the other side can make this station keep.
	Quota Quota
	// Hops, if set, is told which hop keys count, by AddLine and then from the
	// line's goroutine whenever that changes. It must not block.
	Hops func(Hops) error
	// Needs, if set, is told the station, receipt and log keys that this side may still have
	// to sign with on the line, by AddLine and then from the line's goroutine whenever
	// that changes. Private halves of others it will not ask for again.
	Needs func([]ed25519.PublicKey) error
	// Root, if set, is told the root keys that this side has had on the line, the one in
	// force last, by AddLine and then from the line's goroutine whenever that changes.
	Root func([]ed25519.PublicKey) error
	// Link overrides the defaults of the exchange; its Channels are ignored.
	Link link.Config

	// Deniable is set on a deniable line, and brings its keys in the place of the
	// station's.
	Deniable *deniable.Line
	// Beside, on a deniable line, is the agreed line of the same parties whose
	// channels it shares; Routes is then empty. nil: it has channels of its own.
	Beside *Line
	// LastResort is the hash of our last resort prekey on the card, which a
	// deniable line's first epoch may be opened to (spec/DENIABLE.md §2); given to
	// that line, and to the one beside it, which then leaves it alone.
	LastResort parley.Hash
}

// Line is one line of a station. Its methods may be called from any
// goroutine while Station.Run runs.
type Line struct {
	cfg     Config
	journal *journal.Journal
	id      parley.LineID
	roster  *roster.Roster
	self    roster.Side
	peer    roster.Side
	courier *courier.Courier
	routes  []Route

	off        *deniable.Line // nil: attributable
	beside     *Line          // whose channels this deniable line shares
	aside      *Line          // the deniable line that shares ours
	lastResort parley.Hash    // see LineConfig

	crashes crashes // in tests
	inbox   *inbox
	landed  chan struct{} // closed when the courier has returned
	done    chan struct{} // closed when run has returned

	// What follows is owned by the goroutine of run.
	st       state
	link     *link.Link
	sealer   sealer
	heardKey parley.KeyID // the latest station key of theirs by which anything was taken that has no place; zero: the first
	opener   opener
	offered  offer
	checks   checks
	gens     generations
	up       map[string]bool // the channels that can be used now
	asLink   link.Config
	quantum  quantum
	recent   recent
	fates    fates
	tally    tally
	full     bool // the last turn could not be made durable: what can wait waits until one was
	quota    Quota
	room     room
	conduct  conduct
	urgent   parley.Time // until when a receipt of what was urgent is expected
	told     map[caution]parley.Time
	signed   signed
	ownPast  past
	past     past                   // of their log
	heard    map[string]parley.Time // last authentic frame, by channel
	wake     *time.Timer
	due      parley.Time // when link asked to be woken last
	served   served
	tidied   parley.Time // by served

	strangers map[uint64]bool // entries they refused that this station never wrote
	warned    bool            // that there are such

	history atomic.Pointer[roster.History]  // as it is durable
	tell    func(Hops) error                // whoever keeps the channels; nil: nobody
	needs   func([]ed25519.PublicKey) error // whoever keeps our private keys; nil: nobody
	needed  []ed25519.PublicKey             // as it was told last
	root    func([]ed25519.PublicKey) error // whoever makes our cards; nil: nobody
	roots   int                             // how many it was told last
	hops    Hops                            // as it was told last

	proved                   atomic.Uint64 // our entries covered by a cosignature
	ownCovered, theirCovered atomic.Uint64 // entries covered by cosignatures of ML-DSA-44
}

// AddLine gives the station a line. It must be called before Run.
func (s *Station) AddLine(c LineConfig) (_ *Line, err error) {
	if c.Deniable != nil {
		c.Roster = c.Deniable.Roster()
	}
	self, ok := c.Roster.Side(s.cfg.Party)
	if !ok {
		return nil, fmt.Errorf("the roster of line %s does not name %s", c.Roster.Line, s.cfg.Party)
	}
	peer, ok := c.Roster.Peer(s.cfg.Party)
	if !ok {
		return nil, fmt.Errorf("the roster of line %s names no side but %s", c.Roster.Line, s.cfg.Party)
	}
	if c.Beside != nil {
		c.Routes = c.Beside.routes
	}
	l := &Line{
		cfg: s.cfg, journal: s.cfg.Journal,
		id: c.Roster.Line, roster: c.Roster, self: self, peer: peer, routes: c.Routes,
		off: c.Deniable, beside: c.Beside, lastResort: c.LastResort,
		inbox:     newInbox(c.Routes),
		landed:    make(chan struct{}),
		done:      make(chan struct{}),
		signed:    signed{},
		heard:     map[string]parley.Time{},
		strangers: map[uint64]bool{},
		tally:     newTally(),
		quota:     c.Quota.withDefaults(),
		quantum:   quantum{key: c.ReceiptPQ},
		conduct:   newConduct(),
		told:      map[caution]parley.Time{},
		up:        map[string]bool{},
	}
	if l.off != nil {
		if l.cfg.Keys, err = l.off.Keys(l.cfg.Party); err != nil {
			return nil, fmt.Errorf("line with %s: %w", peer.Party, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.lines[l.id]; ok {
		return nil, fmt.Errorf("line %s was added twice", l.id)
	}
	if err := l.load(c); err != nil {
		return nil, fmt.Errorf("line with %s: %w", peer.Party, err)
	}
	if l.beside != nil {
		l.beside.aside = l
	}
	s.lines[l.id] = l
	return l, nil
}

// load restores the line from what is durable.
func (l *Line) load(c LineConfig) (err error) {
	if l.st, err = l.loadState(); err != nil {
		return err
	}
	l.history.Store(l.st.history)
	need := signing[:]
	if l.receiptless(l.st.history) != nil {
		need = need[:2]
	}
	if err := l.holds(l.st.history, need...); err != nil {
		return err
	}
	if err := l.loadHeardKey(); err != nil {
		return err
	}
	l.tell, l.needs, l.root = c.Hops, c.Needs, c.Root
	if err := errors.Join(l.tellNeeds(), l.tellRoot()); err != nil {
		return err
	}
	if err := l.tellHops(); err != nil {
		return err
	}
	l.proved.Store(l.st.own.cosignedSize)
	l.quantum.theirs = len(l.st.history.Generations(l.peer.Party))
	l.ownCovered.Store(l.st.own.quantum.size)
	l.theirCovered.Store(l.st.peer.quantum.size)
	l.ownPast.log, l.past.log = l.st.own.id, l.st.peer.id
	if err := l.sealer.load(l, c.Prekeys); err != nil {
		return err
	}
	if err := l.opener.load(l); err != nil {
		return err
	}
	if err := l.loadRenewal(); err != nil {
		return err
	}
	lc := c.Link
	lc.Channels = nil
	ends := make([]courier.Leg, 0, len(c.Routes))
	for _, r := range c.Routes {
		lc.Channels = append(lc.Channels, link.Channel{Name: r.Channel.Name(), Class: linkClass(r.Class), Narrow: r.Narrow})
		ends = append(ends, courier.Leg{Channel: r.Channel, Class: r.Class})
	}
	lc.CheckEvery = c.Roster.Terms.CheckEvery
	lc.First = l.self.Party < l.peer.Party
	l.checks = newChecks(lc.Channels, lc, c.Roster.Terms.PouchWindow)
	l.asLink = lc
	if err := l.loadChecks(lc.Channels); err != nil {
		return err
	}
	l.newLink(parley.TimeOf(l.cfg.Now()))
	if l.beside != nil {
		l.courier = l.beside.courier
		return nil
	}
	l.courier = courier.New(courier.Config{Channels: ends, Deliver: l.deliver, Changed: l.channelChanged})
	return nil
}

// newLink begins the exchange with what is durable.
func (l *Line) newLink(now parley.Time) {
	l.link = link.New(l.asLink, link.Start{
		Own: l.st.own.size, Proved: l.st.own.cosignedSize,
		Peer: l.st.peer.size, Cosigned: l.st.peer.cosignedSize,
		Ahead: aheadRanges(l.st.peer), Refused: l.st.peer.refusals,
		Epochs: l.sealer.earlier, Carried: l.onTheirWay(now),
	})
}

func linkClass(c courier.Class) link.Class {
	if c == courier.Carried {
		return link.Carried
	}
	return link.Fast
}

// ID returns the line's identity.
func (l *Line) ID() parley.LineID { return l.id }

// Peer returns the other side as it was agreed; History has its changes.
func (l *Line) Peer() roster.Side { return l.peer }

// Self returns this side as it was agreed; History has its changes.
func (l *Line) Self() roster.Side { return l.self }

// Roster returns the roster that both sides agreed on; History has what changed.
func (l *Line) Roster() *roster.Roster { return l.roster }

// run works in turns until ctx ends or the journal can no longer be trusted.
func (l *Line) run(ctx context.Context) error {
	defer close(l.done)
	ctx, cancel := context.WithCancel(ctx)
	carried := make(chan error, 1)
	go func() {
		err := l.carry(ctx)
		cancel() // a line without its courier is none
		carried <- err
	}()
	l.wake = time.NewTimer(0)
	l.conduct.clock.begun = time.Now()
	defer l.wake.Stop()
	err := l.turns(ctx)
	if err == nil {
		err = l.last()
	}
	cancel()
	// The courier may be handing over a frame while nobody takes it.
	for {
		l.inbox.drop(ErrStopped)
		select {
		case <-l.inbox.filled:
		case cerr := <-carried:
			l.inbox.drop(ErrStopped)
			if err == nil {
				err = cerr
			}
			return err
		}
	}
}

func (l *Line) turns(ctx context.Context) error {
	for {
		t := l.newTurn()
		select {
		case <-ctx.Done():
			return nil
		case <-l.inbox.filled:
		case <-l.wake.C:
			l.wake.Reset(l.rest(parley.TimeOf(l.cfg.Now())))
			t.woken = true
		}
		if !l.inbox.take(t) && !t.woken {
			continue // it was taken with an earlier turn
		}
		if err := l.take(ctx, t); err != nil {
			return err
		}
		if err := l.succeed(); err != nil {
			return err
		}
	}
}

// rest is how long a line rests if nothing comes: until link asked to be woken,
// or until it is time to look whether the other side is still heard.
func (l *Line) rest(now parley.Time) time.Duration {
	most := min(tidyEvery, time.Duration(l.aloneAfter())*time.Millisecond)
	for _, at := range []parley.Time{l.due, l.gens.rekeying.again, max(l.conduct.begun, l.conduct.heard) + l.aloneAfter()} {
		if at > now {
			most = min(most, at.Time().Sub(now.Time()))
		}
	}
	return most
}

// last writes what was counted and not written yet.
func (l *Line) last() error {
	t := l.newTurn()
	t.last = true
	t.now, t.next = parley.TimeOf(l.cfg.Now()), l.st
	l.full = false
	l.tally.write(t)
	l.fates.write(t)
	l.served.pass(t.now)
	t.keepServed()
	if err := t.commit(context.Background()); err != nil {
		return fmt.Errorf("what was counted last was not stored: %w", err)
	}
	return nil
}

// take takes a turn, and what stands in its place if it could not be taken as
// a whole.
func (l *Line) take(ctx context.Context, t *turn) error {
	instead, err := t.take(ctx)
	for _, part := range instead {
		if err := l.take(ctx, part); err != nil {
			return err
		}
	}
	return err
}
