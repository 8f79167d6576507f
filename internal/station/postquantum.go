package station

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"parley"
	"parley/internal/journal"
	"parley/receipt"
	"parley/transcript"
)

// quantum is what a line does about cosignatures by ML-DSA-44 (spec/RECEIPT.md §9).
// The owner of a log asks for them: its offer goes with every wide line check until
// it is answered, so that neither side needs a clock for it, and nothing is lost
// with a frame.
type quantum struct {
	key      crypto.Signer // nil: not both parties have one
	offer    []byte        // ours that was not answered yet, as it was sent
	again    bool          // offer once more what is covered: the other side was restored
	theirs   int           // generations of their log when that was looked at last
	owed     bool          // the answer to theirs was not sent yet
	answered parley.Time   // when an offer of theirs was answered last
}

// answerEvery is how far apart offers are answered at least, in milliseconds: each
// costs a signature and a commit, and one who has the keys could send them for ever.
const answerEvery = 1000

// quantumNote is the latest checkpoint of a log that both parties cosigned by
// ML-DSA-44.
type quantumNote struct {
	note []byte
	size uint64
	at   parley.Time // since when, as the later of the two says
}

func noteOf(note []byte, p receipt.PostQuantum) quantumNote {
	return quantumNote{note, p.Size, max(p.Offered, p.Cosigned)}
}

// quantumTurn is what came in a turn.
type quantumTurn struct {
	channel string
	offered []byte // the last offer of theirs
}

func (l *Line) quantumKey(log parley.LogID) string { return l.metaKey("cosigned-pq/" + log.String()) }

// quantumNote returns the note of a log that is kept; nil if there is none.
func (l *Line) quantumNote(v *journal.View, log parley.LogID) ([]byte, error) {
	b, err := v.Meta(l.quantumKey(log))
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	return b, err
}

// loadQuantum restores what is known of a log. The note was verified before it was
// stored; who exports it has it verified by whoever reads the export.
func (l *Line) loadQuantum(log parley.LogID) (quantumNote, error) {
	b, err := l.journal.Meta(l.quantumKey(log))
	if errors.Is(err, journal.ErrNotFound) {
		return quantumNote{}, nil
	}
	if err != nil {
		return quantumNote{}, err
	}
	c, err := transcript.ReadCheckpoint(receipt.CosignedIn(b))
	if err != nil {
		return quantumNote{}, fmt.Errorf("the checkpoint cosigned by ML-DSA-44 in the journal: %w: %w", journal.ErrCorrupt, err)
	}
	at, err := receipt.MomentPQ(b)
	if err != nil {
		return quantumNote{}, fmt.Errorf("the checkpoint cosigned by ML-DSA-44 in the journal: %w: %w", journal.ErrCorrupt, err)
	}
	return quantumNote{b, c.Size, at}, nil
}

// covered says how many entries of a log are covered, ours or theirs.
func (l *Line) covered(ours bool) *atomic.Uint64 {
	if ours {
		return &l.ownCovered
	}
	return &l.theirCovered
}

// offerPQ returns the offer that goes with a line check; nil if there is none to
// make: something that was said is not receipted yet, or all of it is covered. A line
// check leaves without one that cannot be made, and people are told.
func (l *Line) offerPQ(now parley.Time) []byte {
	own := &l.st.own
	if n := len(l.st.history.Generations(l.peer.Party)); n != l.quantum.theirs {
		l.quantum.theirs, l.quantum.again, l.quantum.offer = n, true, nil
	}
	if l.quantum.key == nil || own.halted != "" || l.gens.restoring() || own.size != own.cosignedSize ||
		own.size == 0 || own.size == own.quantum.size && !l.quantum.again {
		return nil
	}
	if bytes.Equal(receipt.CosignedIn(l.quantum.offer), own.cosigned) {
		return l.quantum.offer
	}
	offer, err := receipt.OfferPQ(own.cosigned, l.st.history, l.cfg.Party, l.quantum.key, now)
	if err != nil {
		l.warn(caution("post-quantum"), now, fmt.Sprintf("what we said up to %d is not offered to %s for a cosignature by ML-DSA-44: %v", own.size, l.peer.Party, err))
		return nil
	}
	l.quantum.offer = offer
	return offer
}

// owedPQ returns the answer that goes with a line check; nil if none is owed. One
// that is lost is owed again when their offer comes again.
func (l *Line) owedPQ() []byte {
	if !l.quantum.owed {
		return nil
	}
	l.quantum.owed = false
	return l.st.peer.quantum.note
}

// answerOffer cosigns what they offer, if that is all we hold of their log, and
// cosigned already; another offer will come otherwise.
func (t *turn) answerOffer() {
	offer, peer := t.quantum.offered, &t.next.peer
	if offer == nil || t.l.quantum.key == nil || peer.halted != "" || t.pinched() {
		return
	}
	if receipt.AnswersPQ(peer.quantum.note, offer) {
		t.after(func() { t.l.quantum.owed = true })
		return
	}
	if last := t.l.quantum.answered; peer.size != peer.cosignedSize || last <= t.now && t.now < last+answerEvery {
		return
	}
	c, _, err := receipt.OpenOfferPQ(offer, t.next.history, t.l.peer.Party, t.l.cfg.Party)
	if err != nil {
		t.refuseFrame(t.quantum.channel, err)
		return
	}
	// The cosignature in it may be an earlier one of ours than we know: we were
	// restored. What counts is what is held now.
	if c.Size != peer.size || c.Root != peer.frontier.Root() {
		return
	}
	note, err := receipt.CosignPQ(offer, t.next.history, t.l.cfg.Party, t.l.quantum.key, t.now)
	if err == nil {
		err = t.keepQuantum(peer.id, t.l.peer.Party, t.l.cfg.Party, note, &peer.quantum)
	}
	if err != nil {
		t.alarm(fmt.Sprintf("entries up to %d of %s are not cosigned by ML-DSA-44: %v", peer.size, t.l.peer.Party, err))
		return
	}
	t.after(func() { t.l.quantum.owed, t.l.quantum.answered = true, t.now })
}

// ownCosignedPQ takes their answer to the offer that we made last.
func (t *turn) ownCosignedPQ(note []byte) error {
	own := &t.next.own
	if !receipt.AnswersPQ(note, t.l.quantum.offer) || receipt.AnswersPQ(own.quantum.note, t.l.quantum.offer) || t.pinched() {
		return nil
	}
	if err := t.keepQuantum(own.id, t.l.cfg.Party, t.l.peer.Party, slices.Clone(note), &own.quantum); err != nil {
		return err
	}
	t.after(func() { t.l.quantum.again = false })
	return nil
}

// pinched reports whether the disk is too full for what can come again.
func (t *turn) pinched() bool { return t.only || t.tight || t.l.full }

// keepQuantum stores a note with all four signatures.
func (t *turn) keepQuantum(log parley.LogID, owner, by parley.Party, note []byte, as *quantumNote) error {
	p, err := receipt.OpenCosignedPQ(note, t.next.history, owner, by)
	if err != nil {
		return err
	}
	*as = noteOf(note, p)
	t.after(func() { t.l.covered(owner == t.l.cfg.Party).Store(p.Size) })
	t.write(func(tx *journal.Tx) error { return tx.SetMeta(t.l.quantumKey(log), note) })
	return nil
}
