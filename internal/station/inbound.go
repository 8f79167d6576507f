package station

// Inbound flow
//
//  1. parse     wire.ParseFrame; a frame that is none is counted, and the next one read
//  2. open      seal.Epoch.Open: from here on it is the other side that speaks
//  3. store     every entry that follows in their log, whatever it says
//  4. receipt   receipt.Issue for what is urgent or ahead of a gap
//  5. verify    release.Verify: believed, or refused with a signed reason
//  6. cosign    receipt.Cosign, where their checkpoint agrees with what we hold
//  7. commit    all of this in one transaction (turn.go)
//  8. answer    link.Step: on every channel a copy came by (carry.go)
//  9. present   Event, once per message
//
// The functions in this file occur in that order. What is not an entry is in
// answers.go (proofs about our own log) and checks.go.

import (
	"errors"
	"fmt"

	"parley"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/link"
	"parley/wire"
)

// entryNews is an entry of the other side that this turn stores.
type entryNews struct {
	record  journal.Record
	channel string
}

// delivery is one opened frame: what the other side said on one channel.
type delivery struct {
	channel string
	frame   int // among the turn's
	parts   []wire.Part
}

// inbound decides on every frame of the turn. A bad frame costs itself only.
func (t *turn) inbound() {
	if len(t.frames) == 0 {
		return
	}
	t.beginQuota()
	var got []delivery
	for i, f := range t.frames {
		if b, ok := bare(f.Frame); ok {
			if err := t.barePrekeys(f.Channel, b); err != nil {
				t.refuseFrame(f.Channel, err)
			}
			continue
		}
		parts, err := t.open(f.Inbound)
		if err != nil {
			t.refuseFrame(f.Channel, err)
			continue
		}
		got = append(got, delivery{channel: f.Channel, frame: i, parts: parts[min(f.taken, len(parts)):]})
		t.after(func() { t.l.heard[f.Channel], t.l.conduct.heard, t.l.conduct.former = t.now, t.now, spell{} })
		t.tell(link.Heard{Channel: f.Channel})
	}
	t.deliver(got, t.judge(got))
	t.receipts()
	t.cosign()
	t.answerOffer()
	t.charge()
}

// open returns the parts of a frame that the other side sealed for us.
func (t *turn) open(in courier.Inbound) ([]wire.Part, error) {
	f, err := wire.ParseFrame(in.Frame)
	if err != nil {
		return nil, err
	}
	bundle, err := t.l.opener.open(t, in.Channel, f)
	if err != nil {
		return nil, err
	}
	return wire.ParseBundle(bundle)
}

// part takes one part of a bundle.
func (t *turn) part(channel string, p wire.Part, v verdicts) error {
	switch p.Type {
	case wire.PartEntry:
		return t.entry(channel, p.Bytes, v)
	case wire.PartNarrowEntry:
		entry, err := t.restore(p.Bytes)
		if err != nil {
			return err
		}
		return t.entry(channel, entry, v)
	case wire.PartCheckpoint:
		return t.peerCheckpoint(p.Bytes, v)
	case wire.PartCosigned:
		if t.oursOfTheirs(p.Bytes) {
			t.later(channel, p)
			return nil
		}
		return t.ownCosigned(p.Bytes)
	case wire.PartReceipt:
		return t.ownSingle(p.Bytes)
	case wire.PartRefusal:
		return t.ownRefusal(channel, p.Bytes)
	case wire.PartReport:
		return t.reported(channel, p.Bytes)
	case wire.PartPrekeys:
		return t.peerPrekeys(p.Bytes)
	case wire.PartClosed:
		return t.peerClosed(p.Bytes)
	case wire.PartCheck:
		return t.peerCheck(channel, p.Bytes)
	case wire.PartOfferPQ:
		t.quantum = quantumTurn{channel, p.Bytes}
		return nil
	case wire.PartCosignedPQ:
		return t.ownCosignedPQ(p.Bytes)
	case wire.PartUnknown:
		return t.unknown(channel, p.Bytes)
	case wire.PartRenewal, wire.PartGeneration:
		t.later(channel, p)
		return nil
	case wire.PartRecall:
		return t.peerRecall(channel, p.Bytes)
	default:
		return nil // of a later version: skipped, spec/ENVELOPE.md
	}
}

// entry stores one entry of the other side's log, or recognises it as a copy.
func (t *turn) entry(channel string, b []byte, v verdicts) error {
	h, leaf, err := v.header(b)
	if err != nil {
		return err
	}
	peer := &t.next.peer
	if in, _ := t.next.history.Generation(t.l.peer.Party, h.Number); h.Log != in.Log {
		if whose, _ := t.next.history.LogOf(h.Log); whose == t.l.cfg.Party || strayOf(t.next.history, whose, h) {
			t.later(channel, wire.Part{Type: wire.PartEntry, Bytes: b})
			return nil
		}
		return fmt.Errorf("entry %d is of log %s, which is not %s's: %w", h.Number, h.Log, t.l.peer.Party, errWrongLog)
	}
	if held, at, ok, err := t.held(h.Number); err != nil {
		return err
	} else if ok {
		if held != leaf {
			return t.contradiction(h.Number, "another entry came under a number that is taken")
		}
		t.copies(channel, h.Number, leaf, at)
		return nil
	}
	if shut, crowded := t.shut(len(b)), peer.crowded(h.Number, false); shut || crowded {
		flash := claimsFlash(b)
		if shut && !flash {
			t.heldBack(channel, len(b))
			return nil
		}
		if peer.crowded(h.Number, flash) {
			return errCrowded
		}
	}
	err = t.store(channel, h, leaf, b, v)
	if errors.Is(err, errHeldBack) {
		t.heldBack(channel, len(b))
		return nil
	}
	if err != nil {
		return err
	}
	return t.closeGap()
}

