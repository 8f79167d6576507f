package station

import (
	"crypto"
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/link"
	"parley/wire"
)

// step gives link one event and does what it answers, and what follows from
// that, until nothing does.
func (l *Line) step(now parley.Time, e link.Event) {
	queue := []link.Event{e}
	for len(queue) > 0 {
		e, queue = queue[0], queue[1:]
		for _, a := range l.link.Step(now, e) {
			more, err := l.act(now, a)
			if err != nil {
				l.cfg.Notify(Event{Kind: EventAlarm, Line: l.id, At: now, Text: err.Error()})
			}
			queue = append(queue, more...)
		}
	}
}

// act does one action of link and returns the events that come of it at once.
func (l *Line) act(now parley.Time, a link.Action) ([]link.Event, error) {
	switch a := a.(type) {
	case link.Send:
		return l.send(now, a)
	case link.Load:
		return l.loadPending(a)
	case link.NewEpoch:
		id, err := l.sealer.begin(l)
		if err != nil {
			return nil, fmt.Errorf("nothing can be sent to %s: %w", l.peer.Party, err)
		}
		return []link.Event{link.EpochReady{ID: id}}, nil
	case link.WakeAt:
		l.due = a.Time
		l.wake.Reset(l.rest(now))
		return nil, nil
	case link.CloseEpoch:
		return nil, l.sealer.close(l, now, a.ID)
	default:
		return nil, fmt.Errorf("link asks for %T, which this station does not know", a)
	}
}

// loadPending reads which of our entries wait beyond link's window.
func (l *Line) loadPending(a link.Load) ([]link.Event, error) {
	rows, err := l.journal.Pending(l.st.own.id, a.Precedence, a.After, l.st.own.cosignedSize, a.Limit)
	if err != nil {
		return nil, fmt.Errorf("read what waits to be sent: %w", err)
	}
	loaded := link.Loaded{Precedence: a.Precedence, More: len(rows) == a.Limit}
	for _, r := range rows {
		loaded.Entries = append(loaded.Entries, link.Queued{Number: r.Number, Precedence: r.Precedence, Bytes: len(r.Bytes)})
	}
	return []link.Event{loaded}, nil
}

// send builds one frame and gives it to the courier.
func (l *Line) send(now parley.Time, s link.Send) ([]link.Event, error) {
	e, ok := l.sealer.epochs[s.Epoch]
	if !ok {
		return []link.Event{link.Busy{Channel: s.Channel, Numbers: s.Entries}}, nil
	}
	form := wire.Wide
	if l.narrow(s.Channel) {
		form = wire.Narrow
	}
	parts, err := l.parts(now, s, form)
	if err != nil {
		return nil, fmt.Errorf("nothing was sent over %s: %w", s.Channel, err)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	bundle, err := wire.AppendBundle(nil, parts)
	if err != nil {
		return nil, fmt.Errorf("nothing was sent over %s: %w", s.Channel, err)
	}
	var opening []byte
	if s.Opening {
		opening = e.opening
	}
	frame, err := e.Seal(form, wire.Tag(l.id, l.cfg.Party), opening, bundle)
	if err != nil {
		return nil, fmt.Errorf("seal a frame for %s: %w", s.Channel, err)
	}
	if !l.courier.Send(s.Channel, s.Urgency, frame) {
		return []link.Event{link.Busy{Channel: s.Channel, Numbers: s.Entries}}, nil
	}
	for _, n := range s.Entries {
		l.fates.add(l.st.own.id, n, s.Channel, now, journal.Out)
	}
	if s.Check != link.CheckAnswer {
		return nil, nil
	}
	return nil, l.sendGiven(now, s, func(parts []wire.Part) ([]byte, error) {
		bundle, err := wire.AppendBundle(nil, parts)
		if err != nil {
			return nil, err
		}
		return e.Seal(form, wire.Tag(l.id, l.cfg.Party), opening, bundle)
	})
}

// carried reports whether a channel is carried by hand.
func (l *Line) carried(channel string) bool {
	return slices.ContainsFunc(l.routes, func(r Route) bool { return r.Channel.Name() == channel && r.Class == courier.Carried })
}

func (l *Line) narrow(channel string) bool {
	for _, r := range l.routes {
		if r.Channel.Name() == channel {
			return r.Narrow
		}
	}
	return false
}

// parts collects what link wants in one frame, in the order in which the
// other side can use it: entries before the checkpoint that covers them.
func (l *Line) parts(now parley.Time, s link.Send, form wire.Form) ([]wire.Part, error) {
	var parts []wire.Part
	add := func(t wire.PartType, b []byte) { parts = append(parts, wire.Part{Type: t, Bytes: b}) }
	for _, n := range s.Entries {
		b, err := l.entryBytes(n)
		if err != nil {
			return nil, fmt.Errorf("read entry %d: %w", n, err)
		}
		if form == wire.Narrow {
			narrow, err := wire.NarrowEntry(b)
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", n, err)
			}
			add(wire.PartNarrowEntry, narrow)
			continue
		}
		add(wire.PartEntry, b)
	}
	if s.Checkpoint && l.st.own.checkpoint.Size > 0 {
		add(wire.PartCheckpoint, l.st.own.checkpoint.Note())
	}
	if s.Cosigned && l.st.peer.cosigned != nil {
		add(wire.PartCosigned, l.st.peer.cosigned)
	}
	for _, n := range s.Singles {
		b, err := l.journal.Single(l.st.peer.id, n)
		if errors.Is(err, journal.ErrNotFound) {
			continue // never issued: a cosignature covers it
		}
		if err != nil {
			return nil, fmt.Errorf("read the receipt of entry %d: %w", n, err)
		}
		add(wire.PartReceipt, b)
	}
	if s.Report {
		b, err := wire.AppendReport(nil, l.reportOf(now))
		if err != nil {
			return nil, err
		}
		add(wire.PartReport, b)
	}
	return l.rareParts(now, s, form, parts)
}

