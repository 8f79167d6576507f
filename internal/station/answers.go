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
	"parley/transcript"
	"parley/wire"
)

// errBeyond is a claim about our log that nothing signed by our log key bears
// out. It is refused and does not stop our signing: only our own signature can.
var errBeyond = errors.New("not what this station wrote")

// ownCosigned takes their cosignature of our log.
func (t *turn) ownCosigned(note []byte) error {
	own := &t.next.own
	claimed, err := transcript.ReadCheckpoint(note)
	if err != nil {
		return err
	}
	c, at, err := receipt.OpenCosignedOf(t.l.signed[claimed.Size], note, t.next.history, t.l.cfg.Party, t.l.peer.Party)
	if err != nil {
		return err
	}
	// The note is signed with our own log key too, which was verified, or is the
	// very note we signed: whatever it says of our log, a station with our key signed it.
	if t.l.gens.restoring() {
		if kept := t.l.gens.cosigned; c.Size > own.cosignedSize && len(kept) < pendingLimit {
			note := slices.Clone(note)
			t.after(func() { kept[c.Size] = note })
			t.later("", wire.Part{}) // the recovery may go on with it
		}
		return nil
	}
	if c.Size > own.size {
		t.halt(fmt.Sprintf("%s proved to hold %d entries of our log, signed with our log key, and this station holds %d", t.l.peer.Party, c.Size, own.size))
		return nil
	}
	if c.Size <= own.cosignedSize {
		return nil
	}
	root, known, err := t.ownRoot(c.Size)
	if err != nil || !known {
		return err
	}
	if root != c.Root {
		t.halt(fmt.Sprintf("%s cosigned another history of our log up to %d, signed with our log key, than this station holds", t.l.peer.Party, c.Size))
		return nil
	}
	own.cosigned, own.cosignedSize = slices.Clone(note), c.Size
	t.changed = true
	t.after(func() { t.l.proved.Store(c.Size) })
	t.tell(link.Proved{Size: c.Size})
	t.report(Event{Kind: EventProved, Ref: parley.Ref{Log: own.id, Number: c.Size}, Text: at.Time().Format("2006-01-02T15:04:05Z")})
	return nil
}

// ownRoot returns the root of our log at a size that we hold: from memory, or as
// far as pastRoot knows it.
func (t *turn) ownRoot(size uint64) (root parley.Hash, known bool, err error) {
	if size == t.next.own.size {
		return t.next.own.frontier.Root(), true, nil
	}
	if c, ok := t.l.signed[size]; ok {
		return c.Root, true, nil
	}
	return t.pastRoot(&t.l.ownPast, size)
}

// leaves are the leaf hashes of a log, as the journal holds them.
type leaves struct {
	journal *journal.Journal
	log     parley.LogID
}

func (l leaves) Leaf(index uint64) (parley.Hash, error) {
	r, err := l.journal.Record(l.log, index+1)
	return r.Leaf, err
}

// ownSingle takes their single receipt of one of our entries. The first one
// stands: its time is the one that lead times count from.
func (t *turn) ownSingle(b []byte) error {
	own := &t.next.own
	r, term, err := receipt.VerifyBy(b, t.next.history, t.l.peer.Party)
	if err != nil {
		return err
	}
	if r.Log != own.id {
		return fmt.Errorf("a receipt for log %s: %w", r.Log, errWrongLog)
	}
	if t.l.gens.restoring() && max(r.Number, r.Size) > own.size {
		return nil // it is of what was lost, and a cosignature covers that
	}
	if r.Number > own.size || r.Size > own.size {
		return fmt.Errorf("a receipt for entry %d of our log, which holds %d: %w", max(r.Number, r.Size), own.size, errBeyond)
	}
	rec, err := t.l.journal.Record(own.id, r.Number)
	if err != nil {
		return err
	}
	if rec.Leaf != r.Leaf {
		if !t.strays(r.Number) {
			t.stranger(r.Number)
		}
		return fmt.Errorf("a receipt for another entry %d of our log than this station holds: %w", r.Number, errBeyond)
	}
	at, err := t.ownPlace(rec)
	if err == nil {
		err = receipt.CheckReceipt(r, term, at)
	}
	if err != nil {
		return err
	}
	t.tell(link.ProvedSingle{Number: r.Number})
	if t.singles[r.Number] {
		return nil // came by two channels at once
	}
	if _, err := t.l.journal.Single(own.id, r.Number); !errors.Is(err, journal.ErrNotFound) {
		return err // held already, unless the journal cannot be read
	}
	if t.singles == nil {
		t.singles = map[uint64]bool{}
	}
	t.singles[r.Number] = true
	b = slices.Clone(b)
	t.single = true
	t.flash = t.flash || rec.Precedence == parley.Flash
	t.write(func(tx *journal.Tx) error { return tx.PutSingle(own.id, r.Number, b) })
	t.report(Event{Kind: EventSingle, Ref: parley.Ref{Log: own.id, Number: r.Number}})
	return nil
}