// errCrowded is an entry ahead of a gap, where so many are that one more is not
// taken.
var errCrowded = fmt.Errorf("%d entries are held ahead of a gap: it will come again", aheadLimit)

var errWrongLog = errors.New("not a log of this line")

// held returns the leaf of entry n of their log if it is stored already, and
// when that was, 0 where it is not in memory and not worth a look.
func (t *turn) held(n uint64) (leaf parley.Hash, at parley.Time, ok bool, err error) {
	if e, ok := t.fresh[n]; ok {
		return e.record.Leaf, t.now, true, nil
	}
	// What was ahead when the turn began may have been moved into the tree since
	// by an entry of the same turn; it is in the journal all the same.
	if a, ok := t.l.st.peer.ahead[n]; ok {
		return a.leaf, 0, true, nil
	}
	if n > t.next.peer.size {
		return leaf, 0, false, nil
	}
	r, err := t.l.journal.Record(t.next.peer.id, n)
	if err != nil {
		return leaf, 0, false, err
	}
	return r.Leaf, r.At, true, nil
}

// store makes the entry's record, its receipt where one is due at once, and
// its refusal where it is not believed.
func (t *turn) store(channel string, h wire.Header, leaf parley.Hash, b []byte, v verdicts) error {
	peer := &t.next.peer
	rec := journal.Record{
		Log: peer.id, Number: h.Number, Leaf: leaf, Entry: b, At: t.now, Ahead: h.Number != peer.size+1,
	}
	verdict := v.entry(t, b)
	if verdict.journal != nil {
		return verdict.journal
	}
	flash := verdict.err == nil && verdict.released.Content().Precedence == parley.Flash
	if peer.crowded(h.Number, flash) {
		return errCrowded
	}
	if !t.admit(flash, len(b)) {
		return errHeldBack
	}
	t.flash = t.flash || flash
	if err := t.believe(&rec, verdict, h.Seen, !rec.Ahead); err != nil {
		return err
	}
	if t.fresh == nil {
		t.fresh = map[uint64]entryNews{}
	}
	t.fresh[h.Number] = entryNews{record: rec, channel: channel}
	t.changed = true
	t.write(func(tx *journal.Tx) error { return tx.Append(rec) })
	if rec.State == journal.Refused {
		if err := t.refuse(rec); err != nil {
			return err
		}
	}
	t.arrived(channel, h.Number, rec.Precedence, true, leaf)
	t.after(func() { count(t.l.conduct.fresh, channel, t.now) })
	t.present(rec, channel)
	peer.ahead[h.Number] = aheadLeaf{leaf: leaf, previous: h.Previous, seen: h.Seen, state: rec.State, after: change(verdict, rec), signers: signersAhead(rec)}
	return nil
}

// closeGap moves what follows without a gap from ahead into the tree, and
// compares their checkpoints on the way.
func (t *turn) closeGap() error {
	peer := &t.next.peer
	for {
		a, ok := peer.ahead[peer.size+1]
		if !ok {
			return nil
		}
		if a.previous != peer.head {
			return t.contradiction(peer.size+1, "it does not follow the entry held before it")
		}
		delete(peer.ahead, peer.size+1)
		peer.size++
		peer.head = a.leaf
		peer.frontier.Append(a.leaf)
		if err := t.placed(peer.size, a); err != nil {
			return err
		}
		if c, ok := peer.pending[peer.size]; ok {
			delete(peer.pending, peer.size)
			t.agree(c)
		}
	}
}

// restore returns the whole of an entry that came in the narrow form. What it
// follows must be held, or come before it in the same turn.
func (t *turn) restore(narrow []byte) ([]byte, error) {
	peer := &t.next.peer
	n, err := wire.NarrowNumber(narrow)
	if err != nil {
		return nil, err
	}
	previous := peer.head
	if n != peer.size+1 && n > 1 {
		var ok bool
		if previous, _, ok, err = t.held(n - 1); err != nil {
			return nil, err
		} else if !ok {
			return nil, fmt.Errorf("narrow entry %d came before %d, without which it cannot be read: it will come again", n, n-1)
		}
	}
	if n == 1 {
		previous = parley.Hash{}
	}
	in, _ := t.next.history.Generation(t.l.peer.Party, n)
	return wire.RestoreEntry(narrow, t.l.id, in.Log, previous, t.next.own.id)
}
