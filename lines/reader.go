package lines

import (
	"bytes"
	"fmt"
	"strings"
)

// Reader takes the lines of one text in order. The first error stays: every later
// call returns zero values.
type Reader struct {
	what      string
	malformed error
	rest      []byte                 // the lines in memory that nobody took yet
	more      func() ([]byte, error) // where the lines behind rest come from; nil if there are none
	at        int                    // the number of the line taken last, as people count
	err       error
}

// Error is what is wrong with one line of a text.
type Error struct {
	Text    string // which text, as NewReader was told
	Line    int    // as people count
	Keyword string // that the line has, or should have
	Err     error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: line %d: %s: %v", e.Text, e.Line, e.Keyword, e.Err)
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// NewReader returns a reader of text: whole lines, without the last one. what names the
// text in errors, "card"; all of them wrap malformed. above is how many lines of what
// people see stand above it.
func NewReader(what string, malformed error, text []byte, above int) Reader {
	return Reader{what: what, malformed: malformed, rest: text, at: above}
}

// NewStream returns a reader of a text that comes in pieces. Each piece is whole lines,
// and stays as it is until the next is asked for; more returns none at the end. An error
// of more is passed on as it is: it says nothing about the text.
func NewStream(what string, malformed error, more func() ([]byte, error), above int) Reader {
	return Reader{what: what, malformed: malformed, more: more, at: above}
}

// left reports whether there is another line, and brings it into memory.
func (d *Reader) left() bool {
	for len(d.rest) == 0 && d.more != nil && d.err == nil {
		rest, err := d.more()
		if err != nil {
			d.err = fmt.Errorf("%s: below line %d: %w", d.what, d.at, err)
		}
		if d.rest = rest; len(rest) == 0 {
			d.more = nil
		}
	}
	return d.err == nil && len(d.rest) > 0
}

// MaxLine is the longest line in bytes that is taken: more than the largest entry of a
// log has in base64 (spec/MESSAGE.md), and all that a roster has (spec/ROSTER.md §1).
const MaxLine = 64 << 10

// Err returns the first error.
func (d *Reader) Err() error { return d.err }

// At returns the number of the line that was taken last.
func (d *Reader) At() int { return d.at }

// Left returns the lines in memory that nobody took yet.
func (d *Reader) Left() []byte { return d.rest }

// Fail records that the line taken last, which has this keyword, is wrong.
func (d *Reader) Fail(keyword, format string, args ...any) {
	d.FailWith(keyword, fmt.Errorf("%w: "+format, append([]any{d.malformed}, args...)...))
}

// FailWith records what is wrong with the line taken last, if anything is.
func (d *Reader) FailWith(keyword string, err error) {
	if d.err == nil && err != nil {
		d.err = &Error{d.what, d.at, keyword, err}
	}
}

// Whole records an error that belongs to several lines together.
func (d *Reader) Whole(err error) {
	if d.err == nil && err != nil {
		d.err = d.Wrap(err)
	}
}

// Wrap says of which text an error is.
func (d *Reader) Wrap(err error) error { return fmt.Errorf("%s: %w", d.what, err) }

// take returns the next line without its end; there is one.
func (d *Reader) take() string { return string(d.Bytes()) }

// Bytes takes the next line, which is known to be there, as it is in memory: it stands
// until the next call of any method.
func (d *Reader) Bytes() []byte {
	if !d.left() {
		return nil
	}
	line, rest, _ := bytes.Cut(d.rest, []byte("\n"))
	d.rest = rest
	d.at++
	if len(line) > MaxLine {
		d.Fail(Clip(keyword(string(line[:MaxLine]))), "a line of more than %d bytes", MaxLine)
		return nil
	}
	return line
}

// Title takes the first line, which must be this one.
func (d *Reader) Title(want string) {
	if !d.left() {
		d.Fail("title", "the file is empty; ask for it again")
		return
	}
	got := d.take()
	name, version, _ := strings.Cut(want, " ")
	switch {
	case got == want:
	case strings.HasPrefix(got, name+" "):
		d.Fail(name, "it is %q and this program reads %s only; update the program, or ask for the file in %s", Clip(got), version, version)
	default:
		d.Fail("title", "it is %q, not %q; check that this is the right file", Clip(got), want)
	}
}

// Next reports whether the next line begins with these words.
func (d *Reader) Next(words string) bool {
	n := len(words)
	return d.left() && len(d.rest) > n && string(d.rest[:n]) == words && (d.rest[n] == ' ' || d.rest[n] == '\n')
}

// Raw takes the next line, which is known to be there, as it is.
func (d *Reader) Raw() string {
	if !d.left() {
		return ""
	}
	return d.take()
}

// Rest takes the next line, which must have this keyword, and returns what stands
// behind it, "" if it is the keyword alone.
func (d *Reader) Rest(keyword string) string {
	if d.err != nil {
		return ""
	}
	if !d.left() {
		d.at++
		d.Fail(keyword, "the file ends where this line must stand; ask for the file again")
		return ""
	}
	line := d.take()
	got, rest, more := strings.Cut(line, " ")
	switch {
	case d.err != nil:
		return ""
	case got != keyword:
		d.Fail(keyword, "this line must stand here, not %q; unknown, repeated and misplaced lines are refused", Clip(got))
		return ""
	case more && rest == "":
		d.Fail(keyword, "a space stands at the end")
	}
	return rest
}

// Words takes the next line and returns exactly n words behind the keyword.
func (d *Reader) Words(keyword string, n int) []string {
	rest := d.Rest(keyword)
	var words []string
	if rest != "" {
		words = strings.Split(rest, " ")
	}
	switch {
	case d.err != nil:
	case len(words) == 0 && n > 0:
		d.Fail(keyword, "nothing stands behind the keyword")
	case len(words) != n:
		d.Fail(keyword, "has %d fields behind the keyword; %d are needed, with single spaces", len(words), n)
	}
	if d.err != nil {
		return make([]string, n)
	}
	return words
}

// Word takes the next line and returns the one word behind the keyword.
func (d *Reader) Word(keyword string) string { return d.Words(keyword, 1)[0] }

// Finish refuses lines that nobody took, and returns the first error.
func (d *Reader) Finish() error {
	if d.left() {
		got := keyword(d.take())
		d.Fail("END", "this line must stand here, not %q; unknown, repeated and misplaced lines are refused", Clip(got))
	}
	return d.err
}
