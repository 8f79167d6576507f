package transcript

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"

	"parley"
	"parley/lines"
	"parley/roster"
)

// Reader is a transcript file of any length, read piece by piece: what NewReader
// keeps of it does not grow with it. Like a File it claims, and audit says what of
// it is proved (spec/TRANSCRIPT.md §6).
type Reader struct {
	Line     parley.LineID // the hash of the roster it must be checked with
	Exporter parley.Party
	Logs     [2]LogReader // sorted by party

	body   pieces // the lines above the last
	lines  int    // how many
	last   []byte // the last line
	change *mention
}

// LogReader is one party's log in a Reader.
type LogReader struct {
	Party parley.Party
	Log   parley.LogID // in the roster

	// Generations are the statements of a FileLog.
	Generations [][]byte

	// Size is how many entries stand in the file.
	Size uint64

	// Checkpoint and Cosigned are the notes of a FileLog; nil if they do not stand
	// in the file.
	Checkpoint, Cosigned, CosignedPQ []byte

	// Witnessed are those of a FileLog.
	Witnessed [][]byte

	entries, receipts, refusals section
	changes                     section // the part of entries in which changes of the roster may stand
}

// section is where the lines of one keyword stand.
type section struct {
	source  io.ReaderAt
	keyword string
	at, end int64
	line    int // of the first, as people count; 1 is the title
}

// NewReader reads a file of size bytes from its first line to its END. What is
// well-formed then is all but the bytes of the single entries, receipts and refusals:
// those are read with the Cursors. source stays in use, and must not change.
//
// The error wraps ErrMalformed and says the line, or is one of source. A file that was
// cut off is refused before the rest of it is read.
func NewReader(source io.ReaderAt, size int64) (*Reader, error) {
	r, err := Outline(source, size)
	if err != nil {
		return nil, err
	}
	return r, r.CheckEnd()
}

// Outline is NewReader but for the hash in the last line, which is most of its work:
// whoever has several processors calls CheckEnd beside the audit, and believes nothing
// before it returns nil.
func Outline(source io.ReaderAt, size int64) (*Reader, error) {
	s, err := newStream(source, size)
	if err != nil {
		return nil, err
	}
	body := s.pieces
	s.Title(fileTitle)
	r := &Reader{Line: parley.LineID(s.Hex("line", len(parley.LineID{})))}
	s.change = newMention(roster.ChangeTitle + "\nline " + r.Line.String() + "\n") // spec/CHANGE.md §2
	r.change, r.Exporter = s.change, s.Party("exporter")
	for i := range r.Logs {
		r.Logs[i] = s.log()
	}
	if err := s.Finish(); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, s.Wrap(err)
	}
	r.body, r.lines, r.last = body, s.At(), s.last
	return r, nil
}

// CheckEnd returns nil if the last line of the file is the END of the lines above it.
// The error wraps ErrMalformed, or is one of the source.
func (r *Reader) CheckEnd() error {
	hash, body := sha256.New(), r.body
	for room := []byte(nil); ; {
		b, err := body.next(room)
		if err != nil {
			return fmt.Errorf("transcript: %w", err)
		}
		if len(b) == 0 {
			break
		}
		hash.Write(b)
		room = b[:0]
	}
	if string(r.last) != lines.EndLine(r.lines, [sha256.Size]byte(hash.Sum(nil))) {
		return fmt.Errorf("transcript: %w: cut off or altered: the last line is not the END of the %d lines above", ErrMalformed, r.lines)
	}
	return nil
}

// EntryLine returns the line of the file in which entry 1 stands, or would stand; the
// others follow it.
func (l *LogReader) EntryLine() int { return l.entries.line }

// Entries returns a cursor over the entries, from the first.
func (l *LogReader) Entries() *Cursor { return l.entries.cursor() }

// Receipts and Refusals return cursors over what the other party signed about single
// entries, sorted by their numbers.
func (l *LogReader) Receipts() *Cursor { return l.receipts.cursor() }

// Refusals is described with Receipts.
func (l *LogReader) Refusals() *Cursor { return l.refusals.cursor() }

// check says whether the logs are those of a file.
func (r *Reader) check() error {
	a, b := &r.Logs[0], &r.Logs[1]
	return checkParties(r.Exporter, [2]parley.Party{a.Party, b.Party}, a.Log == b.Log)
}

// stream is a scanner of a text that stands in source.
type stream struct {
	scanner
	pieces
	room []byte // for the lines in memory
	last []byte // the last line, which is not among those read

	change  *mention // finds changes of the roster; nil until it is known of which line
	changes bool     // there may be some among the lines in memory
	may     section  // the part in which there may be some of what is read now
}

// maxEnd is the most bytes of an END line: its count has at most 20 digits.
const maxEnd = len("END  \n") + 20 + 2*sha256.Size

