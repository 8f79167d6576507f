package transcript

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"

	"parley"
	"parley/roster"
	"parley/wire"
)

// File is what a party hands to a third person: both logs of a line, entry by
// entry, and what either side signed about them. It claims; audit.Audit says
// what of it is proved (spec/TRANSCRIPT.md §6).
type File struct {
	Line     parley.LineID // the hash of the roster it must be checked with
	Exporter parley.Party
	Logs     [2]FileLog // sorted by party
}

// FileLog is one party's log in a File.
type FileLog struct {
	Party parley.Party
	Log   parley.LogID // in the roster

	// Generations are the statements by which the log went on under other names,
	// those of generations 2, 3, … (spec/GENERATION.md §3).
	Generations [][]byte

	// Entries are entries 1 to n, whole.
	Entries [][]byte

	// Checkpoint is the note of size n that the party's log key signed; none
	// for an empty log.
	Checkpoint []byte

	// Cosigned is the note of the largest size that the other party cosigned;
	// none if it cosigned none.
	Cosigned []byte

	// CosignedPQ is the note of the largest size with the ML-DSA-44
	// cosignatures of both parties besides (spec/RECEIPT.md §9); none if there is
	// none.
	CosignedPQ []byte

	// Witnessed are notes that neutral witnesses cosigned, of ascending sizes, none
	// above that of the checkpoint (spec/WITNESS.md §2).
	Witnessed [][]byte

	// Receipts and Refusals are statements that the other party signed about
	// single entries, each at most one an entry, sorted by number.
	Receipts, Refusals []Statement
}

// Statement is signed bytes (a COSE_Sign1) about one entry.
type Statement struct {
	Number uint64 // of the entry, from 1
	Bytes  []byte
}

// Limits of a file (spec/TRANSCRIPT.md §6).
const (
	MaxFile      = 1 << 40 // bytes of a file
	maxStatement = 1024    // bytes of a receipt, a refusal or a generation statement
)

const fileTitle = "parley-transcript v1"

// AppendFile appends f as text. It refuses what ParseFile would refuse; neither
// looks at signatures or into entries.
func AppendFile(dst []byte, f File) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("append transcript: %w", err)
	}
	w := newPrinter(fileTitle)
	w.Line("line", f.Line.String())
	w.Line("exporter", string(f.Exporter))
	for _, l := range f.Logs {
		w.Line("log", string(l.Party), l.Log.String(), strconv.Itoa(len(l.Entries)))
		for i, g := range l.Generations {
			w.statement("generation", Statement{uint64(i + 2), g})
		}
		for i, e := range l.Entries {
			w.statement("entry", Statement{uint64(i + 1), e})
		}
		if l.Checkpoint != nil {
			w.Note("checkpoint", l.Checkpoint)
		}
		if l.Cosigned != nil {
			w.Note("cosigned", l.Cosigned)
		}
		if l.CosignedPQ != nil {
			w.Note("cosigned-pq", l.CosignedPQ)
		}
		for _, n := range l.Witnessed {
			w.Note(witnessedKeyword, n)
		}
		for _, s := range l.Receipts {
			w.statement("receipt", s)
		}
		for _, s := range l.Refusals {
			w.statement("refusal", s)
		}
	}
	text := w.End()
	if int64(len(text)) > MaxFile {
		return nil, fmt.Errorf("append transcript: %w: %d bytes, more than the %d of a file", ErrMalformed, len(text), int64(MaxFile))
	}
	return append(dst, text...), nil
}

// ParseFile is the inverse of AppendFile, for a file that there is room for: several
// times its length. NewReader reads those of any length. The error wraps ErrMalformed
// and says the line. A file that was cut off, or altered by accident, fails here, at its
// END; whoever alters it on purpose makes a new END and fails at a signature.
func ParseFile(text []byte) (File, error) {
	r, err := NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return File{}, err
	}
	return r.file()
}

// file brings all of a file into memory.
func (r *Reader) file() (File, error) {
	f := File{Line: r.Line, Exporter: r.Exporter}
	for i, from := range r.Logs {
		l := FileLog{
			Party: from.Party, Log: from.Log, Generations: from.Generations, Checkpoint: from.Checkpoint, Cosigned: from.Cosigned, CosignedPQ: from.CosignedPQ, Witnessed: from.Witnessed,
		}
		entries, err1 := from.Entries().all()
		var err2, err3 error
		l.Receipts, err2 = from.Receipts().all()
		l.Refusals, err3 = from.Refusals().all()
		if err := cmp.Or(err1, err2, err3); err != nil {
			return File{}, err
		}
		for _, e := range entries {
			l.Entries = append(l.Entries, e.Bytes)
		}
		f.Logs[i] = l
	}
	return f, nil
}

// check says whether f can be written and read back.
func (f *File) check() error {
	a, b := &f.Logs[0], &f.Logs[1]
	if err := checkParties(f.Exporter, [2]parley.Party{a.Party, b.Party}, a.Log == b.Log); err != nil {
		return err
	}
	for _, l := range []*FileLog{a, b} {
		if err := l.check(); err != nil {
			return fmt.Errorf("log of %s: %w", l.Party, err)
		}
	}
	return nil
}

// checkParties says whether a file can be of these parties.
func checkParties(exporter parley.Party, of [2]parley.Party, oneLog bool) error {
	for _, p := range []parley.Party{exporter, of[0], of[1]} {
		if _, err := parley.ParseParty(string(p)); err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
	}
	if of[0] >= of[1] || oneLog {
		return fmt.Errorf("%w: the logs are two, of two parties, sorted by party", ErrMalformed)
	}
	if exporter != of[0] && exporter != of[1] {
		return fmt.Errorf("%w: exporter %s has no log here", ErrMalformed, exporter)
	}
	return nil
}

func (l *FileLog) check() error {
	if len(l.Generations) >= roster.MaxGenerations {
		return fmt.Errorf("%w: %d generations; a log has at most %d", ErrMalformed, len(l.Generations)+1, roster.MaxGenerations)
	}
	for i, g := range l.Generations {
		if len(g) == 0 || len(g) > maxStatement {
			return fmt.Errorf("generation %d: %w: %d bytes; a statement has 1 to %d", i+2, ErrMalformed, len(g), maxStatement)
		}
	}
	for i, e := range l.Entries {
		if len(e) == 0 || len(e) > wire.MaxEntry {
			return fmt.Errorf("entry %d: %w: %d bytes; an entry has 1 to %d", i+1, ErrMalformed, len(e), wire.MaxEntry)
		}
	}
	for _, n := range []struct {
		note []byte
		most int
	}{{l.Checkpoint, MaxNote}, {l.Cosigned, MaxNote}, {l.CosignedPQ, MaxNotePQ}} {
		if n.note == nil {
			continue
		}
		if err := checkNote(n.note, n.most); err != nil {
			return err
		}
	}
	if err := checkWitnessed(l.Witnessed, uint64(len(l.Entries))); err != nil {
		return err
	}
	for _, list := range [][]Statement{l.Receipts, l.Refusals} {
		last := uint64(0)
		for _, s := range list {
			if s.Number <= last || s.Number > uint64(len(l.Entries)) {
				return fmt.Errorf("%w: receipts and refusals are of entries that stand here, one each, sorted: %d after %d", ErrMalformed, s.Number, last)
			}
			if len(s.Bytes) == 0 || len(s.Bytes) > maxStatement {
				return fmt.Errorf("%w: a receipt or refusal of %d bytes", ErrMalformed, len(s.Bytes))
			}
			last = s.Number
		}
	}
	return nil
}