// ownRefusal takes their refusal of one of our entries: they hold it, and do
// not believe it.
func (t *turn) ownRefusal(channel string, b []byte) error {
	own := &t.next.own
	r, term, err := receipt.RefusalBy(b, t.next.history, t.l.peer.Party)
	if err != nil {
		return err
	}
	if r.Log != own.id {
		return fmt.Errorf("a refusal of entry %d of log %s: %w", r.Number, r.Log, errWrongLog)
	}
	if t.l.gens.restoring() && r.Number > own.size {
		return nil // it comes again when its entry is recovered
	}
	rec, err := t.l.journal.Record(own.id, r.Number)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	if (err != nil || rec.Leaf != r.Leaf) && !t.strays(r.Number) {
		t.stranger(r.Number)
		if len(t.l.strangers) < strangersKept {
			t.after(func() { t.l.strangers[r.Number] = true })
		}
	}
	if err != nil || rec.Leaf != r.Leaf {
		return fmt.Errorf("a refusal of another entry %d of our log than this station holds: %w", r.Number, errBeyond)
	}
	at, err := t.ownPlace(rec)
	if err == nil {
		err = receipt.CheckRefusal(term, at)
	}
	if err != nil {
		return err
	}
	t.tell(link.Disputed{Channel: channel})
	if t.disputed[r.Number] {
		return nil // came by two channels at once
	}
	if _, err := t.l.journal.Refusal(own.id, r.Number); !errors.Is(err, journal.ErrNotFound) {
		return err // held already, unless the journal cannot be read
	}
	if t.disputed == nil {
		t.disputed = map[uint64]bool{}
	}
	t.disputed[r.Number] = true
	b = slices.Clone(b)
	own.refusals++
	t.changed = true
	t.write(func(tx *journal.Tx) error { return tx.PutRefusal(own.id, r.Number, b) })
	t.report(Event{Kind: EventDisputed, Ref: parley.Ref{Log: own.id, Number: r.Number},
		Text: fmt.Sprintf("%s does not believe our entry %d: %s", t.l.peer.Party, r.Number, release.ReasonText(r.Reason))})
	return nil
}

// reported takes what they say they hold. It is no evidence: it steers what is
// sent again.
func (t *turn) reported(channel string, b []byte) error {
	r, err := wire.ParseReport(b)
	if err != nil {
		return err
	}
	switch whose, which := t.next.history.LogOf(r.Log); {
	case whose == t.l.cfg.Party && which < len(t.next.history.Generations(whose)):
		return nil // from before that one was closed: its numbers may mean other entries now
	case whose == "" && (t.l.gens.restoring() || t.l.gens.rekeying.asksFor(r.Log)), r.Size > t.next.own.size && t.l.gens.restoring():
		return nil
	case whose != t.l.cfg.Party:
		return fmt.Errorf("a report on log %s: %w", r.Log, errWrongLog)
	}
	if r.Size > t.next.own.size {
		return fmt.Errorf("a report of %d entries of our log, which holds %d: %w", r.Size, t.next.own.size, errBeyond)
	}
	if r.Refusals != t.next.peer.told {
		t.next.peer.told = r.Refusals
		t.changed = true
	}
	t.spared(r.Wait)
	t.tell(link.Reported{Channel: channel, Report: r})
	return nil
}

// strays reports whether entry n of our log may have been another one before, whose
// answer is late.
func (t *turn) strays(n uint64) bool {
	_, which := t.next.history.Generation(t.l.cfg.Party, n)
	return which > 1
}
