package roster

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/lines"
)

// MaxFile is the largest size in bytes of any file of this package
// (spec/ROSTER.md §1). A card with a full batch of prekeys has about half of it.
const MaxFile = 64 << 10

// printer writes the lines of one file.
type printer struct{ lines.Writer }

func newPrinter(title string) *printer {
	p := new(printer)
	p.Line(title)
	return p
}

// end counts the lines, END included, and returns the file.
func (p *printer) end() []byte {
	p.Line("END", strconv.Itoa(p.Count()+1))
	return p.Bytes()
}

// reader takes the lines of one file in order.
type reader struct {
	lines.Reader
	what string // "card"
	text []byte
}

// newReader returns a reader of text, which stands behind the first lines of
// the file that people see.
func newReader(what string, text []byte, first int) (*reader, error) {
	bad := func(format string, args ...any) (*reader, error) {
		return nil, fmt.Errorf("%s: %w: %s", what, ErrMalformed, fmt.Sprintf(format, args...))
	}
	switch {
	case len(text) > MaxFile:
		return bad("%d bytes are more than the %d allowed; this is not a %s", len(text), MaxFile, what)
	case bytes.HasPrefix(text, []byte("\ufeff")):
		return bad("it begins with a byte order mark; save it as plain UTF-8 without one")
	case bytes.IndexByte(text, '\r') >= 0:
		return bad("line %d holds a CR; save it with LF line ends", first+1+bytes.Count(text[:bytes.IndexByte(text, '\r')], []byte("\n")))
	case !utf8.Valid(text):
		return bad("it is not UTF-8 text; ask for the file again")
	case !bytes.HasSuffix(text, []byte("\n")):
		return bad("the last line is cut off; ask for the file again")
	}
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	count := bytes.Count(text, []byte("\n"))
	if want := "END " + strconv.Itoa(count); strings.TrimSuffix(string(text[last:]), "\n") != want {
		return bad("line %d: the last line must be %q; lines are missing or were added: ask for the file again", first+count, want)
	}
	return &reader{lines.NewReader(what, ErrMalformed, text[:last], first), what, text}, nil
}

// same is the last word on canonical form: what was read must print to what
// was given.
func (d *reader) same(printed []byte) error {
	if !bytes.Equal(printed, d.text) {
		return d.Wrap(fmt.Errorf("%w: it is not in canonical form; ask for the file again", ErrMalformed))
	}
	return nil
}
