package transcript

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/lines"
)

// A text of this package ends in "END n h", where n counts the lines above it and h
// is the SHA-256 of their bytes. A signed note stands below its keyword with a bar in
// front of each of its lines (spec/TRANSCRIPT.md §6).

// printer writes such a text.
type printer struct{ lines.Writer }

func newPrinter(title string) *printer {
	p := new(printer)
	p.Line(title)
	return p
}

func (p *printer) statement(keyword string, s Statement) {
	p.Base64(keyword+" "+strconv.FormatUint(s.Number, 10), s.Bytes)
}

func (p *printer) note(keyword string, note []byte) {
	p.Line(keyword)
	for l := range strings.Lines(string(note)) {
		p.Line(strings.TrimSuffix("| "+strings.TrimSuffix(l, "\n"), " "))
	}
}

func (p *printer) end() []byte {
	p.Text([]byte(endOf(p.Bytes())))
	return p.Bytes()
}

// endOf returns the last line of a text that has these lines above it.
func endOf(above []byte) string {
	return fmt.Sprintf("END %d %x\n", bytes.Count(above, []byte("\n")), sha256.Sum256(above))
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

// scanner takes the lines of such a text in order.
type scanner struct{ lines.Reader }

// newScanner checks the last line and the title.
func newScanner(what, title string, text []byte) (*scanner, error) {
	if len(text) == 0 || text[len(text)-1] != '\n' {
		return nil, fmt.Errorf("%s: %w: cut off: the last line does not end", what, ErrMalformed)
	}
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	above := text[:last]
	if string(text[last:]) != endOf(above) {
		return nil, fmt.Errorf("%s: %w: cut off or altered: the last line is not the END of the %d lines above", what, ErrMalformed, bytes.Count(above, []byte("\n")))
	}
	d := &scanner{lines.NewReader(what, ErrMalformed, above, 0)}
	d.Title(title)
	return d, nil
}

// statement takes a line of a number and bytes.
func (d *scanner) statement(keyword string) Statement {
	w := d.Words(keyword, 2)
	return Statement{d.Number(keyword, w[0], 0, MaxSize), d.Decode(keyword, w[1], lines.AnySize)}
}

// note takes the note below the keyword.
func (d *scanner) note(keyword string) []byte {
	d.Words(keyword, 0)
	var note []byte
	for d.Next("|") {
		line := d.Raw()
		if len(line) == 2 {
			d.Fail(keyword, "a space at the end of a line")
		}
		note = append(append(note, line[min(2, len(line)):]...), '\n')
		if len(note) > MaxNote {
			d.Fail(keyword, "a note of more than %d bytes", MaxNote)
		}
	}
	d.FailWith(keyword, checkNote(note))
	return note
}
