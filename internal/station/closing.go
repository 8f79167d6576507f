package station

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"parley"
	"parley/internal/journal"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// Closing a generation of the other side's log, and what is done for a station of
// theirs that was restored (spec/GENERATION.md §3, §4, §6).

// straysMost bounds the strays of theirs that are kept at once.
const straysMost = 1024

// closeLog answers a renewal: their log is closed at what we have cosigned, and
// goes on under the name that they drew.
func (l *Line) closeLog(now parley.Time, p part) error {
	h, peer := l.st.history, l.peer.Party
	r, err := l.renewalBy(p.Bytes)
	if err != nil {
		l.refuse(now, p.channel, err)
		return nil
	}
	l.gens.owed[p.channel] = true
	if whose, _ := h.LogOf(r.Log); whose == peer {
		return nil // answered before
	}
	if err := h.Renews(peer, r.Log, r.Time); err != nil {
		l.warn("renewal", now, fmt.Sprintf("%s asks that its log go on under a new name, and cannot have it: %v", peer, err))
		return l.forgetPrekeys()
	}
	if l.st.peer.halted != "" {
		l.warn("renewal", now, fmt.Sprintf("%s was restored and asks that its log go on under a new name, but there are two histories of it (%s): people must decide; a new line is the way on", peer, l.st.peer.halted))
		return nil
	}
	all := h.Generations(peer)
	last := all[len(all)-1]
	// What they lost as well does not come back from them.
	if l.st.peer.cosignedSize < max(last.From-1, min(l.gens.lost, l.gens.theyHold)) {
		return nil // we were restored as well, and fetch what we have lost first
	}
	c := wire.Closing{
		Line: l.id, Party: peer, Closed: last.Log, Size: l.st.peer.cosignedSize, Root: new(transcript.Frontier).Root(),
		Opened: r.Log, Own: l.st.own.size, Time: now,
	}
	if l.gens.restoring() { // the rest of ours may stray itself
		c.Own = l.st.own.cosignedSize
	}
	if c.Size > 0 {
		cosigned, err := transcript.ReadCheckpoint(l.st.peer.cosigned)
		if err != nil {
			return err
		}
		c.Root = cosigned.Root
	}
	key, err := l.signer(h, roster.RoleReceipt)
	if err != nil {
		return err
	}
	closing, err := receipt.IssueClosing(c, key)
	if err != nil {
		return err
	}
	b, err := wire.AppendGeneration(nil, wire.Generation{Renewal: p.Bytes, Closing: closing})
	if err != nil {
		return err
	}
	said, next, err := receipt.OpenGeneration(b, h, peer)
	if err != nil {
		return fmt.Errorf("our own closing of the log of %s: %w", peer, err)
	}
	return l.cutPeer(now, journal.Generation{Party: peer, Statement: b}, said, next, min(l.gens.lost, c.Size))
}

// oursOfTheirs reports whether a note is of their log: a cosignature of ours.
func (t *turn) oursOfTheirs(note []byte) bool {
	c, err := transcript.ReadCheckpoint(note)
	if err != nil {
		return false
	}
	whose, _ := t.next.history.LogOf(c.Log)
	return whose == t.l.peer.Party
}

// remind takes a cosignature of ours that comes back: if it is of more than we
// hold we gave it before we were restored, and have lost what it covers.
func (l *Line) remind(now parley.Time, p part) error {
	c, _, err := receipt.OpenCosigned(p.Bytes, l.st.history, l.peer.Party, l.cfg.Party)
	if err != nil {
		l.refuse(now, p.channel, err)
		return nil
	}
	if c.Size <= max(l.st.peer.cosignedSize, l.gens.lost) {
		return nil
	}
	if !l.gens.restoring() {
		l.warn("reminded", now, fmt.Sprintf("%s has a cosignature by our receipt key of %d of its entries, and this station has cosigned %d: someone else may hold our keys, or this station runs on an old copy", l.peer.Party, c.Size, l.st.peer.cosignedSize))
		return nil
	}
	err = l.commit(func(tx *journal.Tx) error {
		return tx.SetMeta(l.metaKey("lost"), binary.BigEndian.AppendUint64(nil, c.Size))
	})
	if err == nil {
		l.gens.lost = c.Size
	}
	return err
}

