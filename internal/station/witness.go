package station

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/transcript"
)

// What witnesses are asked to cosign is what is durable here: nothing of a line waits
// for them, and nothing of it depends on what they answer (spec/WITNESS.md §1).

// OwnCheckpoint returns the note of the newest checkpoint of our log; nil if there is
// none. The error wraps ErrNoProof on a deniable line.
func (l *Line) OwnCheckpoint() ([]byte, error) {
	if l.off != nil {
		return nil, fmt.Errorf("checkpoint for a witness: %w", ErrNoProof)
	}
	log, err := l.journal.Log(l.self.Log)
	if errors.Is(err, journal.ErrNotFound) || err == nil && log.CheckpointSize == 0 {
		return nil, nil
	}
	return log.Checkpoint, err
}

// OwnLogKey returns the key of our log under the name that its newest checkpoint has:
// what the operator of a witness must know.
func (l *Line) OwnLogKey() (transcript.LogKey, error) {
	k := transcript.LogKey{Line: l.id, Log: l.self.Log}
	pub, ok := l.cfg.Keys.Log().Public().(ed25519.PublicKey)
	if !ok {
		return k, fmt.Errorf("the log key is a %T, want Ed25519", l.cfg.Keys.Log().Public())
	}
	k.Key = pub
	note, err := l.OwnCheckpoint()
	if err != nil || note == nil {
		return k, err
	}
	c, err := transcript.ReadCheckpoint(note)
	k.Log = c.Log
	return k, err
}

// OwnConsistency proves that our log of size to begins with that of size from.
func (l *Line) OwnConsistency(from, to uint64) (proof []parley.Hash, err error) {
	err = l.journal.Read(func(v *journal.View) (err error) {
		proof, err = transcript.ProveConsistency(from, to, v.Leaves(l.self.Log))
		return err
	})
	return proof, err
}

// KeepWitnessed makes durable that a witness cosigned a checkpoint of our log: of each
// size what it cosigned first. Whoever calls it has checked the cosignature.
func (l *Line) KeepWitnessed(ctx context.Context, by transcript.WitnessKey, note []byte, c transcript.Cosignature) error {
	of, err := transcript.ReadCheckpoint(note)
	if err != nil {
		return err
	}
	return l.journal.Commit(ctx, func(tx *journal.Tx) error {
		return tx.PutWitnessed(journal.Witnessed{
			Line: l.id, Log: of.Log, Size: of.Size, Witness: by.String(),
			Checkpoint: note, Cosignature: transcript.AppendCosignature(nil, c),
		})
	})
}

// Witnessed returns the newest checkpoint of our log that a witness cosigned, and its
// cosignature; false if none is kept.
func (l *Line) Witnessed(by transcript.WitnessKey) (of transcript.Checkpoint, c transcript.Cosignature, ok bool, err error) {
	list, err := l.journal.Witnessed(l.id, l.self.Log)
	for _, w := range slices.Backward(list) {
		if w.Witness != by.String() {
			continue
		}
		if of, err = transcript.ReadCheckpoint(w.Checkpoint); err == nil {
			c, err = transcript.ParseCosignature(w.Cosignature)
		}
		return of, c, err == nil, err
	}
	return of, c, false, err
}
