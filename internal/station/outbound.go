package station

// Outbound flow
//
//  1. compose   Draft: the exact bytes that officers review, kept in the journal
//  2. release   release.Release: the quorum signed these very bytes
//  3. number    the next number of our log, its leaf, the tree
//  4. store     one transaction; the releaser has the number when it is durable
//  5. choose    link.Step: which entries go over which channel, and when
//  6. seal      seal.Epoch.Seal, every copy afresh (carry.go)
//  7. carry     courier.Send (carry.go)
//
// The functions in this file occur in that order.

import (
	"context"
	"errors"
	"fmt"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// Release gives a released message its number and returns it when the entry
// is durable here. The receipt of the other side comes later: see Event.
func (l *Line) Release(ctx context.Context, r *release.Released) (parley.Ref, error) {
	return l.release(ctx, r, false)
}

// release is Release; with standing set, only while the draft stands.
func (l *Line) release(ctx context.Context, r *release.Released, standing bool) (parley.Ref, error) {
	in := releaseInput{released: r, standing: standing, reply: make(chan releaseReply, 1), claim: new(claim)}
	if err := l.put(ctx, in); err != nil {
		return parley.Ref{}, fmt.Errorf("the message was not released: %w", err)
	}
	select {
	case got := <-in.reply:
		return got.ref, got.err
	case <-ctx.Done():
		if in.claim.take() {
			return parley.Ref{}, fmt.Errorf("the line is busy and the message was not released: %w", ctx.Err())
		}
	case <-l.done:
	}
	select {
	case got := <-in.reply:
		return got.ref, got.err
	default:
	}
	if err := ctx.Err(); err != nil {
		return parley.Ref{}, fmt.Errorf("the message may or may not have been released: %w", err)
	}
	return parley.Ref{}, ErrStopped // it was not looked at any more
}

// outbound numbers what was released in this turn.
func (t *turn) outbound() {
	if len(t.releases) == 0 {
		return
	}
	mark := t.mark()
	var queued []link.Queued
	var kept []releaseInput
	for _, r := range t.releases {
		q, err := t.number(r)
		if err != nil {
			r.drop(err)
			continue
		}
		queued = append(queued, q)
		kept = append(kept, r)
	}
	t.releases = kept
	if len(queued) == 0 {
		return
	}
	if err := t.signCheckpoint(); err != nil {
		for _, r := range t.releases {
			r.drop(err)
		}
		t.releases = nil
		t.backTo(mark)
		return
	}
	t.tell(link.Committed{Entries: queued})
}

// number makes the entry of one released message.
func (t *turn) number(r releaseInput) (link.Queued, error) {
	own := &t.next.own
	if own.halted != "" {
		return link.Queued{}, fmt.Errorf("%w: %s", ErrHalted, own.halted)
	}
	if t.l.gens.restoring() {
		return link.Queued{}, ErrRestored
	}
	c := r.released.Content()
	if t.drafts[draftKey{t.l.cfg.Party, c.Draft}] {
		return link.Queued{}, ErrReplay
	}
	if t.sure {
		if err := t.lookUp(c.Draft, r.standing); err != nil {
			return link.Queued{}, err
		}
	}
	released, err := t.releasedNow(r.released)
	if err == nil && released.After() != t.next.history {
		err = t.l.holds(released.After(), signing[:]...) // what it cannot sign by, it does not bring
	}
	if err != nil {
		return link.Queued{}, err
	}
	decision, err := t.decision(c)
	if err != nil {
		return link.Queued{}, err
	}
	in, _ := t.next.history.Generation(t.l.cfg.Party, own.size+1)
	entry, err := wire.AppendEntry(nil, wire.Entry{
		Header: wire.Header{
			Version: 1, Log: in.Log, Number: own.size + 1, Previous: own.head,
			Seen: t.seen(), Time: t.now,
		},
		Signed: released.Signed(),
	})
	if err != nil {
		return link.Queued{}, err
	}
	leaf := transcript.LeafHash(entry)
	own.size++
	own.head = leaf
	own.frontier.Append(leaf)
	t.changed = true
	t.use(t.l.cfg.Party, c.Draft, true)
	if decision != nil {
		t.goOn(decision)
	}
	t.flash = t.flash || c.Precedence == parley.Flash
	if r.urgent() {
		t.after(func() { t.l.urgent = t.now + urgentFor })
	}

	n, l := own.size, t.l
	t.write(func(tx *journal.Tx) error {
		return tx.Append(journal.Record{
			Log: own.id, Number: n, Leaf: leaf, Entry: entry, At: t.now,
			Draft: c.Draft, Precedence: c.Precedence, Status: c.Status, Kind: c.Kind,
			State: journal.Believed,
		})
	})
	t.write(func(tx *journal.Tx) error {
		err := tx.DeleteDraft(c.Draft)
		switch {
		case !errors.Is(err, journal.ErrNotFound):
			return err
		case r.standing:
			return fmt.Errorf("draft %s: %w", c.Draft, ErrNoDraft)
		}
		return nil // released without having waited as a draft
	})
	if r.stray {
		t.write(func(tx *journal.Tx) error { return tx.PlaceStray(l.id, l.cfg.Party, c.Draft, n) })
	}
	t.after(func() {
		l.recent.put(n, entry)
		r.reply <- releaseReply{ref: parley.Ref{Log: own.id, Number: n}}
	})
	t.report(Event{Kind: EventReleased, Ref: parley.Ref{Log: own.id, Number: n}})
	if after := released.After(); after != t.next.history {
		t.next.history = after
		t.report(l.changed(lastChange(after, l.cfg.Party), parley.Ref{Log: own.id, Number: n}))
	}
	return link.Queued{Number: n, Precedence: c.Precedence, Bytes: len(entry)}, nil
}

// releasedNow is what was released, under the roster that is in force at the
// next entry: officers may have left since they approved (spec/CHANGE.md §4).
func (t *turn) releasedNow(r *release.Released) (*release.Released, error) {
	if r.Under(t.next.history) && r.Content().Kind != parley.Change {
		return r, nil
	}
	return release.Verify(r.Signed(), t.next.history, t.l.cfg.Party, t.l.peer.Party, roster.Place{Number: t.next.own.size + 1, Seen: t.next.sees()})
}

// seen is what a new entry says of the other log.
func (t *turn) seen() []wire.Seen {
	if t.next.sees() == 0 {
		return nil
	}
	return []wire.Seen{{Log: t.next.peer.id, Size: t.next.sees()}}
}

// signCheckpoint covers the turn's entries with one signature.
func (t *turn) signCheckpoint() error {
	own := &t.next.own
	in, _ := t.next.history.Generation(t.l.cfg.Party, own.size)
	key, err := t.l.private(roster.RoleLog, in.Key)
	var c transcript.Signed
	if err == nil {
		c, err = transcript.SignCheckpoint(transcript.Checkpoint{
			Line: t.l.id, Log: in.Log, Size: own.size, Root: own.frontier.Root(),
		}, key)
	}
	if err != nil {
		return fmt.Errorf("sign the checkpoint of entry %d: %w", own.size, err)
	}
	own.checkpoint = c
	t.after(func() { t.l.signed.keep(c, own.cosignedSize) })
	return nil
}

// signedKept bounds how many of our own checkpoints a cosignature is compared
// with in memory; older ones are computed from the journal.
const signedKept = 4096

// signed are checkpoints of our log that await a cosignature, by their size.
type signed map[uint64]transcript.Signed

func (s signed) keep(c transcript.Signed, cosigned uint64) {
	if len(s) >= signedKept {
		for size := range s {
			if size <= cosigned || len(s) >= signedKept {
				delete(s, size)
			}
		}
	}
	s[c.Size] = c
}

// lookUp returns ErrReplay for a draft that was released before, and, where it
// must stand, ErrNoDraft for one that does not.
func (t *turn) lookUp(draft parley.DraftID, standing bool) error {
	used, err := t.l.journal.DraftUsed(t.l.id, t.l.cfg.Party, draft)
	switch {
	case err != nil:
		return err
	case used:
		return ErrReplay
	case standing:
		_, err = t.l.DraftOf(draft)
	}
	return err
}

// use notes that an entry of this turn has the draft, or has it no more.
func (t *turn) use(party parley.Party, draft parley.DraftID, used bool) {
	if t.drafts == nil {
		t.drafts = map[draftKey]bool{}
	}
	t.drafts[draftKey{party, draft}] = used
}
