package station

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/receipt"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// ErrRestored is returned for a release while the station, which was restored from
// a backup, does not know yet how far its log goes (spec/GENERATION.md §5).
var ErrRestored = errors.New("this station was restored and signs nothing before the other side has said how far its log goes")

// generations is what a line knows of the generations of both logs, beside what
// the history of the roster has of them, and what a restore left to do. It is
// changed between turns only, each time with what is durable.
type generations struct {
	statements []journal.Generation // of both logs, in the order in which they came

	restore  uint64       // the last restore of this journal that this line went through; 0: none
	renewal  []byte       // ours, signed, from the restore until our log is whole again; else nil
	renewals [][]byte     // the same, by each log key that the other side may take it by
	id       parley.LogID // the generation that it asks for
	asked    parley.Time  // when, by the clock of then
	lost     uint64       // so much of their log we may have held before the restore

	theyHold uint64 // so much of their log they said to hold when they asked for it last

	rekeying rekeying // what we have asked for to go on by another log key

	cosigned map[uint64][]byte // our log's cosigned checkpoints that came back, by size
	returned map[uint64][]byte // entries of ours that came back and have no place yet
	strays   bool              // there are some of ours to be numbered anew

	theirs  map[parley.DraftID]stray // of theirs, which they number anew
	strayed int                      // how many of those were given back
	told    map[parley.DraftID]bool  // of what strayed and gets no number: people were told, in this run

	bare    map[string]parley.Time   // when prekeys went in the clear, by channel
	lean    offer                    // our last resort by itself, for a channel on which each byte costs time
	bares   int                      // how often prekeys went in the clear
	unknown parley.Time              // when an epoch came last that was opened with a key we do not know
	waiting []part                   // what came, to be looked at when the turn is over
	owed    map[string]bool          // channels on which the statements are to go with the next answer
	recalls map[string][]wire.Recall // what was asked for there
	given   map[parley.LogID]given
}

// stray is a message of theirs that has no number now.
type stray struct {
	name  string // that it had
	shown bool   // people have seen it
}

// part is a part of a frame, and the channel it came by.
type part struct {
	channel string
	wire.Part
}

// given is what was given of a log last, so that it does not go over every channel.
type given struct {
	behind  uint64
	channel string
	at      parley.Time
}

// waitingMost bounds the parts about generations that one turn leaves to be
// looked at, and returnedMost how far behind our log entries that came back may be and
// have no place yet: what is beyond them comes again. So none under a far number, which
// may be anything, stands in the way of those that are next.
const (
	waitingMost  = 1024
	returnedMost = 4096
)

// later has a part looked at when the turn is over.
func (t *turn) later(channel string, p wire.Part) {
	p.Bytes = slices.Clone(p.Bytes)
	t.after(func() {
		if g := &t.l.gens; len(g.waiting) < waitingMost {
			g.waiting = append(g.waiting, part{channel, p})
		}
	})
}

// restoring reports whether our log must not grow, because nobody has said how far
// it goes, or because it is not whole yet.
func (g *generations) restoring() bool { return g.renewal != nil }

// unanswered reports whether nobody has said yet how far our log goes.
func (g *generations) unanswered(h *roster.History) bool {
	if !g.restoring() {
		return false
	}
	_, known := h.LogOf(g.id)
	return known == 0
}

// MarkRestored says in a journal that it was restored from a backup: each line in
// it asks for a new generation of its log when it is next added.
func MarkRestored(tx *journal.Tx) error {
	n, err := metaNumber(&tx.View, "restored")
	if err != nil {
		return err
	}
	return tx.SetMeta("restored", binary.BigEndian.AppendUint64(nil, n+1))
}

// metaNumber returns the number under a key, 0 if there is none.
func metaNumber(v interface{ Meta(string) ([]byte, error) }, key string) (uint64, error) {
	b, err := v.Meta(key)
	if errors.Is(err, journal.ErrNotFound) {
		return 0, nil
	}
	if err == nil && len(b) != 8 {
		err = fmt.Errorf("meta %q has %d bytes: %w", key, len(b), journal.ErrCorrupt)
	}
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b), nil
}