// cutPeer makes durable that their log goes on so, that nothing of it is held beyond
// the close — what was has strayed —, and how much of it we may have lost.
func (l *Line) cutPeer(now parley.Time, g journal.Generation, said receipt.Generation, next *roster.History, lost uint64) error {
	peer, size := &l.st.peer, said.Closing.Size
	st := l.st
	var left shorter
	cut := peer.size > size || len(peer.ahead) > 0
	if cut {
		var err error
		size = min(size, peer.size)
		if left, err = l.shorten(peer.id, g.Party, size, next); err != nil {
			return err
		}
		st.peer.frontier, st.peer.head = left.frontier, left.head
		st.peer.size, st.peer.told = size, 0
		if st.peer.checkpoint, err = l.ofCosigned(peer.cosigned, next, l.peer.Party, l.cfg.Party); err != nil {
			return err
		}
	}
	rows, err := l.rows(st)
	if err != nil {
		return err
	}
	prekeys, rest, err := l.anyPrekeys()
	rekeyed, another := byAnotherKey(next, g.Party)
	if err == nil && another { // it may be the station that it was, and hold its prekeys
		prekeys.Keys = l.sealer.prekeys.Keys
		rest, err = wire.AppendPrekeys(nil, prekeys)
	}
	if err != nil {
		return err
	}
	err = l.commit(func(tx *journal.Tx) error {
		if err := tx.SetMeta(l.metaKey("prekeys"), rest); err != nil {
			return err
		}
		if err := tx.SetMeta(l.metaKey("lost"), binary.BigEndian.AppendUint64(nil, lost)); err != nil {
			return err
		}
		if cut {
			for _, stray := range left.strays {
				if err := tx.PutStray(stray); err != nil {
					return err
				}
			}
			err := errors.Join(tx.CutLog(rows[1]), tx.SetMeta(l.metaKey("seen"), binary.BigEndian.AppendUint64(nil, left.seen)))
			if err != nil {
				return err
			}
		}
		return tx.PutGeneration(l.id, g)
	})
	if err != nil {
		return err
	}
	l.gens.lost, l.sealer.prekeys = lost, prekeys
	text := fmt.Sprintf("%s was restored from a backup: its log goes on behind entry %d, in its generation %d", g.Party, said.Closing.Size, len(next.Generations(g.Party)))
	if another {
		text = rekeyed
	}
	if len(left.strays) > 0 {
		text += fmt.Sprintf("; %d of its messages that had come are numbered anew by its station", len(left.strays))
	}
	if len(left.lost) > 0 {
		text += fmt.Sprintf("; of what had come, its officers have to release anew: %s", strings.Join(left.lost, "; "))
	}
	if another {
		l.tellRekeyed(now, g.Party, said.Closing.Size, text)
	} else {
		l.alarm(now, text)
	}
	return l.reload(now)
}

// anyPrekeys are their prekeys as they are once they were restored: none of them is
// held any more, and their clock may be behind what it was, so that the next batch
// counts, whatever its time.
func (l *Line) anyPrekeys() (prekeys wire.Prekeys, bytes []byte, err error) {
	prekeys = l.sealer.prekeys
	prekeys.Keys, prekeys.Time = nil, 0
	bytes, err = wire.AppendPrekeys(nil, prekeys)
	return prekeys, bytes, err
}

// forgetPrekeys has the next batch count for a station that was restored and cannot be
// answered yet: it could not open what would tell it why.
func (l *Line) forgetPrekeys() error {
	prekeys, rest, err := l.anyPrekeys()
	if err != nil {
		return err
	}
	err = l.commit(func(tx *journal.Tx) error { return tx.SetMeta(l.metaKey("prekeys"), rest) })
	if err == nil {
		l.sealer.prekeys = prekeys
	}
	return err
}

// ofCosigned returns the checkpoint in a cosigned note of a log, the zero one if
// there is none.
func (l *Line) ofCosigned(note []byte, h *roster.History, owner, by parley.Party) (transcript.Signed, error) {
	if note == nil {
		return transcript.Signed{}, nil
	}
	c, _, err := receipt.OpenCosigned(note, h, owner, by)
	return c, err
}

// refuse counts a part that was not taken, between turns.
func (l *Line) refuse(now parley.Time, channel string, err error) {
	if text := l.tally.add(l.id, frameKey{channel, reasonOfFrame(err)}, now, err); text != "" {
		l.cfg.Notify(Event{Kind: EventFrameLost, Line: l.id, At: now, Channel: channel, Text: text})
	}
}

// strayOf reports whether an entry is of a generation of p's log that was closed
// before it.
func strayOf(h *roster.History, p parley.Party, e wire.Header) bool {
	whose, which := h.LogOf(e.Log)
	all := h.Generations(p)
	return whose == p && which < len(all) && e.Number >= all[which].From
}

