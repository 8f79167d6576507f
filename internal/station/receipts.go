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

// pendingLimit bounds the checkpoints kept for sizes that we do not hold yet.
const pendingLimit = 16

// errBeyond is a claim about our log that nothing signed by our log key bears
// out. It is refused and does not stop our signing: only our own signature can.
var errBeyond = errors.New("not what this station wrote")

// arrival is a copy of an entry of theirs in this turn, stored or held already.
type arrival struct {
	channel    string
	number     uint64
	precedence parley.Precedence
	fresh      bool
}

func (t *turn) arrived(channel string, n uint64, p parley.Precedence, fresh bool) {
	t.arrivals = append(t.arrivals, arrival{channel, n, p, fresh})
	t.l.fates.add(t.next.peer.id, n, channel, t.now, journal.In)
}

// copies notes a further copy of an entry that is held.
func (t *turn) copies(channel string, n uint64) {
	t.arrived(channel, n, 0, false)
}

// receipts issues a single receipt for every entry of the turn that cannot
// wait for a cosignature: Flash, what is ahead of a gap, and everything of a
// log that we no longer cosign (spec/RECEIPT.md §3). It tells link what came.
func (t *turn) receipts() {
	peer := &t.next.peer
	for _, a := range t.arrivals {
		single := a.precedence == parley.Flash || a.number > peer.size || peer.halted != ""
		if single && a.fresh {
			if err := t.issue(a.number); err != nil {
				t.alarm(fmt.Sprintf("no receipt for entry %d: %v", a.number, err))
			}
		}
		t.tell(link.Stored{
			Channel: a.channel, Number: a.number, Precedence: a.precedence,
			Fresh: a.fresh, Single: single, Size: peer.size,
		})
	}
}

// issue makes the single receipt of an entry that this turn stores.
func (t *turn) issue(n uint64) error {
	log, size := t.next.peer.id, t.next.peer.size
	b, err := receipt.Issue(wire.Receipt{
		Log: log, Number: n, Leaf: t.fresh[n].leaf, Received: t.now, Size: size,
	}, t.l.cfg.Keys.Receipt())
	if err != nil {
		return err
	}
	t.write(func(tx *journal.Tx) error { return tx.PutSingle(log, n, b) })
	return nil
}

// peerCheckpoint takes a checkpoint of their log. One of a size we hold is
// compared now, one of a size to come when it has come; one of a size we are
// past comes again in a newer form with their next entry, and is looked at only
// once their log is in doubt.
func (t *turn) peerCheckpoint(note []byte) error {
	peer := &t.next.peer
	c, err := transcript.OpenCheckpoint(note, t.l.id, peer.id, t.l.peer.LogKey)
	if err != nil {
		return err
	}
	signed := checkpointed{Checkpoint: c, note: slices.Clone(note)}
	switch {
	case c.Size == peer.size && c.Size != peer.cosignedSize:
		t.agree(signed)
	case c.Size == peer.size:
		if c.Root != peer.frontier.Root() {
			t.forked(signed)
		}
	case c.Size < peer.size && peer.halted != "":
		return t.past(signed)
	case c.Size > peer.size:
		peer.pending[c.Size] = signed
		if len(peer.pending) > pendingLimit {
			delete(peer.pending, largest(peer.pending))
		}
	}
	return nil
}

// past compares a checkpoint of a size that we are past with the entries held.
// It reads them all, so it is done until one proof of a fork is kept.
func (t *turn) past(c checkpointed) error {
	kept, err := t.l.journal.Forks(t.l.id)
	if err != nil || len(kept) > 0 {
		return err
	}
	root, err := transcript.Root(c.Size, leaves{t.l.journal, t.next.peer.id})
	if err != nil {
		return err
	}
	if root != c.Root {
		t.forked(c)
	}
	return nil
}

func largest(m map[uint64]checkpointed) (max uint64) {
	for n := range m {
		if n > max {
			max = n
		}
	}
	return max
}

// agree takes a checkpoint of exactly what we hold, or finds that it is not.
func (t *turn) agree(c checkpointed) {
	peer := &t.next.peer
	if c.Root != peer.frontier.Root() {
		t.forked(c)
		return
	}
	if c.Size > peer.checkSize {
		peer.checkpoint, peer.checkSize = c.note, c.Size
		t.changed = true
	}
}

