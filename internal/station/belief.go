package station

import (
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/wire"
)

// What is believed at an entry follows from the entries up to it, in their
// order: a change of a side may stand before it (spec/CHANGE.md §4). What
// arrives ahead of a gap is judged by what is known so far. What a change before
// it could make another is not refused but Held, without a verdict, until its
// place is reached; and what is believed is Held again when a change ends the key
// of one of its officers. Each entry is so verified twice at most, whatever a
// hostile side sends.

// provisional reports whether what is wrong with an entry may be another thing
// once a change before it is known.
func provisional(reason wire.Reason) bool {
	return reason == wire.ReasonOfficer || reason == wire.ReasonDesk || reason == wire.ReasonChange
}

// believe says what is thought of an entry of theirs: it fills the state, the
// reason and what of the content is kept. saw is what it says of our log; placed is that everything before the
// entry is held; otherwise the verdict may be that there is none yet.
func (t *turn) believe(rec *journal.Record, v verdict, saw []wire.Seen, placed bool) error {
	if v.journal != nil {
		return v.journal
	}
	rec.State, rec.Reason = journal.Believed, 0
	rec.Draft, rec.Precedence, rec.Status, rec.Kind = parley.DraftID{}, 0, 0, 0
	if _, err := t.saw(rec.Number, saw, placed); err != nil {
		if rec.State = journal.Held; placed {
			rec.State, rec.Reason = journal.Refused, uint8(reasonOf(err))
			if v.err == nil && v.released.Content().Kind == parley.Change {
				rec.Kind = parley.Change // it is in force all the same
			}
		}
		return nil
	}
	err := v.err
	var c wire.Content
	if err == nil {
		c = v.released.Content()
		if c.Kind == parley.Change && !placed {
			rec.State = journal.Held
			return nil
		}
		used, known := t.drafts[draftKey{t.l.peer.Party, c.Draft}]
		if used = used || !known && v.used; used && c.Kind != parley.Change { // a change is believed once because of its number
			err = ErrReplay
		}
	}
	if err != nil {
		reason := reasonOf(err)
		if !placed && provisional(reason) {
			rec.State = journal.Held
			return nil
		}
		rec.State, rec.Reason = journal.Refused, uint8(reason)
		return nil
	}
	rec.Precedence, rec.Status, rec.Kind = c.Precedence, c.Status, c.Kind
	if c.Kind != parley.Change {
		rec.Draft = c.Draft
		t.use(t.l.peer.Party, c.Draft, true)
	}
	return nil
}

// saw judges what entry n of theirs says it has seen of our log, and returns what
// their entries up to it said. What those before it said counts only when they are
// held. Of a log that was restored from an old copy nobody here knows how long it is,
// until the other side has said it (spec/FLOW.md §5, spec/GENERATION.md §5).
func (t *turn) saw(n uint64, seen []wire.Seen, placed bool) (uint64, error) {
	h, us := t.next.history, t.l.cfg.Party
	all := h.Generations(us)
	least, most := uint64(0), max(t.next.own.size, all[len(all)-1].From-1)
	if placed {
		least = t.next.peer.seen
	}
	if t.next.own.halted != "" {
		most = wire.MaxNumber
	}
	if t.l.gens.unanswered(h) {
		least, most = 0, wire.MaxNumber
	}
	if len(all) > 1 && len(seen) > 0 {
		seen = slices.Clone(seen)
		for i := range seen {
			seen[i].Size = h.Saw(t.l.peer.Party, n, seen[i].Size)
		}
	}
	return release.CheckSeen(seen, t.l.self.Log, least, most)
}

// reasonOf returns the refusal reason of what is wrong with an entry.
func reasonOf(err error) wire.Reason {
	if errors.Is(err, ErrReplay) {
		return wire.ReasonReplay
	}
	return release.Reason(err)
}

// refuse makes the signed refusal of an entry that is not believed.
func (t *turn) refuse(rec journal.Record) error {
	key, err := t.l.signer(t.next.history, roster.RoleStation)
	if err != nil {
		return err
	}
	refusal, err := receipt.Refuse(wire.Refusal{
		Log: rec.Log, Number: rec.Number, Leaf: rec.Leaf, Reason: wire.Reason(rec.Reason), Time: t.now,
	}, key)
	if err != nil {
		return fmt.Errorf("sign the refusal of entry %d: %w", rec.Number, err)
	}
	t.next.peer.refusals++
	t.tell(link.Refused{Count: t.next.peer.refusals})
	t.write(func(tx *journal.Tx) error { return tx.PutRefusal(rec.Log, rec.Number, refusal) })
	return nil
}

// present tells what became of an entry.
func (t *turn) present(rec journal.Record, channel string) {
	ref := parley.Ref{Log: rec.Log, Number: rec.Number}
	switch rec.State {
	case journal.Believed:
		if s, ok := t.l.gens.theirs[rec.Draft]; ok {
			t.settled(rec, s, channel)
			return
		}
		t.report(Event{Kind: EventArrived, Ref: ref, Channel: channel})
	case journal.Refused:
		t.report(Event{Kind: EventRefused, Ref: ref, Channel: channel, Text: release.ReasonText(wire.Reason(rec.Reason))})
	case journal.Held: // told when the gap before it closes
	}
}