// loadGenerations reads the statements into the history.
func (l *Line) loadGenerations(h *roster.History) (*roster.History, error) {
	all, err := l.journal.Generations(l.id)
	for _, g := range all {
		if err == nil {
			_, h, err = receipt.OpenGeneration(g.Statement, h, g.Party)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the generations in the journal: %w", err)
	}
	l.gens.statements = all
	l.gens.restore, err = metaNumber(l.journal, l.metaKey("restored"))
	return h, err
}

// Generations returns the generation statements of p's log that this station has, in
// their order: what whoever reads entries and checkpoints of a later generation needs
// besides (spec/GENERATION.md §3).
func (l *Line) Generations(p parley.Party) (statements [][]byte, err error) {
	err = l.journal.Read(func(v *journal.View) error {
		statements, err = l.generations(v, p)
		return err
	})
	return statements, err
}

func (l *Line) generations(v *journal.View, p parley.Party) (statements [][]byte, err error) {
	all, err := v.Generations(l.id)
	for _, g := range all {
		if g.Party == p {
			statements = append(statements, g.Statement)
		}
	}
	return statements, err
}

// loadRenewal reads what a restore left to do, and begins it the first time.
func (l *Line) loadRenewal() error {
	g := &l.gens
	g.cosigned, g.returned = map[uint64][]byte{}, map[uint64][]byte{}
	g.owed, g.recalls, g.given = map[string]bool{}, map[string][]wire.Recall{}, map[parley.LogID]given{}
	g.theyHold = math.MaxUint64 // until they say
	g.bare, g.told = map[string]parley.Time{}, map[parley.DraftID]bool{}
	if err := l.loadStrays(); err != nil {
		return err
	}
	var err error
	if g.lost, err = metaNumber(l.journal, l.metaKey("lost")); err != nil {
		return err
	}
	if g.renewal, err = l.journal.Meta(l.metaKey("renewal")); err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	restored, err := metaNumber(l.journal, "restored")
	if err != nil {
		return err
	}
	if restored > g.restore {
		if err := l.renew(restored); err != nil {
			return fmt.Errorf("begin a new generation of the log: %w", err)
		}
	}
	if !g.restoring() {
		g.renewal = nil
		return l.loadRekeying()
	}
	r, err := l.renewalKept()
	if err != nil {
		return fmt.Errorf("the renewal in the journal: %w", err)
	}
	g.id, g.asked = r.Log, r.Time
	if g.unanswered(l.st.history) {
		if g.renewals, err = l.issueRenewals(r); err != nil {
			return err
		}
	}
	if err := l.loadRekeying(); err != nil {
		return err
	}
	return l.renewLater()
}

// renewLater asks anew where what was asked with a time cannot be answered, because a
// generation that this station did not know of was opened with a later one: the clock
// was ahead then.
func (l *Line) renewLater() error {
	all := l.st.history.Generations(l.cfg.Party)
	if !l.gens.unanswered(l.st.history) || l.gens.asked > all[len(all)-1].Renewed {
		return nil
	}
	if err := l.renew(l.gens.restore); err != nil {
		return fmt.Errorf("ask anew for a generation of the log: %w", err)
	}
	return nil
}

// loadStrays reads what waits for a number: of ours, to give it one, and of theirs, to
// know it again.
func (l *Line) loadStrays() error {
	g := &l.gens
	ours, err := l.journal.Strays(l.id, l.cfg.Party, 1)
	if err != nil {
		return err
	}
	theirs, err := l.journal.Strays(l.id, l.peer.Party, -1)
	g.strays, g.theirs = len(ours) > 0, map[parley.DraftID]stray{}
	for _, s := range theirs {
		g.theirs[s.Draft] = stray{strayName(l.st.history, s), s.Shown}
	}
	return err
}

// strayName is what a stray was called before; "" if its entry cannot be read.
func strayName(h *roster.History, s journal.Stray) string {
	e, err := wire.ParseEntryHeader(s.Entry)
	if err != nil {
		return ""
	}
	_, which := h.LogOf(e.Log)
	return parley.MessageName(s.Party, which, e.Number)
}

// renew draws the name under which our log is to go on, and asks for it. Single-use
// prekeys of the other side that the backup knows may be used up since.
func (l *Line) renew(restored uint64) error {
	r := l.renewalNow()
	if _, err := rand.Read(r.Log[:]); err != nil {
		return err
	}
	all, err := l.issueRenewals(r)
	if err != nil {
		return err
	}
	b := all[0]
	prekeys := l.sealer.prekeys
	prekeys.Keys = nil
	rest, err := wire.AppendPrekeys(nil, prekeys)
	if err != nil {
		return err
	}
	err = l.journal.CommitUrgent(context.Background(), func(tx *journal.Tx) error {
		return errors.Join(
			tx.SetMeta(l.metaKey("renewal"), b), tx.SetMeta(l.metaKey("prekeys"), rest),
			tx.SetMeta(l.metaKey("restored"), binary.BigEndian.AppendUint64(nil, restored)))
	})
	l.gens.restore, l.gens.renewal, l.gens.renewals, l.gens.id, l.gens.asked = restored, b, all, r.Log, r.Time
	l.sealer.prekeys = prekeys
	return err
}

// succeed looks at what the turn left of generations. An error is one after which
// the line cannot go on.
func (l *Line) succeed() error {
	g := &l.gens
	now := parley.TimeOf(l.cfg.Now())
	waiting := g.waiting
	g.waiting = nil
	for _, p := range waiting {
		var err error
		switch p.Type {
		case wire.PartRenewal:
			err = l.closeLog(now, p)
		case wire.PartGeneration:
			err = l.learn(now, p.Bytes)
		case wire.PartEntry:
			err = l.strayed(now, p)
		case wire.PartCosigned:
			err = l.remind(now, p)
		}
		if err != nil {
			return err
		}
	}
	if len(waiting) > 0 && g.restoring() {
		if err := l.recover(now); err != nil {
			return err
		}
	}
	if err := l.rekey(now); err != nil {
		return err
	}
	return l.renumber(now)
}

// alarm tells people, between turns.
func (l *Line) alarm(now parley.Time, text string) {
	l.cfg.Notify(Event{Kind: EventAlarm, Line: l.id, At: now, Text: text})
}

// learn takes a generation statement: of our log, whoever asked for it; or of
// theirs, which we gave before we were restored.
func (l *Line) learn(now parley.Time, b []byte) error {
	h, g := l.st.history, &l.gens
	for _, p := range []parley.Party{l.cfg.Party, l.peer.Party} {
		said, next, err := receipt.OpenGeneration(b, h, p)
		if err != nil {
			continue // known already, or of the other log, or not for this line
		}
		if p == l.peer.Party {
			if said.Closing.Size < l.st.peer.cosignedSize {
				l.warn("closed low", now, fmt.Sprintf("a closing of the log of %s by our receipt key goes to %d, and we have cosigned %d: someone else may hold our keys", p, said.Closing.Size, l.st.peer.cosignedSize))
				return nil
			}
			// We closed it behind what we held.
			return l.cutPeer(now, journal.Generation{Party: p, Statement: b}, said, next, max(g.lost, said.Closing.Size))
		}
		_, ours := h.LogOf(g.id)
		rekeyed := g.rekeyed(said)
		if !rekeyed && (!g.restoring() || ours > 0) {
			return l.replaced(now, said)
		}
		lost := max(g.lost, said.Closing.Own)
		// What their entries said to have seen was not judged until now.
		seen := min(l.st.peer.seen, said.Closing.Size)
		kept := journal.Generation{Party: p, Statement: b}
		err = l.commit(func(tx *journal.Tx) error {
			return errors.Join(
				tx.PutGeneration(l.id, kept),
				tx.SetMeta(l.metaKey("seen"), binary.BigEndian.AppendUint64(nil, seen)),
				tx.SetMeta(l.metaKey("lost"), binary.BigEndian.AppendUint64(nil, lost)),
				g.rekeying.adopt(tx, l, rekeyed))
		})
		if err != nil {
			return err
		}
		if rekeyed {
			g.renewal, g.id = g.rekeying.renewal, g.rekeying.id
		}
		g.statements, g.lost = append(slices.Clip(g.statements), kept), lost
		l.st.history, l.st.peer.seen = next, seen
		l.history.Store(next)
		if said.Renewal.Log == g.id && !rekeyed {
			l.alarm(now, fmt.Sprintf("restored from a backup: %s holds %d of our messages; what we lack of them comes from there, and we go on behind it", l.peer.Party, said.Closing.Size))
		}
		return l.renewLater()
	}
	return nil
}

// replaced is what follows when somebody with our log key has renewed our log, and
// it was not this station.
func (l *Line) replaced(now parley.Time, g receipt.Generation) error {
	if l.st.own.halted != "" {
		return nil
	}
	st := l.st
	st.own.halted = fmt.Sprintf("another station with our keys was restored from a backup, and %s goes on with that one behind entry %d", l.peer.Party, g.Closing.Size)
	rows, err := l.rows(st)
	if err != nil {
		return err
	}
	if err := l.commit(func(tx *journal.Tx) error { return tx.PutLog(rows[0]) }); err != nil {
		return err
	}
	l.st = st
	l.alarm(now, st.own.halted+": nothing more is signed on this line by this station")
	return nil
}

// commit makes durable what was decided between two turns.
func (l *Line) commit(f func(*journal.Tx) error) error {
	if err := l.journal.CommitUrgent(context.Background(), f); err != nil {
		return err
	}
	return l.crashes.now()
}

// reload makes the line anew from what is durable, without its courier: both logs
// are not what link was told of them.
func (l *Line) reload(now parley.Time) error {
	st, err := l.loadState()
	if err != nil {
		return err
	}
	l.st = st
	l.history.Store(st.history)
	l.proved.Store(st.own.cosignedSize)
	l.ownPast, l.past = past{log: st.own.id}, past{log: st.peer.id}
	l.signed, l.recent, l.strangers = signed{}, recent{}, map[uint64]bool{}
	l.sealer.earlier = l.sealer.open()
	if err := l.loadStrays(); err != nil {
		return err
	}
	l.newLink(now)
	for _, r := range l.routes {
		if l.up[r.Channel.Name()] {
			l.step(now, link.Up{Channel: r.Channel.Name()})
		}
	}
	for name, p := range l.checks {
		if p.owed != [8]byte{} {
			l.step(now, link.Checked{Channel: name, Kind: link.CheckAsk})
		}
	}
	return nil
}

// shorter is a log as it is after what is behind its close was taken out.
type shorter struct {
	frontier *transcript.Frontier
	head     parley.Hash     // its last leaf
	seen     uint64          // of the other log, as what is believed in it says
	strays   []journal.Stray // of what was behind it: to be numbered anew
	lost     []string        // the names of what cannot be
}

// shorten returns what is left of p's log up to a size, at which its generation is
// closed by c.
func (l *Line) shorten(log parley.LogID, p parley.Party, size uint64, h *roster.History) (out shorter, err error) {
	out.frontier = new(transcript.Frontier)
	err = l.journal.Entries(log, 1, 0, func(r journal.Record) error {
		e, err := wire.ParseEntryHeader(r.Entry)
		if err != nil {
			return err
		}
		if r.Number <= size {
			out.head = r.Leaf
			out.frontier.Append(r.Leaf)
			if at := h.Place(p, e); r.State == journal.Believed && at.Seen > 0 {
				out.seen = h.Saw(p, r.Number, at.Seen)
			}
			return nil
		}
		if r.State != journal.Believed {
			return nil
		}
		if why := strayless(h, p, r.Entry); why != "" {
			_, which := h.LogOf(e.Log)
			out.lost = append(out.lost, parley.MessageName(p, which, r.Number)+", "+why)
			return nil
		}
		out.strays = append(out.strays, journal.Stray{Line: l.id, Party: p, Draft: r.Draft, Shown: true, Entry: r.Entry})
		return nil
	})
	if err == nil && out.frontier.Size() != size {
		err = fmt.Errorf("log %s in the journal has %d entries without a gap, want %d: %w", log, out.frontier.Size(), size, journal.ErrCorrupt)
	}
	return out, err
}

// strayless says why a stray of p's log is not to be numbered anew, and "" if it is: a
// change needs its officers again, since it counts from its place; and a number that
// stands in it of what has strayed itself would mean another message now
// (spec/GENERATION.md §6).
func strayless(h *roster.History, p parley.Party, entry []byte) string {
	e, content, err := contentIn(entry)
	var c wire.Content
	if err == nil {
		c, err = wire.ParseContent(content)
	}
	if err != nil {
		return "which cannot be read"
	}
	if c.Kind == parley.Change {
		return "a change"
	}
	_, which := h.LogOf(e.Log)
	all := h.Generations(p)
	for _, r := range c.References {
		own, _ := h.LogOf(r.Log)
		if own == p && which > 0 && which < len(all) && r.Number >= all[which].From {
			return fmt.Sprintf("which refers to %s", parley.MessageName(p, which, r.Number))
		}
		if own != p && h.Meant(p, e.Number, r.Number) != h.Meant(p, wire.MaxNumber, r.Number) {
			return fmt.Sprintf("which refers to %s", parley.MessageName(own, h.Meant(p, e.Number, r.Number), r.Number))
		}
	}
	return ""
}
