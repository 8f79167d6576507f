package station

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"time"

	"parley"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/link"
	"parley/release"
	"parley/roster"
)

// input is one thing that came to a line: a frame, a release, a change of a
// channel, a question.
type input interface {
	join(*turn) // adds itself to the turn
	drop(error) // answers, when there is no turn for it any more
}

// frameInput is a frame that the courier brought.
type frameInput struct {
	courier.Inbound
	taken int // parts of it that earlier turns took
}

func (in frameInput) join(t *turn) {
	t.frames = append(t.frames, in)
	t.bytes += len(in.Frame)
}
func (in frameInput) drop(error) {}

// channelInput is a channel that went up or down.
type channelInput struct{ courier.State }

func (in channelInput) join(t *turn) { t.channels = append(t.channels, in.State) }
func (in channelInput) drop(error)   {}

// releaseInput is a message that officers released.
type releaseInput struct {
	released *release.Released
	standing bool // only while the draft stands: it may have been withdrawn
	stray    bool // it was released before a restore
	reply    chan releaseReply
	claim    *claim
}

type releaseReply struct {
	ref parley.Ref
	err error
}

func (in releaseInput) join(t *turn) {
	if in.claim.take() {
		t.releases = append(t.releases, in)
	}
}
func (in releaseInput) drop(err error) { in.reply <- releaseReply{err: err} }

// askInput is a question to the line's goroutine, answered between turns.
type askInput struct {
	ask   func()
	done  chan error
	claim *claim
}

func (in askInput) join(t *turn)   { t.asks = append(t.asks, in) }
func (in askInput) drop(err error) { in.done <- err }

// answer answers, unless the one who asked gave up.
func (in askInput) answer() {
	if in.claim.take() {
		in.ask()
		in.done <- nil
	}
}

// turn is one round of a line: what came in, what was decided on it, and what
// follows once the decision is durable.
type turn struct {
	l   *Line
	now parley.Time

	// What came in.
	frames   []frameInput
	bytes    int // of the frames
	releases []releaseInput
	channels []courier.State
	asks     []askInput
	woken    bool
	last     bool // the line stops
	pressed  bool // something in it should not wait for the rest of a long frame in it
	// sure is set when a draft turned out, in the storing, to be released before
	// or withdrawn: the turn is taken again and looks its drafts up first, to
	// refuse those. It is rare, so that the other turns need not look.
	sure bool

	// What was decided.
	only       bool // only Flash is stored: the disk is full
	tight      bool // the disk is so full that what is free of it is not for the other side
	flash      bool // there is Flash in it that must be stored
	charged    bool // the quota was used
	single     bool // a single receipt of an entry of ours came
	next       state
	changed    bool                      // next differs from the line's state
	writes     []func(*journal.Tx) error // in order, beside the two logs
	drafts     map[draftKey]bool         // used in this turn, or no more
	forkProved bool                      // a fork of theirs was proved in this turn
	fresh      map[uint64]entryNews      // entries of theirs stored in this turn
	arrivals   []arrival                 // their copies, in order
	fates      fates                     // of these copies
	closed     []parley.EpochID          // theirs, with those closed in this turn; nil if none was
	disputed   map[uint64]bool           // entries of ours whose refusal came in this turn
	singles    map[uint64]bool           // entries of ours whose single receipt came in this turn
	answered   map[string]*proving       // checks of carried channels, as they are after this turn
	pastRead   uint64                    // leaves that were read back in this turn
	quantum    quantumTurn               // what came of cosignatures by ML-DSA-44
	left       map[int]int               // frames that it does not take wholly, and how many of their parts were taken

	// What follows, in order, when it is durable.
	then   []func()
	events []link.Event
	news   []Event
}

type draftKey struct {
	party parley.Party
	draft parley.DraftID
}

func (l *Line) newTurn() *turn {
	return &turn{l: l}
}

