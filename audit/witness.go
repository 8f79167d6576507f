package audit

import (
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/roster"
	"parley/transcript"
)

// ErrWitnessed: a cosignature of a witness, or the checkpoint above it, is not what it
// is said to be.
var ErrWitnessed = errors.New("cosigned by a witness")

// Witnessed is the cosignature of a neutral witness on a checkpoint of a log: that it
// saw the log so, and never one that this is not the continuation of
// (spec/WITNESS.md §3).
type Witnessed struct {
	Size uint64 // entries 1 to this
	Root parley.Hash
	Name string      // of the key
	ID   uint32      // of the key
	At   parley.Time // as the witness says

	// Known is set where the key was given and the cosignature is good. Otherwise
	// it is a claim of the file.
	Known bool
}

// moment is a checkpoint that witnesses cosigned.
type moment struct {
	of transcript.Signed
	by []Witnessed
}

// witnesses opens the witnessed notes of a file. What is wrong with one is noted, and
// the others stand: nothing else in the log depends on them.
func (l *logAudit) witnesses(notes [][]byte, h *roster.History) {
	for _, n := range notes {
		m, err := l.moment(n, h)
		if err != nil {
			l.wrong(0, fmt.Errorf("%w: %w", ErrWitnessed, err))
			continue
		}
		l.witnessed = append(l.witnessed, m)
	}
}

func (l *logAudit) moment(note []byte, h *roster.History) (m moment, err error) {
	w, err := transcript.ParseWitnessed(note)
	if err != nil {
		return m, err
	}
	if m.of, err = transcript.OpenCheckpointBy(w.Checkpoint, h, l.side.Party); err != nil {
		return m, err
	}
	for _, c := range w.Cosignatures {
		one := Witnessed{Size: m.of.Size, Root: m.of.Root, Name: c.Name, ID: c.ID, At: c.At()}
		keys := l.of.options.Witnesses
		if i := slices.IndexFunc(keys, func(k transcript.WitnessKey) bool { return k.Made(c) }); i >= 0 {
			if err := keys[i].Check(m.of.Checkpoint, c); err != nil {
				return m, err
			}
			one.Known = true
		}
		m.by = append(m.by, one)
	}
	return m, nil
}

// witnessedRoot compares the root of the first n entries with what witnesses cosigned.
func (l *logAudit) witnessedRoot(n uint64) error {
	if len(l.witnessed) == 0 || l.witnessed[0].of.Size != n {
		return nil
	}
	m := l.witnessed[0]
	l.witnessed = l.witnessed[1:]
	if l.chain.Root() != m.of.Root {
		return fmt.Errorf("entries 1 to %d are not those that %s signed: %w: %w", n, l.side.Party, ErrWitnessed, ErrAltered)
	}
	l.report.Witnessed = append(l.report.Witnessed, m.by...)
	return nil
}
