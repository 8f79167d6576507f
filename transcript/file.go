package transcript

import (
	"fmt"
	"strconv"

	"parley"
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
	Log   parley.LogID

	// Entries are entries 1 to n, whole.
	Entries [][]byte

	// Checkpoint is the note of size n that the party's log key signed; none
	// for an empty log.
	Checkpoint []byte

	// Cosigned is the note of the largest size that the other party cosigned;
	// none if it cosigned none.
	Cosigned []byte

	// Receipts and Refusals are statements that the other party signed about
	// single entries, each at most one an entry, sorted by number.
	Receipts, Refusals []Statement
}

// Statement is signed bytes (a COSE_Sign1) about one entry.
type Statement struct {
	Number uint64 // of the entry, from 1
	Bytes  []byte
}

// Limits of a file. A reader needs a few times the room of the file.
const (
	MaxFile      = 256 << 20 // bytes of a file
	maxStatement = 1024      // bytes of a receipt or a refusal
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
		for i, e := range l.Entries {
			w.statement("entry", Statement{uint64(i + 1), e})
		}
		if l.Checkpoint != nil {
			w.Note("checkpoint", l.Checkpoint)
		}
		if l.Cosigned != nil {
			w.Note("cosigned", l.Cosigned)
		}
		for _, s := range l.Receipts {
			w.statement("receipt", s)
		}
		for _, s := range l.Refusals {
			w.statement("refusal", s)
		}
	}
	text := w.End()
	if len(text) > MaxFile {
		return nil, fmt.Errorf("append transcript: %w: %d bytes, more than the %d of a file", ErrMalformed, len(text), MaxFile)
	}
	return append(dst, text...), nil
}

// ParseFile is the inverse of AppendFile. The error wraps ErrMalformed and says
// the line. A file that was cut off, or altered by accident, fails here, at its
// END; whoever alters it on purpose makes a new END and fails at a signature.
func ParseFile(text []byte) (File, error) {
	if len(text) > MaxFile {
		return File{}, fmt.Errorf("transcript: %w: more than %d bytes", ErrMalformed, MaxFile)
	}
	d, err := newScanner("transcript", fileTitle, text)
	if err != nil {
		return File{}, err
	}
	f := File{Line: parley.LineID(d.Hex("line", len(parley.LineID{}))), Exporter: d.Party("exporter")}
	for i := range f.Logs {
		f.Logs[i] = d.log()
	}
	if err := d.Finish(); err != nil {
		return File{}, err
	}
	if err := f.check(); err != nil {
		return File{}, d.Wrap(err)
	}
	return f, nil
}

func (d *scanner) log() (l FileLog) {
	w := d.Words("log", 3)
	l.Party, l.Log = d.PartyOf("log", w[0]), parley.LogID(d.Unhex("log", w[1], len(l.Log)))
	n := d.Number("log", w[2], 0, MaxSize)
	for d.Next("entry") {
		e := d.statement("entry")
		if e.Number != uint64(len(l.Entries)+1) {
			d.Fail("entry", "entry %d stands in the place of entry %d", e.Number, len(l.Entries)+1)
		}
		l.Entries = append(l.Entries, e.Bytes)
	}
	if uint64(len(l.Entries)) != n {
		d.Fail("log", "the log of %s has %d entries, it says %d", l.Party, len(l.Entries), n)
	}
	if d.Next("checkpoint") {
		l.Checkpoint = d.note("checkpoint")
	}
	if d.Next("cosigned") {
		l.Cosigned = d.note("cosigned")
	}
	for d.Next("receipt") {
		l.Receipts = append(l.Receipts, d.statement("receipt"))
	}
	for d.Next("refusal") {
		l.Refusals = append(l.Refusals, d.statement("refusal"))
	}
	return l
}

// check says whether f can be written and read back.
func (f *File) check() error {
	for _, p := range []parley.Party{f.Exporter, f.Logs[0].Party, f.Logs[1].Party} {
		if _, err := parley.ParseParty(string(p)); err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
	}
	a, b := &f.Logs[0], &f.Logs[1]
	if a.Party >= b.Party || a.Log == b.Log {
		return fmt.Errorf("%w: the logs are two, of two parties, sorted by party", ErrMalformed)
	}
	if f.Exporter != a.Party && f.Exporter != b.Party {
		return fmt.Errorf("%w: exporter %s has no log here", ErrMalformed, f.Exporter)
	}
	for _, l := range []*FileLog{a, b} {
		if err := l.check(); err != nil {
			return fmt.Errorf("log of %s: %w", l.Party, err)
		}
	}
	return nil
}

func (l *FileLog) check() error {
	for i, e := range l.Entries {
		if len(e) == 0 || len(e) > wire.MaxEntry {
			return fmt.Errorf("entry %d: %w: %d bytes; an entry has 1 to %d", i+1, ErrMalformed, len(e), wire.MaxEntry)
		}
	}
	for _, n := range [][]byte{l.Checkpoint, l.Cosigned} {
		if n == nil {
			continue
		}
		if err := checkNote(n); err != nil {
			return err
		}
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