// take takes the whole turn. It returns the turns to take in its place, when
// it could not be made durable as a whole, and an error when the line cannot
// go on.
func (t *turn) take(ctx context.Context) (instead []*turn, err error) {
	t.decide()
	err = t.commit(ctx)
	if err := t.l.crashes.now(); err != nil {
		return nil, err
	}
	if err != nil {
		return t.undone(err)
	}
	t.settle()
	return nil, nil
}

// decide works out the turn. It changes nothing outside the turn.
func (t *turn) decide() {
	wall := t.l.cfg.Now()
	if by := t.l.conduct.clock.look(wall, t.l.cfg.Slept()); by != 0 {
		t.l.jumped(by)
	}
	t.now = parley.TimeOf(wall)
	t.l.served.pass(t.now)
	t.next = t.l.st
	if len(t.frames) > 0 || len(t.releases) > 0 {
		t.next = t.l.st.clone()
	}
	if !t.only {
		t.l.tally.write(t)
	}
	for _, c := range t.channels {
		t.channel(c)
	}
	t.listen()
	t.inbound()
	t.outbound()
	if !t.only {
		t.l.fates.write(t)
	}
	t.tidy()
}

// tidyEvery is how often a line looks for secrets whose time is over.
const tidyEvery = time.Hour

// tidy destroys, once in a while, the epochs that are over.
func (t *turn) tidy() {
	if t.l.tidied != 0 && t.l.served.total < t.l.tidied+parley.Time(tidyEvery.Milliseconds()) {
		return
	}
	if !t.l.full {
		t.keepServed()
	}
	t.after(func() {
		t.l.tidied = max(t.l.served.total, 1)
		if err := t.l.opener.expire(t.l); err != nil {
			t.l.cfg.Notify(Event{Kind: EventAlarm, Line: t.l.id, At: t.now, Text: err.Error()})
		}
	})
}

