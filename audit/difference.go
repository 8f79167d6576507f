package audit

import (
	"bytes"
	"errors"
	"fmt"

	"parley"
	"parley/transcript"
)

// ErrOtherLine is returned by Compare for transcripts of two lines.
var ErrOtherLine = errors.New("the two transcripts are of different lines")

// Difference is where two transcripts of one line part, in one log.
type Difference struct {
	Party parley.Party
	Log   parley.LogID
	// Common is how many entries are the same in both, from the first on.
	Common uint64
	// Sizes are how many entries stand in each.
	Sizes [2]uint64
	// Contradict says that both have an entry Common+1, and not the same one:
	// no single log can have both. Otherwise one is the beginning of the other.
	Contradict bool

	// Generations are those of the log, as the transcript with more of them has them.
	Generations []Generation
	// Renewed is the first generation, from 2, that both have by statements that are not
	// the same; 0 if there is none. The log can be one all the same: whoever closed it
	// answered twice (spec/GENERATION.md §7).
	Renewed int
}

// Name names entry n for people.
func (d Difference) Name(n uint64) string {
	return (&Log{Party: d.Party, Generations: d.Generations}).Name(n)
}

// Same reports whether both hold the same entries, under the same names.
func (d Difference) Same() bool { return !d.Contradict && d.Renewed == 0 && d.Sizes[0] == d.Sizes[1] }

// Compare says for each log of a line where two transcripts part, which the two
// parties may have exported. It compares what was said, entry by entry, and
// says nothing of whether either is true: each is to be audited. The error is
// one of a source, or wraps ErrOtherLine or transcript.ErrMalformed.
func Compare(a, b *transcript.Reader) ([]Difference, error) {
	if a.Line != b.Line {
		return nil, fmt.Errorf("line %s and line %s: %w", a.Line, b.Line, ErrOtherLine)
	}
	var out []Difference
	seen := map[parley.LogID]bool{}
	for i := range a.Logs {
		l := &a.Logs[i]
		d := Difference{Party: l.Party, Log: l.Log, Sizes: [2]uint64{l.Size, 0}, Generations: generationsIn(l)}
		for j := range b.Logs {
			if other := &b.Logs[j]; other.Log == l.Log {
				var err error
				if d, err = compareLogs(l, other); err != nil {
					return nil, err
				}
			}
		}
		seen[l.Log] = true
		out = append(out, d)
	}
	for i := range b.Logs {
		if l := &b.Logs[i]; !seen[l.Log] {
			out = append(out, Difference{Party: l.Party, Log: l.Log, Sizes: [2]uint64{0, l.Size}, Generations: generationsIn(l)})
		}
	}
	return out, nil
}

func compareLogs(a, b *transcript.LogReader) (Difference, error) {
	more, fewer := a, b
	if len(more.Generations) < len(fewer.Generations) {
		more, fewer = b, a
	}
	d := Difference{Party: a.Party, Log: a.Log, Sizes: [2]uint64{a.Size, b.Size}, Generations: generationsIn(more)}
	for i, statement := range fewer.Generations {
		if !bytes.Equal(statement, more.Generations[i]) {
			d.Renewed = i + 2
			break
		}
	}
	left, right := entries{cursor: a.Entries()}, entries{cursor: b.Entries()}
	for {
		one, ok, err := left.next()
		if err != nil {
			return d, err
		}
		other, ok2, err := right.next()
		switch {
		case err != nil:
			return d, err
		case !ok || !ok2:
			return d, nil
		case !bytes.Equal(one, other):
			d.Contradict = true
			return d, nil
		}
		d.Common++
	}
}

// entries reads the entries of a log one by one.
type entries struct {
	cursor *transcript.Cursor
	batch  transcript.Batch
	left   []transcript.Statement
}

// next returns the next entry, and false behind the last.
func (e *entries) next() (entry []byte, ok bool, err error) {
	if len(e.left) == 0 {
		if e.batch, err = e.cursor.Next(e.batch.Room()); err != nil || e.batch.Count == 0 {
			return nil, false, err
		}
		if e.left, err = e.batch.Statements(); err != nil {
			return nil, false, err
		}
	}
	entry, e.left = e.left[0].Bytes, e.left[1:]
	return entry, true, nil
}
