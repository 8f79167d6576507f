package station

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// Recovery after a restore: our log is made whole again from what the other side
// holds of it, and goes on behind that (spec/GENERATION.md §5).

// recalled returns the parts that ask, with a line check, for what a restored
// station lacks.
func (l *Line) recalled() (parts []wire.Part, err error) {
	g := &l.gens
	var ask []wire.Recall
	if !g.restoring() && g.rekeying.renewal != nil {
		parts = append(parts, wire.Part{Type: wire.PartRenewal, Bytes: g.rekeying.renewal})
	}
	if g.restoring() {
		if g.unanswered(l.st.history) {
			// The other side may have been restored as well, and have lost what it gave us.
			for _, s := range g.statements {
				parts = append(parts, wire.Part{Type: wire.PartGeneration, Bytes: s.Statement})
			}
			if l.st.own.cosigned != nil {
				parts = append(parts, wire.Part{Type: wire.PartCosigned, Bytes: l.st.own.cosigned})
			}
			for _, b := range g.renewals {
				parts = append(parts, wire.Part{Type: wire.PartRenewal, Bytes: b})
			}
			ask = append(ask, wire.Recall{Log: l.st.peer.id, Size: l.st.peer.size})
		}
		ask = append(ask, wire.Recall{Log: l.st.own.id, Size: l.st.own.size})
	}
	if l.st.peer.size < g.lost && len(ask) < 2 {
		ask = append(ask, wire.Recall{Log: l.st.peer.id, Size: l.st.peer.size})
	}
	for _, r := range ask {
		b, err := wire.AppendRecall(nil, r)
		if err != nil {
			return nil, err
		}
		parts = append(parts, wire.Part{Type: wire.PartRecall, Bytes: b})
	}
	return parts, nil
}

// peerRecall takes what they ask for: it goes with the answer to their line check.
func (t *turn) peerRecall(channel string, b []byte) error {
	r, err := wire.ParseRecall(b)
	if err != nil {
		return err
	}
	if r.Log != t.next.own.id && r.Log != t.next.peer.id {
		return fmt.Errorf("what is lost of log %s: %w", r.Log, errWrongLog)
	}
	t.after(func() {
		g := &t.l.gens
		if r.Log == t.l.st.peer.id {
			g.theyHold = r.Size
		}
		g.recalls[channel] = append(slices.DeleteFunc(g.recalls[channel], func(o wire.Recall) bool { return o.Log == r.Log }), r)
	})
	return nil
}

// sendGiven sends what goes with an answer to a line check, in frames of its own.
func (l *Line) sendGiven(now parley.Time, s link.Send, seal func([]wire.Part) ([]byte, error)) error {
	frames, most := givenFrames, givenBytes
	if l.carried(s.Channel) {
		frames = givenCarried
	}
	if l.narrow(s.Channel) {
		frames, most = 1, givenNarrow
	}
	parts, err := l.give(now, s.Channel, frames*most)
	if err != nil {
		return err
	}
	for len(parts) > 0 {
		n, size := 0, 0
		for n < len(parts) && n < wire.MaxParts/2 && (n == 0 || size+len(parts[n].Bytes) <= most) {
			size += len(parts[n].Bytes)
			n++
		}
		frame, err := seal(parts[:n])
		if err != nil {
			return err
		}
		if !l.courier.Send(s.Channel, int(parley.Routine-1), frame) {
			return nil // its queue is full: what is missing is asked for again
		}
		parts = parts[n:]
	}
	return nil
}

// recover goes on with the recovery as far as what came allows.
func (l *Line) recover(now parley.Time) error {
	h, g := l.st.history, &l.gens
	if g.unanswered(h) || l.st.own.halted != "" {
		return nil
	}
	all := h.Generations(l.cfg.Party)
	end := all[len(all)-1].From - 1
	if l.st.own.cosignedSize > end {
		return l.giveUp(now, fmt.Sprintf("%s closed our log at %d entries, and had cosigned %d", l.peer.Party, end, l.st.own.cosignedSize))
	}
	if l.st.own.size > end {
		if err := l.cutOwn(now, end); err != nil {
			return err
		}
	}
	before := l.st.own.size
	if err := l.place(now, end); err != nil {
		return err
	}
	if l.st.own.size < end {
		if l.st.own.size > before {
			l.step(now, link.CheckNow{}) // there is more
		}
		return nil
	}
	return l.whole(now, end)
}