// cosign says of their latest checkpoint that agrees: we hold every leaf below
// its size (spec/RECEIPT.md §2).
func (t *turn) cosign() {
	peer := &t.next.peer
	if peer.halted != "" || peer.checkSize <= peer.cosignedSize {
		return
	}
	note, err := receipt.Cosign(peer.checkpoint, t.l.roster, t.l.cfg.Party, t.l.cfg.Keys.Receipt(), t.now)
	if err != nil {
		t.alarm(fmt.Sprintf("entries up to %d of %s are stored but not cosigned: %v", peer.checkSize, t.l.peer.Party, err))
		return
	}
	peer.cosigned, peer.cosignedSize = note, peer.checkSize
	t.changed = true
	t.tell(link.Cosigned{Size: peer.cosignedSize})
}

// ownCosigned takes their cosignature of our log.
func (t *turn) ownCosigned(note []byte) error {
	own := &t.next.own
	c, at, err := receipt.OpenCosigned(note, t.l.roster, t.l.cfg.Party, t.l.peer.Party)
	if err != nil {
		return err
	}
	// The note is signed with our own log key too, which OpenCosigned has
	// verified: whatever it says of our log, a station with our key signed it.
	if c.Size > own.size {
		t.halt(fmt.Sprintf("%s proved to hold %d entries of our log, signed with our log key, and this station holds %d", t.l.peer.Party, c.Size, own.size))
		return nil
	}
	if c.Size <= own.cosignedSize {
		return nil
	}
	root, err := t.ownRoot(c.Size)
	if err != nil {
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

// ownRoot returns the root of our log at a size we signed or hold.
func (t *turn) ownRoot(size uint64) (parley.Hash, error) {
	if size == t.next.own.size {
		return t.next.own.frontier.Root(), nil
	}
	if root, ok := t.l.roots[size]; ok {
		return root, nil
	}
	return transcript.Root(size, leaves{t.l.journal, t.next.own.id})
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

// ownSingle takes their single receipt of one of our entries.
func (t *turn) ownSingle(b []byte) error {
	own := &t.next.own
	r, err := receipt.Verify(b, t.l.peer.Receipt)
	if err != nil {
		return err
	}
	if r.Log != own.id {
		return fmt.Errorf("a receipt for log %s: %w", r.Log, errWrongLog)
	}
	if r.Number > own.size || r.Size > own.size {
		return fmt.Errorf("a receipt for entry %d of our log, which holds %d: %w", max(r.Number, r.Size), own.size, errBeyond)
	}
	rec, err := t.l.journal.Record(own.id, r.Number)
	if err != nil {
		return err
	}
	if rec.Leaf != r.Leaf {
		return fmt.Errorf("a receipt for another entry %d of our log than this station holds: %w", r.Number, errBeyond)
	}
	b = slices.Clone(b)
	t.write(func(tx *journal.Tx) error { return tx.PutSingle(own.id, r.Number, b) })
	t.tell(link.ProvedSingle{Number: r.Number})
	t.report(Event{Kind: EventSingle, Ref: parley.Ref{Log: own.id, Number: r.Number}})
	return nil
}

// ownRefusal takes their refusal of one of our entries: they hold it, and do
// not believe it.
func (t *turn) ownRefusal(b []byte) error {
	own := &t.next.own
	r, err := receipt.OpenRefusal(b, t.l.peer.Station)
	if err != nil {
		return err
	}
	if r.Log != own.id || r.Number > own.size {
		return fmt.Errorf("a refusal of entry %d of log %s: %w", r.Number, r.Log, errWrongLog)
	}
	if _, err := t.l.journal.Refusal(own.id, r.Number); !errors.Is(err, journal.ErrNotFound) {
		return err // held already, unless the journal cannot be read
	}
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
	if r.Log != t.next.own.id {
		return fmt.Errorf("a report on log %s: %w", r.Log, errWrongLog)
	}
	if r.Size > t.next.own.size {
		return fmt.Errorf("a report of %d entries of our log, which holds %d: %w", r.Size, t.next.own.size, errBeyond)
	}
	if r.Refusals != t.next.peer.told {
		t.next.peer.told = r.Refusals
		t.changed = true
	}
	t.tell(link.Reported{Channel: channel, Report: r})
	return nil
}
