package roster

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley"
)

// MaxFile is the largest size in bytes of any file of this package
// (spec/ROSTER.md §1). A card with a full batch of prekeys has about half of it.
const MaxFile = 64 << 10

// printer writes the lines of one file.
type printer struct {
	text  bytes.Buffer
	lines int
}

func newPrinter(title string) *printer {
	p := new(printer)
	p.line(title)
	return p
}

func (p *printer) line(words ...string) {
	p.text.WriteString(strings.Join(words, " "))
	p.text.WriteByte('\n')
	p.lines++
}

func (p *printer) bytes(keyword string, b []byte) {
	p.line(keyword, base64.StdEncoding.EncodeToString(b))
}

// file writes a complete file inside this one.
func (p *printer) file(text []byte) {
	p.text.Write(text)
	p.lines += bytes.Count(text, []byte("\n"))
}

// end counts the lines, END included, and returns the file.
func (p *printer) end() []byte {
	p.line("END", strconv.Itoa(p.lines+1))
	return p.text.Bytes()
}

// reader takes the lines of one file in order. The first error stays: every
// later call returns zero values.
type reader struct {
	what  string // "card"
	text  []byte
	lines []string
	at    int // index of the next line
	first int // number of lines[0] in the file that people see, less one
	err   error
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
	lines := strings.Split(string(text[:len(text)-1]), "\n")
	last := len(lines) - 1
	if want := "END " + strconv.Itoa(len(lines)); lines[last] != want {
		return bad("line %d: the last line must be %q; lines are missing or were added: ask for the file again", first+len(lines), want)
	}
	return &reader{what: what, text: text, lines: lines[:last], first: first}, nil
}

// fail records that the line last taken, which has this keyword, is wrong.
func (d *reader) fail(keyword, format string, args ...any) {
	d.failWith(keyword, fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...))
}

// failWith records what is wrong with the line last taken, if anything is.
func (d *reader) failWith(keyword string, err error) {
	if d.err == nil && err != nil {
		d.err = fmt.Errorf("%s: line %d: %s: %w", d.what, d.first+d.at, keyword, err)
	}
}

// whole records an error that belongs to several lines together.
func (d *reader) whole(err error) {
	if d.err == nil && err != nil {
		d.err = d.wrap(err)
	}
}

func (d *reader) wrap(err error) error { return fmt.Errorf("%s: %w", d.what, err) }

func (d *reader) title(want string) {
	if d.err != nil {
		return
	}
	if len(d.lines) == 0 {
		d.fail("title", "the file is empty; ask for it again")
		return
	}
	got := d.lines[0]
	d.at = 1
	name, version, _ := strings.Cut(want, " ")
	switch {
	case got == want:
	case strings.HasPrefix(got, name+" "):
		d.fail(name, "it is %q and this program reads %s only; update the program, or ask for the file in %s", clip(got), version, version)
	default:
		d.fail("title", "it is %q, not %q; check that this is the right file", clip(got), want)
	}
}

// next reports whether the next line has this keyword.
func (d *reader) next(keyword string) bool {
	return d.err == nil && d.at < len(d.lines) && strings.HasPrefix(d.lines[d.at], keyword+" ")
}

// rest takes the next line, which must have this keyword, and returns what
// stands behind it.
func (d *reader) rest(keyword string) string {
	if d.err != nil {
		return ""
	}
	if d.at >= len(d.lines) {
		d.at++
		d.fail(keyword, "the file ends where this line must stand; ask for the file again")
		return ""
	}
	line := d.lines[d.at]
	d.at++
	got, rest, ok := strings.Cut(line, " ")
	if got != keyword {
		d.fail(keyword, "this line must stand here, not %q; unknown, repeated and misplaced lines are refused", clip(got))
		return ""
	}
	if !ok || rest == "" {
		d.fail(keyword, "nothing stands behind the keyword")
		return ""
	}
	return rest
}

// words takes the next line and returns exactly n words behind the keyword.
func (d *reader) words(keyword string, n int) []string {
	rest := d.rest(keyword)
	w := strings.Split(rest, " ")
	if d.err == nil && len(w) != n {
		d.fail(keyword, "has %d fields behind the keyword; %d are needed, with single spaces", len(w), n)
	}
	if d.err != nil {
		return make([]string, n)
	}
	return w
}

// word takes the next line and returns the one word behind the keyword.
func (d *reader) word(keyword string) string { return d.words(keyword, 1)[0] }

// bytes takes the next line and returns the size bytes it holds in base64.
func (d *reader) bytes(keyword string, size int) []byte {
	return d.decode(keyword, d.word(keyword), size)
}

func (d *reader) decode(keyword, s string, size int) []byte {
	if d.err != nil {
		return nil
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != size {
		d.fail(keyword, "%q is not %d bytes in base64", clip(s), size)
		return nil
	}
	return b
}

// hex takes the next line and returns the size bytes it holds in lower-case hexadecimal.
func (d *reader) hex(keyword string, size int) []byte {
	s := d.word(keyword)
	if d.err == nil {
		b, err := hex.DecodeString(s)
		if err == nil && len(b) == size && s == strings.ToLower(s) {
			return b
		}
		d.fail(keyword, "%q is not %d bytes in lower-case hexadecimal", clip(s), size)
	}
	return make([]byte, size)
}

// party takes the next line and returns the party it names.
func (d *reader) party(keyword string) parley.Party {
	s := d.word(keyword)
	if d.err != nil {
		return ""
	}
	p, err := parley.ParseParty(s)
	if err != nil {
		d.fail(keyword, "%w", err)
	}
	return p
}

// finish refuses lines that nobody took.
func (d *reader) finish() {
	if d.err == nil && d.at < len(d.lines) {
		got, _, _ := strings.Cut(d.lines[d.at], " ")
		d.at++
		d.fail("END", "this line must stand here, not %q; unknown, repeated and misplaced lines are refused", clip(got))
	}
}

// same is the last word on canonical form: what was read must print to what
// was given.
func (d *reader) same(printed []byte) error {
	if !bytes.Equal(printed, d.text) {
		return fmt.Errorf("%s: %w: it is not in canonical form; ask for the file again", d.what, ErrMalformed)
	}
	return nil
}

// clip shortens what a message quotes. The message quotes it with %q, which
// shows controls as escapes.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