// cutOwn takes out of our log what the other side does not provably hold. It is
// numbered anew.
func (l *Line) cutOwn(now parley.Time, end uint64) error {
	st := l.st
	left, err := l.shorten(st.own.id, l.cfg.Party, end, st.history)
	if err != nil {
		return err
	}
	st.own.frontier, st.own.head, st.own.said = left.frontier, left.head, left.seen
	st.own.size = end
	if st.own.checkpoint, err = l.ofCosigned(st.own.cosigned, st.history, l.cfg.Party, l.peer.Party); err != nil {
		return err
	}
	rows, err := l.rows(st)
	if err != nil {
		return err
	}
	err = l.commit(func(tx *journal.Tx) error {
		for _, s := range left.strays {
			if err := tx.PutStray(s); err != nil {
				return err
			}
		}
		return tx.CutLog(rows[0])
	})
	if err != nil {
		return err
	}
	for _, lost := range left.lost {
		l.alarm(now, fmt.Sprintf("%s, was released before the restore and did not come to %s: its officers have to release it anew", lost, l.peer.Party))
	}
	return l.shortened(st)
}

// shortened takes a state in which our log has become shorter.
func (l *Line) shortened(st state) error {
	var err error
	if st.history, err = l.loadHistory(st.own.size, st.peer.size); err != nil {
		return err
	}
	st.own.refusals, err = l.journal.RefusalCount(st.own.id)
	l.st = st
	l.history.Store(st.history)
	return err
}

// place puts the entries that came back in their places, as far as they follow
// each other. What stands in them was released: their drafts are used.
func (l *Line) place(now parley.Time, end uint64) error {
	st := l.st
	st.own.frontier = st.own.frontier.Clone()
	var records []journal.Record
	for st.own.size < end {
		n := st.own.size + 1
		b, ok := l.gens.returned[n]
		if !ok {
			break
		}
		delete(l.gens.returned, n)
		e, err := wire.ParseEntryHeader(b)
		of, _ := st.history.Generation(l.cfg.Party, n)
		if err != nil || e.Log != of.Log || e.Number != n || e.Previous != st.own.head {
			l.warn("returned", now, fmt.Sprintf("%s sent back an entry %d of ours that does not follow what this station holds", l.peer.Party, n))
			break
		}
		rec := journal.Record{Log: st.own.id, Number: n, Leaf: transcript.LeafHash(b), Entry: b, At: now, State: journal.Believed}
		entry, err := wire.ParseEntry(b)
		var released *release.Released
		if err == nil {
			released, err = release.Verify(entry.Signed, st.history, l.cfg.Party, l.peer.Party, st.history.Place(l.cfg.Party, e))
		}
		if err != nil {
			rec.State, rec.Reason = journal.Refused, uint8(reasonOf(err))
		} else {
			c := released.Content()
			rec.Precedence, rec.Status, rec.Kind = c.Precedence, c.Status, c.Kind
			if c.Kind != parley.Change {
				rec.Draft = c.Draft
			}
			st.history = released.After()
		}
		st.own.size, st.own.head = n, rec.Leaf
		st.own.said = max(st.own.said, st.history.Saw(l.cfg.Party, n, st.history.Place(l.cfg.Party, e).Seen))
		st.own.frontier.Append(rec.Leaf)
		records = append(records, rec)
	}
	if len(records) == 0 {
		return nil
	}
	rows, err := l.rows(st)
	if err != nil {
		return err
	}
	err = l.commit(func(tx *journal.Tx) error {
		for _, r := range records {
			if err := tx.Append(r); err != nil {
				return err
			}
			if r.Draft != (parley.DraftID{}) {
				if err := tx.DeleteDraft(r.Draft); err != nil && !errors.Is(err, journal.ErrNotFound) {
					return err
				}
			}
		}
		return tx.PutLog(rows[0])
	})
	if err != nil {
		return err
	}
	l.st = st
	l.history.Store(st.history)
	return nil
}

