package transcript

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/wire"
)

// A text of this package is lines that end in LF: a title, lines that begin
// with their keyword, and last "END n h", where n counts the lines above it and
// h is the SHA-256 of their bytes. A signed note stands below its keyword with
// a bar in front of each of its lines (spec/TRANSCRIPT.md §6).

// maxLine is the longest line: the largest entry in base64, its keyword and number.
const maxLine = (wire.MaxEntry+2)/3*4 + 32

// printer writes such a text.
type printer struct {
	b     bytes.Buffer
	lines uint64
}

func newPrinter(title string) *printer {
	w := &printer{}
	w.line("%s", title)
	return w
}

func (w *printer) line(format string, args ...any) {
	fmt.Fprintf(&w.b, format+"\n", args...)
	w.lines++
}

func (w *printer) statement(keyword string, s Statement) {
	w.line("%s %d %s", keyword, s.Number, base64.StdEncoding.EncodeToString(s.Bytes))
}

func (w *printer) note(keyword string, note []byte) {
	w.line("%s", keyword)
	for l := range strings.Lines(string(note)) {
		w.line("%s", strings.TrimSuffix("| "+strings.TrimSuffix(l, "\n"), " "))
	}
}

func (w *printer) end() []byte {
	sum := sha256.Sum256(w.b.Bytes())
	fmt.Fprintf(&w.b, "END %d %x\n", w.lines, sum)
	return w.b.Bytes()
}

// checkNote says whether a note can be written with bars and read back the same.
func checkNote(note []byte) error {
	if len(note) == 0 || len(note) > MaxNote || note[len(note)-1] != '\n' {
		return fmt.Errorf("%w: a note is 1 to %d bytes and ends its last line", ErrMalformed, MaxNote)
	}
	if !utf8.Valid(note) || bytes.Contains(note, []byte(" \n")) {
		return fmt.Errorf("%w: a note is text without spaces at the ends of lines", ErrMalformed)
	}
	return nil
}

// scanner reads such a text. The first thing wrong stays as err; what is read
// after it is empty.
type scanner struct {
	rest  []byte // lines not read yet, without END
	read  int    // lines read
	lines uint64 // as END counts them
	err   error
}

// newScanner checks the last line and the title.
func newScanner(title string, text []byte) (*scanner, error) {
	if len(text) == 0 || text[len(text)-1] != '\n' {
		return nil, fmt.Errorf("%w: cut off: the last line does not end", ErrMalformed)
	}
	at := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	body := text[:at]
	lines := uint64(bytes.Count(body, []byte("\n")))
	if want := fmt.Sprintf("END %d %x\n", lines, sha256.Sum256(body)); string(text[at:]) != want {
		return nil, fmt.Errorf("%w: cut off or altered: the last line is not the END of the %d lines above", ErrMalformed, lines)
	}
	s := &scanner{rest: body, lines: lines}
	if got := s.next(); string(got) != title {
		return nil, fmt.Errorf("%w: does not begin with %q", ErrMalformed, title)
	}
	return s, nil
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("line %d: %w: %s", s.read, ErrMalformed, fmt.Sprintf(format, args...))
	}
}

func (s *scanner) next() []byte {
	line, rest, ok := bytes.Cut(s.rest, []byte("\n"))
	if !ok {
		return nil
	}
	s.rest = rest
	s.read++
	return line
}

// at reports whether the next line has this keyword.
func (s *scanner) at(keyword string) bool {
	rest, ok := bytes.CutPrefix(s.rest, []byte(keyword))
	return s.err == nil && ok && len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\n')
}

// words returns the n words that follow the keyword, which are not empty; where
// the line is another one, n empty words.
func (s *scanner) words(keyword string, n int) []string {
	if s.err == nil && !s.at(keyword) {
		s.next()
		s.fail("want %q", keyword)
	}
	if s.err != nil {
		return make([]string, n)
	}
	line := s.next()
	if len(line) > maxLine {
		s.fail("%s: a line of more than %d bytes", keyword, maxLine)
		return make([]string, n)
	}
	words := strings.Split(string(line), " ")[1:]
	if len(words) != n {
		s.fail("%s has %d words, want %d", keyword, len(words), n)
		return make([]string, n)
	}
	return words
}

func (s *scanner) hex(keyword string, dst []byte) { s.unhex(keyword, s.words(keyword, 1)[0], dst) }

func (s *scanner) unhex(keyword, word string, dst []byte) {
	if s.err == nil && unhex(dst, word) != nil {
		s.fail("%s: want %d bytes in lower-case hexadecimal", keyword, len(dst))
	}
}

func (s *scanner) number(keyword, word string) uint64 {
	n, err := strconv.ParseUint(word, 10, 64)
	if s.err == nil && (err != nil || n > MaxSize || strconv.FormatUint(n, 10) != word) {
		s.fail("%s: want a number", keyword)
	}
	return n
}

func (s *scanner) base64(keyword, word string) []byte {
	b, err := base64.StdEncoding.DecodeString(word)
	if s.err == nil && (err != nil || base64.StdEncoding.EncodeToString(b) != word) {
		s.fail("%s: want base64 in its one form", keyword)
	}
	return b
}

// note returns the note below the keyword.
func (s *scanner) note(keyword string) []byte {
	s.words(keyword, 0)
	var note []byte
	for s.at("|") {
		line := s.next()
		if len(line) == 2 {
			s.fail("%s: a space at the end of the line", keyword)
		}
		note = append(append(note, line[min(2, len(line)):]...), '\n')
		if len(note) > MaxNote {
			s.fail("%s: a note of more than %d bytes", keyword, MaxNote)
		}
	}
	if err := checkNote(note); s.err == nil && err != nil {
		s.fail("%s: not a note", keyword)
	}
	return note
}

// finish returns the first thing that was wrong, or that lines are left over.
func (s *scanner) finish() error {
	if s.err == nil && len(s.rest) > 0 {
		s.next()
		s.fail("more than belongs here")
	}
	return s.err
}
