package station

import (
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/audit"
	"parley/internal/journal"
	"parley/proof"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

var (
	// ErrUncovered: no signed checkpoint covers the message yet; it comes with the next.
	ErrUncovered = errors.New("no signed checkpoint covers it yet")

	// ErrNoProof: what is said on a deniable line proves nothing to anybody else.
	ErrNoProof = errors.New("a deniable message proves nothing to anybody else")

	// ErrRange: messages that do not follow each other, or too many.
	ErrRange = errors.New("not a range of messages")
)

// Proof returns the messages first to last of a party, with what a stranger who has
// the roster needs to check them and nothing of the others (spec/PROOF.md). What it
// reads does not grow with the log. The error wraps ErrNoMessage, ErrRange,
// ErrNoProof or ErrUncovered; a proof that would not hold is not handed out.
func (l *Line) Proof(party parley.Party, first, last uint64) (*proof.Proof, error) {
	side, ok := l.roster.Side(party)
	peer, ok2 := l.roster.Peer(party)
	switch {
	case l.off != nil:
		return nil, fmt.Errorf("messages of %s: %w", party, ErrNoProof)
	case !ok || !ok2:
		return nil, fmt.Errorf("messages of %q: %w", party, ErrNoMessage)
	case first == 0 || last < first || last-first >= proof.MaxEntries:
		return nil, fmt.Errorf("messages %d to %d: %w: from the lower number to the higher, at most %d", first, last, ErrRange, proof.MaxEntries)
	}
	p := &proof.Proof{Party: party, Peer: peer.Party}
	err := l.journal.Read(func(v *journal.View) error {
		m := showing{v, l.History(), p, side.Log, peer.Log}
		if err := m.messages(first, last); err != nil {
			return err
		}
		if err := m.other(); err != nil {
			return err
		}
		own, err := l.generations(v, party)
		if err != nil {
			return err
		}
		theirs, err := l.generations(v, peer.Party)
		if err == nil {
			err = p.Renew(own, theirs)
		}
		if err != nil {
			return err
		}
		return p.Fill(v.Leaves(side.Log), v.Leaves(peer.Log), m.history)
	})
	if err != nil {
		return nil, fmt.Errorf("proof of %s: %w", l.MessageName(party, first), err)
	}
	if wrong := audit.Proof(p, l.roster).Wrong; wrong != nil {
		return nil, fmt.Errorf("proof of %s: it does not hold: %w", l.MessageName(party, first), wrong)
	}
	return p, nil
}

// showing makes one proof out of one state of the journal.
type showing struct {
	view      *journal.View
	history   *roster.History
	proof     *proof.Proof
	log, peer parley.LogID
}

// messages puts in what is of the party's own log.
func (m showing) messages(first, last uint64) error {
	log, err := m.view.Log(m.log)
	if err != nil {
		return err
	}
	p, size := m.proof, log.CosignedSize
	switch {
	case last > log.Size:
		return fmt.Errorf("number %d: %w", last, ErrNoMessage)
	case last <= log.CosignedSize:
		p.Note = log.Cosigned
	case last <= log.CheckpointSize:
		p.Note, size = log.Checkpoint, log.CheckpointSize
	default:
		return ErrUncovered
	}
	err = m.view.Entries(m.log, first, int(last-first+1), func(r journal.Record) error {
		p.Entries = append(p.Entries, r.Entry)
		return nil
	})
	if err == nil {
		p.Receipts, p.Refusals, err = statements(m.view, m.log, first, last)
	}
	if err != nil {
		return err
	}
	return m.view.Changes(m.log, size, func(r journal.Record) error {
		if r.Number < first || r.Number > last {
			p.Changes = append(p.Changes, r.Entry)
		}
		return nil
	})
}

// other puts in what is of the other log: the checkpoint that covers what was seen, and
// the changes that say whose the keys of the receipts are.
func (m showing) other() error {
	var seen uint64
	for _, e := range m.proof.Entries {
		h, err := wire.ParseEntryHeader(e)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(m.proof.Refusals, func(s transcript.Statement) bool { return s.Number == h.Number }) {
			continue // what it says of the other log is no measure
		}
		seen = max(seen, m.history.Saw(m.proof.Party, h.Number, m.history.Place(m.proof.Party, h).Seen))
	}
	log, err := m.view.Log(m.peer)
	if err != nil || log.CosignedSize == 0 || log.CosignedSize < seen {
		return err
	}
	needed := uint64(0) // the last change that brings a key
	for _, v := range m.history.Versions(m.proof.Peer) {
		if v.Change != nil && v.From-1 <= log.CosignedSize && bringsKey(v.Change) {
			needed = v.From - 1
		}
	}
	if seen == 0 && needed == 0 {
		return nil
	}
	m.proof.Other = log.Cosigned
	return m.view.Changes(m.peer, needed, func(r journal.Record) error {
		m.proof.OtherChanges = append(m.proof.OtherChanges, r.Entry)
		return nil
	})
}

// bringsKey reports whether a change brings a key by which receipts or refusals are
// signed.
func bringsKey(c *roster.Change) bool {
	for _, k := range c.Keys {
		if k.Role == roster.RoleReceipt || k.Role == roster.RoleStation {
			return true
		}
	}
	return false
}