func newStream(source io.ReaderAt, size int64) (*stream, error) {
	const what = "transcript"
	if size > MaxFile {
		return nil, fmt.Errorf("%s: %w: more than %d bytes", what, ErrMalformed, int64(MaxFile))
	}
	tail := make([]byte, min(size, int64(maxEnd)+1))
	if err := readAt(source, tail, size-int64(len(tail))); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if len(tail) == 0 || tail[len(tail)-1] != '\n' {
		return nil, fmt.Errorf("%s: %w: cut off: the last line does not end", what, ErrMalformed)
	}
	last := tail[bytes.LastIndexByte(tail[:len(tail)-1], '\n')+1:]
	if !bytes.HasPrefix(last, []byte("END ")) {
		return nil, fmt.Errorf("%s: %w: cut off or altered: the last line is not the END of those above", what, ErrMalformed)
	}
	s := &stream{last: last, pieces: pieces{source: source, end: size - int64(len(last))}}
	s.scanner = scanner{lines.NewStream(what, ErrMalformed, s.more, 0)}
	return s, nil
}

// more returns the next whole lines.
func (s *stream) more() ([]byte, error) {
	at := s.at
	b, err := s.next(s.room)
	s.room = b[:0]
	s.mayChange(at, s.change == nil || s.change.in(b))
	return b, err
}

// place returns where the next line begins.
func (s *stream) place() int64 { return s.at - int64(len(s.Left())) }

func (s *stream) log() (l LogReader) {
	w := s.Words("log", 3)
	l.Party, l.Log = s.PartyOf("log", w[0]), parley.LogID(s.Unhex("log", w[1], len(l.Log)))
	n := s.Number("log", w[2], 0, MaxSize)
	for s.Next("generation") {
		l.Generations = append(l.Generations, s.generation(len(l.Generations)+2))
	}
	s.may = section{source: s.source, keyword: "entry"}
	s.mayChange(s.place(), s.changes)
	l.entries, l.Size = s.section("entry", func(number, last uint64) {
		if number != last+1 {
			s.Fail("entry", "entry %d stands in the place of entry %d", number, last+1)
		}
	})
	l.changes = s.may
	l.changes.end = min(s.may.end, l.entries.end)
	if l.Size != n {
		s.Fail("log", "the log of %s has %d entries, it says %d", l.Party, l.Size, n)
	}
	if s.Next("checkpoint") {
		l.Checkpoint = s.note("checkpoint", MaxNote)
	}
	if s.Next("cosigned") {
		l.Cosigned = s.note("cosigned", MaxNote)
	}
	if s.Next("cosigned-pq") {
		l.CosignedPQ = s.note("cosigned-pq", MaxNotePQ)
	}
	l.Witnessed = s.witnessed(l.Size)
	sorted := func(number, last uint64) {
		if number <= last || number > l.Size {
			s.Fail("receipt or refusal", "they are of entries that stand here, one each, sorted: %d after %d", number, last)
		}
	}
	l.receipts, _ = s.section("receipt", sorted)
	l.refusals, _ = s.section("refusal", sorted)
	return l
}

// generation takes the statement of generation g.
func (s *stream) generation(g int) []byte {
	const keyword = "generation"
	w := s.Words(keyword, 2)
	if n := s.Number(keyword, w[0], 2, roster.MaxGenerations); n != uint64(g) {
		s.Fail(keyword, "generation %d stands in the place of generation %d", n, g)
	}
	b := s.Decode(keyword, w[1], lines.AnySize)
	if len(b) == 0 || len(b) > maxStatement {
		s.Fail(keyword, "%d bytes; 1 to %d stand in such a line", len(b), maxStatement)
	}
	return b
}

// section passes the lines of a keyword, and returns the number of the last; 0 if there
// is none. check is asked about the number of each and of the one before.
func (s *stream) section(keyword string, check func(number, last uint64)) (sec section, last uint64) {
	sec = section{source: s.source, keyword: keyword, at: s.place(), line: s.At() + 1}
	for s.Next(keyword) {
		n := s.number(keyword, s.Bytes())
		check(n, last)
		if s.Err() != nil {
			break
		}
		last = n
	}
	sec.end = s.place()
	return sec, last
}

// number reads the number that stands behind the keyword of a line.
func (s *stream) number(keyword string, line []byte) uint64 {
	first, _, two := bytes.Cut(line[min(len(keyword)+1, len(line)):], []byte(" "))
	if n, ok := decimal(first); ok && two {
		return n
	}
	s.statement(keyword, line)
	return 0
}

// decimal reads a number of at most 12 digits in its one form.
func decimal(b []byte) (n uint64, ok bool) {
	if len(b) == 0 || len(b) > 12 || b[0] == '0' && len(b) > 1 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + uint64(c-'0')
	}
	return n, true
}