// placed is called when everything before entry n of theirs is held: what had
// no verdict has one now, and a change is applied.
func (t *turn) placed(n uint64, a aheadLeaf) error {
	after := a.after
	saw, err := t.saw(n, a.seen, true)
	if a.state == journal.Believed && err != nil { // it was ahead of those that said more
		if err := t.unbelieve(n, "it says to have seen less of our log than those before it"); err != nil {
			return err
		}
		a.state = journal.Held
	}
	if a.state == journal.Held {
		if a.state, after, err = t.decided(n); err != nil {
			return err
		}
	}
	if a.state == journal.Believed {
		t.next.peer.seen = saw
	}
	if after == nil {
		return nil
	}
	t.next.history = after
	c := lastChange(after, t.l.peer.Party)
	t.report(t.l.changed(c, parley.Ref{Log: t.next.peer.id, Number: n}))
	t.takenBack(n, c)
	for m, b := range t.next.peer.ahead {
		if slices.ContainsFunc(b.signers, c.Ends) {
			if err := t.unbelieve(m, "before it stands a change that ends the key of one of its officers"); err != nil {
				return err
			}
			b.state, b.signers = journal.Held, nil
			t.next.peer.ahead[m] = b
		}
	}
	return nil
}

// decided judges an entry of theirs that had no verdict before its place was
// reached. It returns what is thought of it, and the history behind it if it is a
// change that is in force.
func (t *turn) decided(n uint64) (journal.State, *roster.History, error) {
	rec, err := t.heldRecord(n)
	if err != nil {
		return 0, nil, err
	}
	h, err := wire.ParseEntryHeader(rec.Entry)
	if err != nil {
		return 0, nil, fmt.Errorf("entry %d of %s in the journal: %w", n, t.l.peer.Party, err)
	}
	v := t.l.verify(t.next.history, rec.Entry, true)
	if err := t.believe(&rec, v, h.Seen, true); err != nil {
		return 0, nil, err
	}
	t.judged(rec)
	if rec.State == journal.Refused {
		if err := t.refuse(rec); err != nil {
			return 0, nil, err
		}
	}
	t.present(rec, t.fresh[n].channel)
	return rec.State, change(v, rec), nil
}

// unbelieve takes back the verdict on an entry that was believed ahead of a
// gap, because of what stood in the gap.
func (t *turn) unbelieve(n uint64, why string) error {
	rec, err := t.heldRecord(n)
	if err != nil {
		return err
	}
	if rec.Draft != (parley.DraftID{}) {
		t.use(t.l.peer.Party, rec.Draft, false)
	}
	rec.State, rec.Draft, rec.Precedence, rec.Status, rec.Kind = journal.Held, parley.DraftID{}, 0, 0, 0
	t.judged(rec)
	t.alarm(fmt.Sprintf("%s was shown ahead of a gap, and is not believed any more: %s", MessageName(t.next.history, t.l.peer.Party, n), why))
	return nil
}

// judged keeps what is thought of an entry now.
func (t *turn) judged(rec journal.Record) {
	t.changed = true
	t.write(func(tx *journal.Tx) error { return tx.Judge(rec) })
	if f, ok := t.fresh[rec.Number]; ok {
		f.record = rec
		t.fresh[rec.Number] = f
	}
}

// heldRecord returns an entry of theirs that is held, as this turn left it.
func (t *turn) heldRecord(n uint64) (journal.Record, error) {
	if f, ok := t.fresh[n]; ok {
		return f.record, nil
	}
	return t.l.journal.Record(t.next.peer.id, n)
}

// signersAhead returns the keys that signed an entry which is believed ahead of
// a gap; none of any other.
func signersAhead(rec journal.Record) (keys []parley.KeyID) {
	if !rec.Ahead || rec.State != journal.Believed {
		return nil
	}
	e, err := wire.ParseEntry(rec.Entry)
	if err != nil {
		return nil // then it was not believed
	}
	s, err := wire.ParseSigned(e.Signed)
	if err != nil {
		return nil
	}
	for _, sig := range s.Signatures {
		keys = append(keys, sig.Key)
	}
	return keys
}

// change returns the history behind an entry that is a change in force, and nil for
// any other. What it says to have seen may be why it is refused; it is in force all
// the same, so that nobody's word on that decides who speaks for the other party
// (spec/MESSAGE.md §6).
func change(v verdict, rec journal.Record) *roster.History {
	if v.err != nil || rec.Kind != parley.Change {
		return nil
	}
	return v.released.After()
}

// settled tells that a stray of theirs has its number: it is news if people have not
// seen it before.
func (t *turn) settled(rec journal.Record, s stray, channel string) {
	t.write(func(tx *journal.Tx) error { return tx.PlaceStray(t.l.id, t.l.peer.Party, rec.Draft, rec.Number) })
	t.after(func() { delete(t.l.gens.theirs, rec.Draft) })
	e := Event{Kind: EventArrived, Ref: parley.Ref{Log: rec.Log, Number: rec.Number}, Channel: channel, Text: s.name}
	if s.shown {
		e.Kind = EventRenumbered
	}
	t.report(e)
}
