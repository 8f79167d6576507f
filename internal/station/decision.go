package station

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/transcript"
	"parley/wire"
)

// Errors of a decision about a log that is not cosigned any more.
var (
	// ErrNotHalted is returned where there is nothing to decide.
	ErrNotHalted = errors.New("their log is not halted")
	// ErrDecision is returned for a decision that is not about the history held here.
	ErrDecision = errors.New("the decision is not about the history that is held here")
)

// DraftDecision keeps for the officers the decision to go on with the history
// of the other side's log that is held here. Once the quorum released it, the
// station cosigns again what continues that history (spec/TRANSCRIPT.md §8).
func (l *Line) DraftDecision(ctx context.Context, c wire.Content) (Draft, error) {
	log, err := l.journal.Log(l.peer.Log)
	if err != nil {
		return Draft{}, err
	}
	if log.Halted == "" {
		return Draft{}, ErrNotHalted
	}
	d := transcript.Decision{Log: l.peer.Log, Held: transcript.Mark{Size: log.CheckpointSize}}
	if d.Held.Root, err = l.heldRoot(d.Held.Size); err != nil {
		return Draft{}, err
	}
	if d.Other, err = l.contradicting(log.Size); err != nil {
		return Draft{}, err
	}
	body, err := transcript.AppendDecision(nil, d)
	if err != nil {
		return Draft{}, err
	}
	c.Kind, c.Status, c.Body, c.Language = parley.Text, parley.Real, string(body), l.self.Language
	c.Precedence = l.decisive()
	if len(c.To) == 0 {
		c.To = l.peer.Desks[:min(len(l.peer.Desks), wire.MaxDesks)]
	}
	return l.Draft(ctx, c)
}

// decisive is the least urgent precedence at which a text needs as many
// officers as at any.
func (l *Line) decisive() parley.Precedence {
	p := parley.Routine
	for p > parley.Flash && l.roster.QuorumFor(p, parley.Text) < l.roster.Decisive() {
		p--
	}
	return p
}

func (l *Line) heldRoot(size uint64) (parley.Hash, error) {
	if size == 0 {
		return new(transcript.Frontier).Root(), nil
	}
	return transcript.Root(size, leaves{l.journal, l.peer.Log})
}

// contradicting are the checkpoints kept of their log that are not of the
// history of so many entries held here.
func (l *Line) contradicting(size uint64) (out []transcript.Mark, err error) {
	kept, err := l.journal.Forks(l.id)
	if err != nil {
		return nil, err
	}
	for _, k := range kept {
		notes := [][]byte{k.Bytes}
		if f, err := transcript.ParseFork(k.Bytes); err == nil {
			notes = [][]byte{f.A, f.B}
		}
		for _, note := range notes {
			c, err := transcript.ReadCheckpoint(note)
			if err != nil {
				return nil, fmt.Errorf("a fork in the journal: %w", err)
			}
			m := transcript.Mark{Size: c.Size, Root: c.Root}
			if m.Size <= size {
				root, err := l.heldRoot(m.Size)
				if err != nil {
					return nil, err
				}
				if root == m.Root {
					continue
				}
			}
			if !slices.Contains(out, m) && len(out) < transcript.MaxOther {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// decision reads a decision of this party that is about to be numbered; nil if
// the content is none. One that does not fit is refused while it is a draft.
func (t *turn) decision(c wire.Content) (*transcript.Decision, error) {
	if c.Kind != parley.Text || !transcript.IsDecision(c.Body) {
		return nil, nil
	}
	d, err := transcript.ParseDecision([]byte(c.Body))
	if err != nil {
		return nil, err
	}
	peer := &t.next.peer
	if peer.halted == "" {
		return nil, ErrNotHalted
	}
	if need := t.l.roster.Decisive(); t.l.roster.QuorumFor(c.Precedence, parley.Text) < need {
		return nil, fmt.Errorf("%w: it takes the largest quorum of the charter for a text, %d officers", ErrDecision, need)
	}
	if d.Log != peer.id || d.Held.Size > t.l.st.peer.size {
		return nil, ErrDecision
	}
	root, err := t.l.heldRoot(d.Held.Size)
	if err == nil && root != d.Held.Root {
		err = ErrDecision
	}
	return &d, err
}

// goOn goes on with the history held: what contradicts it stays refused, and
// what continues it is cosigned.
func (t *turn) goOn(d *transcript.Decision) {
	peer := &t.next.peer
	peer.halted = ""
	peer.decided = append(slices.Clip(peer.decided), d.Other...)
	for _, m := range d.Other {
		if c, ok := peer.pending[m.Size]; ok && c.Root == m.Root {
			delete(peer.pending, m.Size)
		}
	}
	t.changed = true
	var value []byte
	for _, m := range peer.decided {
		value = appendMark(value, m)
	}
	key := t.l.metaKey("decided")
	t.write(func(tx *journal.Tx) error { return tx.SetMeta(key, value) })
	t.cosign()
}

func appendMark(b []byte, m transcript.Mark) []byte {
	return append(binary.BigEndian.AppendUint64(b, m.Size), m.Root[:]...)
}

const markBytes = 8 + len(parley.Hash{})

// loadDecided returns the checkpoints of their log that our officers decided against.
func (l *Line) loadDecided() (out []transcript.Mark, err error) {
	b, err := l.journal.Meta(l.metaKey("decided"))
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, err
	}
	if len(b)%markBytes != 0 {
		return nil, fmt.Errorf("the decisions in the journal: %w: %d bytes", journal.ErrCorrupt, len(b))
	}
	for m := range slices.Chunk(b, markBytes) {
		out = append(out, transcript.Mark{Size: binary.BigEndian.Uint64(m), Root: parley.Hash(m[8:])})
	}
	return out, nil
}