// rareParts adds what most frames do not have.
func (l *Line) rareParts(now parley.Time, s link.Send, form wire.Form, parts []wire.Part) ([]wire.Part, error) {
	add := func(t wire.PartType, b []byte) {
		if b != nil {
			parts = append(parts, wire.Part{Type: t, Bytes: b})
		}
	}
	if s.Refusals && l.st.peer.refusals > l.st.peer.told {
		most := refusalsWide
		if form == wire.Narrow {
			most = refusalsNarrow
		}
		refusals, err := l.journal.Refusals(l.st.peer.id, l.st.peer.told, most)
		if err != nil {
			return nil, err
		}
		for _, r := range refusals {
			add(wire.PartRefusal, r.Bytes)
		}
	}
	var key crypto.Signer
	if s.Check != link.NoCheck || len(s.Closed) > 0 {
		var err error
		if key, err = l.voice(l.sealer.epochs[s.Epoch]); err != nil {
			return nil, err
		}
	}
	checked := false
	switch s.Check {
	case link.CheckAsk:
		b, err := l.ask(s.Channel, now, key)
		if err != nil {
			return nil, err
		}
		checked = b != nil
		add(wire.PartCheck, b)
		if form == wire.Wide {
			if err := l.refresh(now, key); err != nil {
				return nil, err
			}
			add(wire.PartPrekeys, l.offered.part)
		} else if l.gens.restoring() { // or the other side could open no epoch
			if err := l.makeLean(now, key); err != nil {
				return nil, err
			}
			add(wire.PartPrekeys, l.gens.lean.part)
		}
		recalled, err := l.recalled()
		if err != nil {
			return nil, err
		}
		parts = append(parts, recalled...)
	case link.CheckAnswer:
		b, err := l.answer(s.Channel, now, key)
		if err != nil {
			return nil, err
		}
		checked = b != nil
		add(wire.PartCheck, b)
	}
	if checked && form == wire.Wide {
		add(wire.PartOfferPQ, l.offerPQ(now))
		add(wire.PartCosignedPQ, l.owedPQ())
	}
	if len(s.Unknown) > 0 {
		b, err := wire.AppendUnknown(nil, wire.Unknown{Epochs: s.Unknown})
		if err != nil {
			return nil, err
		}
		add(wire.PartUnknown, b)
	}
	for _, id := range s.Closed {
		b, err := l.sealer.word(l, id, key)
		if err != nil {
			return nil, err
		}
		add(wire.PartClosed, b)
	}
	return parts, nil
}

// The refusals that one frame carries at most, of some 160 bytes each; the report
// of the other side asks for the rest (spec/RECEIPT.md §6).
const (
	refusalsWide   = 64
	refusalsNarrow = 8
)

// reportOf is what we say we hold of their log (spec/RECEIPT.md §6).
func (l *Line) reportOf(now parley.Time) wire.Report {
	all := l.st.history.Generations(l.peer.Party)
	return wire.Report{
		Log: all[len(all)-1].Log, Size: l.st.peer.size, Ahead: aheadRanges(l.st.peer),
		Refusals: l.st.own.refusals + uint64(len(l.strangers)), Cosigned: l.st.own.cosignedSize, Wait: l.wait(now),
	}
}

// reportRanges is how many ranges ahead of a gap a report names; the rest is
// named when these are closed.
const reportRanges = 32

// aheadRanges returns what is held beyond the gap as ranges, lowest first. An
// entry that is held in the gap's place, because it contradicts what it should
// follow, is not among them: a report has no way to say that (spec/RECEIPT.md
// §4), and a single receipt says it.
func aheadRanges(peer peerLog) []wire.Range {
	numbers := make([]uint64, 0, len(peer.ahead))
	for n := range peer.ahead {
		if n != peer.size+1 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	var out []wire.Range
	for _, n := range numbers {
		if k := len(out); k > 0 && out[k-1].Last+1 == n {
			out[k-1].Last = n
			continue
		}
		if len(out) == reportRanges {
			break
		}
		out = append(out, wire.Range{First: n, Last: n})
	}
	return out
}

// entryBytes returns an entry of ours, from memory if it is a recent one.
func (l *Line) entryBytes(n uint64) ([]byte, error) {
	if b := l.recent.get(n); b != nil {
		return b, nil
	}
	r, err := l.journal.Record(l.st.own.id, n)
	if err != nil {
		return nil, err
	}
	return r.Entry, nil
}
