package transcript

import (
	"strconv"

	"parley/lines"
)

// printer writes a counted text of this package (spec/TRANSCRIPT.md §6).
type printer struct{ lines.Writer }

func newPrinter(title string) *printer {
	p := new(printer)
	p.Line(title)
	return p
}

func (p *printer) statement(keyword string, s Statement) {
	p.Base64(keyword+" "+strconv.FormatUint(s.Number, 10), s.Bytes)
}

// checkNote says whether a note of at most so many bytes can stand in such a text.
func checkNote(note []byte, most int) error { return lines.CheckNote(ErrMalformed, note, most) }

// scanner takes the lines of such a text in order.
type scanner struct{ lines.Reader }

// newScanner checks the last line and the title.
func newScanner(what, title string, text []byte) (*scanner, error) {
	d, err := lines.NewCounted(what, ErrMalformed, title, text)
	if err != nil {
		return nil, err
	}
	return &scanner{d}, nil
}

// note takes the note below the keyword, of at most so many bytes.
func (d *scanner) note(keyword string, most int) []byte { return d.Note(keyword, most) }
