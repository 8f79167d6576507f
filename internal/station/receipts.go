package station

import (
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/receipt"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// pendingLimit bounds the checkpoints kept for sizes that we do not hold yet.
const pendingLimit = 16

// arrival is a copy of an entry of theirs in this turn, stored or held already.
type arrival struct {
	channel    string
	number     uint64
	precedence parley.Precedence
	fresh      bool
	leaf       parley.Hash
}

func (t *turn) arrived(channel string, n uint64, p parley.Precedence, fresh bool, leaf parley.Hash) {
	t.arrivals = append(t.arrivals, arrival{channel, n, p, fresh, leaf})
	t.fates.add(t.next.peer.id, n, channel, t.now, journal.In)
}

// copies notes a further copy of an entry that is held since a time.
func (t *turn) copies(channel string, n uint64, leaf parley.Hash, since parley.Time) {
	t.arrived(channel, n, 0, false, leaf)
	t.after(func() { t.l.conduct.copied(channel, since, t.now) })
}

// receipts issues a single receipt for every entry of the turn that cannot
// wait for a cosignature: Flash, what is ahead of a gap, and everything of a
// log that we no longer cosign (spec/RECEIPT.md §3). It tells link what came.
func (t *turn) receipts() {
	peer := &t.next.peer
	for _, a := range t.arrivals {
		single := a.precedence == parley.Flash || a.number > peer.size || peer.halted != ""
		if single && (a.fresh || t.owed(a.number)) {
			if err := t.issue(a.number, a.leaf); err != nil {
				t.alarm(fmt.Sprintf("no receipt for entry %d: %v", a.number, err))
			}
		}
		t.tell(link.Stored{
			Channel: a.channel, Number: a.number, Precedence: a.precedence,
			Fresh: a.fresh, Single: single, Size: peer.size,
		})
	}
}

// owed reports whether an entry that is held has neither receipt: it came
// before its log was halted, and will not be cosigned any more.
func (t *turn) owed(n uint64) bool {
	if t.next.peer.halted == "" || n <= t.next.peer.cosignedSize {
		return false
	}
	_, err := t.l.journal.Single(t.next.peer.id, n)
	return errors.Is(err, journal.ErrNotFound)
}

// issue makes the single receipt of an entry.
func (t *turn) issue(n uint64, leaf parley.Hash) error {
	log, size := t.next.peer.id, t.next.peer.size
	key, err := t.l.signer(t.next.history, roster.RoleReceipt)
	if err != nil {
		return err
	}
	b, err := receipt.Issue(wire.Receipt{
		Log: log, Number: n, Leaf: leaf, Received: t.now, Size: size,
	}, key)
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
func (t *turn) peerCheckpoint(note []byte, v verdicts) error {
	peer := &t.next.peer
	c, err := v.checkpoint(t.l, note)
	if err != nil {
		return err
	}
	if slices.Contains(peer.decided, transcript.Mark{Size: c.Size, Root: c.Root}) {
		return fmt.Errorf("a checkpoint of size %d that our officers decided against: %w", c.Size, errContradiction)
	}
	if before, ok := t.signedAt(c.Size); ok && before.Root != c.Root {
		t.forked(before, c)
		return nil
	}
	switch {
	case c.Size == peer.size && c.Size != peer.cosignedSize:
		t.agree(c)
	case c.Size == peer.size:
		if c.Root != peer.frontier.Root() {
			t.forked(peer.checkpoint, c)
		}
	case c.Size < peer.size && peer.halted != "":
		return t.past(c)
	case c.Size > peer.size:
		peer.pending[c.Size] = c
		if len(peer.pending) > pendingLimit {
			delete(peer.pending, largest(peer.pending))
		}
	}
	return nil
}

// signedAt returns a checkpoint of theirs of a size, if one is at hand: two that
// differ prove a fork before anything of that size is held.
func (t *turn) signedAt(size uint64) (transcript.Signed, bool) {
	peer := &t.next.peer
	if c, ok := peer.pending[size]; ok {
		return c, true
	}
	return peer.checkpoint, size > 0 && size == peer.checkpoint.Size
}

// past compares a checkpoint of a size that we are past with the entries held.
// It reads them back, so it is done until one proof of a fork is kept.
func (t *turn) past(c transcript.Signed) error {
	kept, err := t.l.journal.Forks(t.l.id)
	if err != nil || len(kept) > 0 || c.Size > t.l.st.peer.size {
		return err
	}
	root, known, err := t.pastRoot(&t.l.past, c.Size)
	if err != nil || !known {
		return err
	}
	if root != c.Root {
		t.forked(t.next.peer.checkpoint, c)
	}
	return nil
}

func largest(m map[uint64]transcript.Signed) (max uint64) {
	for n := range m {
		if n > max {
			max = n
		}
	}
	return max
}

// agree takes a checkpoint of exactly what we hold, or finds that it is not.
func (t *turn) agree(c transcript.Signed) {
	peer := &t.next.peer
	if c.Root != peer.frontier.Root() {
		t.forked(peer.checkpoint, c)
		return
	}
	if c.Size > peer.checkpoint.Size {
		peer.checkpoint = c
		t.changed = true
	}
}

// cosign says of their latest checkpoint that agrees: we hold every leaf below
// its size (spec/RECEIPT.md §2).
func (t *turn) cosign() {
	peer := &t.next.peer
	if peer.halted != "" || peer.checkpoint.Size <= peer.cosignedSize {
		return
	}
	key, err := t.l.signer(t.next.history, roster.RoleReceipt)
	var note []byte
	if err == nil {
		in, _ := t.next.history.Generation(t.l.peer.Party, peer.checkpoint.Size)
		note, err = receipt.Cosign(peer.checkpoint, t.next.history.At(t.l.peer.Party, in.From), t.l.cfg.Party, key, t.now)
	}
	if err != nil {
		t.alarm(fmt.Sprintf("entries up to %d of %s are stored but not cosigned: %v", peer.checkpoint.Size, t.l.peer.Party, err))
		return
	}
	peer.cosigned, peer.cosignedSize = note, peer.checkpoint.Size
	t.changed = true
	t.tell(link.Cosigned{Size: peer.cosignedSize})
}
