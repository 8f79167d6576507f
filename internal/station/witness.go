package station

import (
	"bytes"
	"context"
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

// OwnLogKey returns the key of our log under the name that it goes on with: what the
// operator of a witness must know.
func (l *Line) OwnLogKey() transcript.LogKey {
	names := l.History().Generations(l.cfg.Party)
	newest := names[len(names)-1]
	return transcript.LogKey{Line: l.id, Log: newest.Log, Key: newest.Key}
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
	list, err := l.journal.Witnessed(l.id)
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

// witnessed returns what witnesses cosigned of our log, as it stands in a transcript: the
// newest sizes up to size, in order. What was cosigned under the name of a generation
// that was closed below it is of no history that stands in the transcript.
func (l *Line) witnessed(v *journal.View, size uint64) ([][]byte, error) {
	list, err := v.Witnessed(l.id)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(w journal.Witnessed) bool {
		_, bad := transcript.OpenCheckpointBy(w.Checkpoint, l.History(), l.cfg.Party)
		return bad != nil || w.Size > size
	})
	var notes [][]byte
	for len(list) > 0 {
		n := slices.IndexFunc(list, func(w journal.Witnessed) bool { return w.Size != list[0].Size })
		if n < 0 {
			n = len(list)
		}
		note, err := witnessedNote(list[:n])
		if err != nil {
			return nil, fmt.Errorf("what witnesses cosigned of size %d: %w", list[0].Size, err)
		}
		notes, list = append(notes, note), list[n:]
	}
	return notes[max(0, len(notes)-transcript.MaxMoments):], nil
}

// witnessedNote joins the cosignatures of one checkpoint.
func witnessedNote(list []journal.Witnessed) ([]byte, error) {
	w := transcript.Witnessed{Checkpoint: list[0].Checkpoint}
	for _, one := range list {
		c, err := transcript.ParseCosignature(one.Cosignature)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(one.Checkpoint, w.Checkpoint) {
			return nil, errors.New("two notes of one size are kept in the journal")
		}
		w.Cosignatures = append(w.Cosignatures, c)
	}
	slices.SortFunc(w.Cosignatures, transcript.Cosignature.Compare)
	w.Cosignatures = slices.CompactFunc(w.Cosignatures, func(a, b transcript.Cosignature) bool { return a.Compare(b) == 0 })
	w.Cosignatures = w.Cosignatures[:min(len(w.Cosignatures), transcript.MaxWitnesses)]
	return transcript.AppendWitnessed(nil, w)
}