// whole ends the recovery, when what we hold is what we signed and they closed.
func (l *Line) whole(now parley.Time, end uint64) error {
	st := l.st
	root := st.own.frontier.Root()
	if closed, err := l.closedRoot(); err != nil || closed != root {
		return l.giveUp(now, fmt.Sprintf("%s closed another log of ours at %d than the backup is of", l.peer.Party, end))
	}
	if st.own.cosignedSize < end {
		note, ok := l.gens.cosigned[end]
		if !ok {
			return nil // it comes with the answer to the next line check
		}
		c, err := l.ofCosigned(note, st.history, l.cfg.Party, l.peer.Party)
		if err != nil {
			return err
		}
		if c.Root != root {
			return l.giveUp(now, fmt.Sprintf("our own checkpoint of %d entries is of another history than what %s sent back", end, l.peer.Party))
		}
		st.own.cosigned, st.own.cosignedSize, st.own.checkpoint = note, end, c
	}
	rows, err := l.rows(st)
	if err != nil {
		return err
	}
	err = l.commit(func(tx *journal.Tx) error {
		return errors.Join(tx.PutLog(rows[0]), tx.SetMeta(l.metaKey("renewal"), nil), tx.SetMeta(l.metaKey("rekeying"), nil))
	})
	if err != nil {
		return err
	}
	g := &l.gens
	text, another := byAnotherKey(st.history, l.cfg.Party)
	restored := !bytes.Equal(g.renewal, g.rekeying.renewal)
	g.renewal, g.renewals, g.strays, g.rekeying = nil, nil, true, rekeying{}
	g.returned, g.cosigned = map[uint64][]byte{}, map[uint64][]byte{}
	if another {
		l.tellRekeyed(now, l.cfg.Party, end, text)
	}
	if restored {
		l.cfg.Notify(Event{Kind: EventNotice, Line: l.id, At: now, Text: fmt.Sprintf("the log is whole again: %d messages, as %s holds them. What is said from here on is of generation %d",
			end, l.peer.Party, len(st.history.Generations(l.cfg.Party)))})
	}
	if err := l.reload(now); err != nil {
		return err
	}
	if err := l.tellNeeds(); err != nil { // the log key that was ended signs nothing more
		l.alarm(now, err.Error())
	}
	return nil
}

// closedRoot returns the root at which our newest generation but one was closed.
func (l *Line) closedRoot() (parley.Hash, error) {
	for _, s := range slices.Backward(l.gens.statements) {
		if s.Party == l.cfg.Party {
			g, err := receipt.ReadGeneration(s.Statement)
			return g.Closing.Root, err
		}
	}
	return parley.Hash{}, journal.ErrCorrupt // it is known, or there would be no recovery
}

// giveUp ends a recovery that cannot succeed. Nothing is signed before people have
// found out why.
func (l *Line) giveUp(now parley.Time, why string) error {
	st := l.st
	st.own.halted = why
	rows, err := l.rows(st)
	if err != nil {
		return err
	}
	if err := l.commit(func(tx *journal.Tx) error { return tx.PutLog(rows[0]) }); err != nil {
		return err
	}
	l.st = st
	l.alarm(now, why+": nothing more is signed on this line by this station")
	return nil
}

// renumber gives a number to what strayed of ours, as soon as there are numbers
// again (spec/GENERATION.md §6).
func (l *Line) renumber(now parley.Time) error {
	g := &l.gens
	if !g.strays || g.restoring() || l.st.own.halted != "" {
		return nil
	}
	strays, err := l.journal.Strays(l.id, l.cfg.Party, 64)
	if err != nil {
		return err
	}
	g.strays = len(strays) > 0
	for _, s := range strays {
		if err := l.renumberOne(now, s); err != nil {
			return err
		}
	}
	return nil
}