// strayed takes an entry that has no place in its log: one of theirs, which they
// are to number anew, or one of ours that came back.
func (l *Line) strayed(now parley.Time, p part) error {
	e, err := wire.ParseEntry(p.Bytes)
	if err != nil {
		l.refuse(now, p.channel, err)
		return nil
	}
	h := l.st.history
	whose, to := l.peer.Party, l.cfg.Party
	if w, _ := h.LogOf(e.Log); w == l.cfg.Party {
		whose, to = to, whose
	}
	if !strayOf(h, whose, e.Header) {
		if g := &l.gens; whose == l.cfg.Party && g.restoring() && e.Number > l.st.own.size && e.Number <= l.st.own.size+returnedMost {
			g.returned[e.Number] = p.Bytes
			return nil
		}
		if r, err := l.journal.Record(l.st.own.id, e.Number); err != nil || r.Leaf != transcript.LeafHash(p.Bytes) {
			l.refuse(now, p.channel, fmt.Errorf("an entry %d of our log that this station never wrote: %w", e.Number, errBeyond))
		}
		return nil
	}
	if whose == l.peer.Party {
		l.gens.owed[p.channel] = true // whoever sent it may not know that its log was closed
	}
	released, err := release.Verify(e.Signed, h, whose, to, roster.Place{Number: wire.MaxNumber})
	if err != nil {
		l.refuse(now, p.channel, err)
		return nil
	}
	c := released.Content()
	if why := strayless(h, whose, p.Bytes); why != "" {
		_, which := h.LogOf(e.Log)
		if l.gens.told[c.Draft] || len(l.gens.told) >= straysMost {
			return nil
		}
		l.gens.told[c.Draft] = true
		l.alarm(now, fmt.Sprintf("%s, %s, was written before %s was restored and does not count: its officers have to release it anew",
			parley.MessageName(whose, which, e.Number), why, whose))
		return nil
	}
	used, err := l.journal.DraftUsed(l.id, whose, c.Draft)
	if err != nil || used {
		return err
	}
	s := journal.Stray{Line: l.id, Party: whose, Draft: c.Draft, Entry: p.Bytes}
	if _, known := l.gens.theirs[c.Draft]; whose == l.peer.Party && (known || len(l.gens.theirs) >= straysMost) {
		return nil
	}
	if err := l.commit(func(tx *journal.Tx) error { return tx.PutStray(s) }); err != nil {
		return err
	}
	if whose == l.cfg.Party {
		l.gens.strays = true
	} else {
		l.gens.theirs[c.Draft] = stray{strayName(h, s), false}
	}
	return nil
}

// giving bounds what goes with one answer to a line check: so many frames, and so
// many bytes of parts in each.
const (
	givenFrames  = 16
	givenCarried = 64
	givenBytes   = 32 << 10
	givenNarrow  = 2 << 10
	straysGiven  = 16
	giveAgain    = parley.Time(2000) // milliseconds before another channel brings the same
)

// give returns the parts that are to go with the answer to a line check: what the
// other side asked for, or should know.
func (l *Line) give(now parley.Time, channel string, most int) (parts []wire.Part, err error) {
	g := &l.gens
	recalls := g.recalls[channel]
	if g.owed[channel] || len(recalls) > 0 {
		for _, s := range g.statements {
			parts = append(parts, wire.Part{Type: wire.PartGeneration, Bytes: s.Statement})
		}
	}
	delete(g.owed, channel)
	delete(g.recalls, channel)
	bytes := 0
	add := func(t wire.PartType, b []byte) bool {
		parts = append(parts, wire.Part{Type: t, Bytes: b})
		bytes += len(b)
		return bytes < most
	}
	if len(g.theirs) > 0 {
		strays, err := l.journal.Strays(l.id, l.peer.Party, -1)
		if err != nil {
			return nil, err
		}
		// In turn: one that they can give no number stops none of the others.
		for i := range min(len(strays), straysGiven) {
			s := strays[(g.strayed+i)%len(strays)]
			if !add(wire.PartEntry, s.Entry) {
				break
			}
		}
		g.strayed += straysGiven
		if bytes >= most {
			return parts, nil
		}
	}
	for _, r := range recalls {
		last := g.given[r.Log]
		if last.behind == r.Size && last.channel != channel && now >= last.at && now < last.at+giveAgain {
			continue // it is on its way by another channel
		}
		g.given[r.Log] = given{r.Size, channel, now}
		end := l.st.own.size
		if r.Log == l.st.peer.id {
			all := l.st.history.Generations(l.peer.Party)
			end = min(l.st.peer.size, all[len(all)-1].From-1)
			if l.st.peer.cosigned != nil {
				add(wire.PartCosigned, l.st.peer.cosigned)
			}
		} else if l.st.own.checkpoint.Size > 0 {
			add(wire.PartCheckpoint, l.st.own.checkpoint.Note())
		}
		err := l.journal.Entries(r.Log, r.Size+1, 0, func(rec journal.Record) error {
			if rec.Number > end || !add(wire.PartEntry, rec.Entry) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
	}
	return parts, nil
}

var errEnough = errors.New("enough")