// commit makes the turn durable: both logs and what else was decided, in one
// transaction.
func (t *turn) commit(ctx context.Context) error {
	if !t.changed && len(t.writes) == 0 {
		return nil
	}
	was, err := t.l.rows(t.l.st)
	if err != nil {
		return err
	}
	next, err := t.l.rows(t.next)
	if err != nil {
		return err
	}
	if seen := t.next.peer.seen; seen != t.l.st.peer.seen {
		t.write(func(tx *journal.Tx) error {
			return tx.SetMeta(t.l.metaKey("seen"), binary.BigEndian.AppendUint64(nil, seen))
		})
	}
	commit := t.l.journal.Commit
	if t.only {
		commit = t.l.journal.CommitUrgent
	}
	return commit(context.WithoutCancel(ctx), func(tx *journal.Tx) error {
		for _, w := range t.writes {
			if err := w(tx); err != nil {
				return err
			}
		}
		for i := range next {
			if !reflect.DeepEqual(next[i], was[i]) {
				if err := tx.PutLog(next[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// settle acts on the turn, which is durable.
func (t *turn) settle() {
	t.l.conduct.progress(t.l.st.own, t.next.own, t.single, t.now)
	was := t.l.st
	t.l.st = t.next
	t.l.history.Store(t.next.history)
	if was.history != t.next.history || was.own.cosignedSize != t.next.own.cosignedSize {
		for _, tell := range []func() error{t.l.tellHops, t.l.tellNeeds, t.l.tellRoot} {
			if err := tell(); err != nil {
				t.alarm(err.Error())
			}
		}
	}
	t.turnover(was)
	if t.changed || len(t.writes) > 0 {
		t.l.full = false
	}
	for _, f := range t.then {
		f()
	}
	var left []frameInput
	for i, f := range t.frames {
		if taken, ok := t.left[i]; ok {
			left = append(left, frameInput{f.Inbound, taken})
			continue
		}
		f.Settle()
	}
	t.l.inbox.back(left)
	for _, n := range t.news {
		n.Line = t.l.id
		t.l.cfg.Notify(n)
	}
	if t.woken {
		t.events = append(t.events, link.Wake{})
	}
	for _, e := range t.events {
		t.l.step(t.now, e)
	}
	for _, a := range t.asks {
		a.answer()
	}
}

// undone is what follows when the turn did not happen. A full disk passes; a
// write of which nobody knows whether it happened does not. Anything else can
// only be the fault of one frame, which must not stop the rest: that is taken
// frame by frame instead, and what was released by itself.
func (t *turn) undone(err error) (instead []*turn, fatal error) {
	for _, a := range t.asks {
		a.answer()
	}
	t.l.full = true
	fatalErr := errors.Is(err, journal.ErrUnknown) || errors.Is(err, journal.ErrStopped)
	switch {
	case fatalErr:
	case errors.Is(err, journal.ErrFull):
		instead = t.flashOnly(err)
	default:
		instead = t.instead(err)
	}
	if instead == nil {
		for _, r := range t.releases {
			r.drop(fmt.Errorf("the message was not stored: %w", err))
		}
	}
	if fatalErr {
		return nil, err
	}
	if instead == nil {
		t.l.cfg.Notify(Event{Kind: EventAlarm, Line: t.l.id, At: t.now, Text: fmt.Sprintf(
			"nothing could be stored, so nothing was receipted or sent: %v", err)})
	}
	// What else happened in this turn, and need not be stored, still counts.
	for _, c := range t.channels {
		t.l.step(t.now, channelEvent(c))
	}
	t.l.step(t.now, link.Wake{})
	return instead, nil
}

// flashOnly returns the turn to take in place of one for which the disk has no
// room: what is Flash of it, which may take the room that is kept for that. It
// is nil when there is no Flash, or when that was tried.
func (t *turn) flashOnly(err error) []*turn {
	if !t.flash || t.only {
		return nil
	}
	part := t.l.newTurn()
	part.frames, part.sure, part.only = t.frames, t.sure, true
	for _, r := range t.releases {
		if r.released.Content().Precedence == parley.Flash {
			part.releases = append(part.releases, r)
		} else {
			r.drop(fmt.Errorf("the message was not stored: %w", err))
		}
	}
	return []*turn{part}
}

// instead returns the turns to take in place of one that could not be stored:
// the same one that looks first, where a draft was in the way; else its frames
// in turns of their own, and then what was released in another; nil when there
// is nothing to divide.
func (t *turn) instead(err error) (parts []*turn) {
	if !t.sure && (errors.Is(err, journal.ErrDraftUsed) || errors.Is(err, ErrNoDraft)) {
		again := t.l.newTurn()
		again.frames, again.releases, again.sure = t.frames, t.releases, true
		return []*turn{again}
	}
	if len(t.frames) == 0 || len(t.frames) == 1 && len(t.releases) == 0 {
		return nil
	}
	for i := range t.frames {
		part := t.l.newTurn()
		part.frames = t.frames[i : i+1]
		parts = append(parts, part)
	}
	if len(t.releases) > 0 {
		part := t.l.newTurn()
		part.releases = t.releases
		parts = append(parts, part)
	}
	return parts
}

func (t *turn) write(w func(*journal.Tx) error) { t.writes = append(t.writes, w) }

func (t *turn) after(f func()) { t.then = append(t.then, f) }

func (t *turn) tell(e link.Event) { t.events = append(t.events, e) }

func (t *turn) report(e Event) {
	e.At = t.now
	t.news = append(t.news, e)
}

// mark is a point of a turn's decision that it can go back to.
type mark struct {
	own                  ownLog
	history              *roster.History
	changed              bool
	writes, then, report int
}

func (t *turn) mark() mark {
	own := t.next.own
	own.frontier = own.frontier.Clone()
	return mark{own, t.next.history, t.changed, len(t.writes), len(t.then), len(t.news)}
}

func (t *turn) backTo(m mark) {
	t.next.own, t.next.history, t.changed = m.own, m.history, m.changed
	t.writes, t.then, t.news = t.writes[:m.writes], t.then[:m.then], t.news[:m.report]
}