func (l *Line) renumberOne(now parley.Time, s journal.Stray) error {
	e, err := wire.ParseEntry(s.Entry)
	if err != nil {
		return err
	}
	_, which := l.st.history.LogOf(e.Log)
	name := parley.MessageName(l.cfg.Party, which, e.Number)
	released, err := release.Verify(e.Signed, l.st.history, l.cfg.Party, l.peer.Party, roster.Place{Number: l.st.own.size + 1, Seen: l.st.sees()})
	if err == nil {
		in := releaseInput{released: released, stray: true, reply: make(chan releaseReply, 1), claim: new(claim)}
		t := l.newTurn()
		t.sure = true
		in.join(t)
		if err := l.take(context.Background(), t); err != nil {
			return err
		}
		var got releaseReply
		select {
		case got = <-in.reply:
		default:
			return nil // the disk is full: later
		}
		if got.err == nil {
			l.alarm(now, fmt.Sprintf("%s, released before the restore and not received, is sent as %s", name, l.NameOf(got.ref)))
			return nil
		}
		err = got.err
	}
	if errors.Is(err, ErrHalted) {
		return nil
	}
	if !errors.Is(err, ErrReplay) {
		l.alarm(now, fmt.Sprintf("%s, released before the restore, cannot be sent any more: %v", name, err))
	}
	return l.commit(func(tx *journal.Tx) error { return tx.DeleteStray(s.Line, s.Party, s.Draft) })
}

// restoreTroubles say what a restore still waits for.
func (l *Line) restoreTroubles(now parley.Time) (out []Trouble) {
	g, peer := &l.gens, l.peer.Party
	since := now // of the restore, as far as our log tells it
	if all := l.st.history.Generations(l.cfg.Party); len(all) > 1 {
		since = min(now, all[len(all)-1].Renewed)
	}
	if g.restoring() && l.st.own.halted == "" {
		what := fmt.Sprintf("RESTORED from a backup: nothing is signed before %s has said how far our log goes", peer)
		if !g.unanswered(l.st.history) {
			all := l.st.history.Generations(l.cfg.Party)
			what = fmt.Sprintf("RESTORED from a backup: of our %d messages that %s holds %d are back; nothing is signed before all are", all[len(all)-1].From-1, peer, l.st.own.size)
		}
		do := fmt.Sprintf("bring a channel to %s up; by pouch it takes a carrier there and one back. Drafts wait meanwhile", peer)
		if g.unanswered(l.st.history) && g.unknown != 0 {
			what += "; what comes from there is signed with a station key that this backup does not know"
			do = fmt.Sprintf("ask %s by voice: if its station key became another since this backup was made, restore a newer backup, or agree on the line anew", peer)
		} else if l.deaf(now) {
			what += fmt.Sprintf("; frames come from %s, and none since the start could be taken: most likely this backup is older than a change of a station key, ours or theirs", peer)
			do = fmt.Sprintf("ask %s by voice what its parley status says; if a station key of either side became another since this backup was made, restore a newer backup, or agree on the line anew", peer)
		}
		out = append(out, Trouble{First: g.asked, Last: now, What: what, Do: do})
	}
	if l.st.peer.size < g.lost {
		out = append(out, Trouble{First: since, Last: now,
			What: fmt.Sprintf("RESTORED from a backup: of %d messages of %s that we may have had %d are back", g.lost, peer, l.st.peer.size),
			Do:   "nothing: they come by themselves"})
	}
	if err := l.receiptless(l.st.history); err != nil {
		out = append(out, Trouble{First: since, Last: now,
			What: fmt.Sprintf("RESTORED from a backup: nothing of %s is receipted: our receipt key is younger than the backup, and lost", peer),
			Do:   "parley key roll receipt, and let officers release it; or put its file back into keys/later, and start again"})
	}
	return out
}
