package transcript

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"parley/lines"
	"parley/wire"
)

// Cursor reads the lines of one kind in a log, some at a time.
type Cursor struct {
	pieces
	keyword string
	line    int      // of the next, as people count
	only    *mention // lines in which it is not are passed over, a piece at a time; nil if none are
}

func (s section) cursor() *Cursor {
	return &Cursor{pieces: pieces{source: s.source, at: s.at, end: s.end}, keyword: s.keyword, line: s.line}
}

// Next returns the next lines, about 64 KiB of them, and none behind the last. It
// reads them into room, where that is large enough. The error is one of the source.
func (c *Cursor) Next(room []byte) (Batch, error) {
	for {
		text, err := c.next(room)
		if err != nil {
			return Batch{}, fmt.Errorf("transcript: at line %d: %w", c.line, err)
		}
		b := Batch{Count: bytes.Count(text, []byte("\n")), text: text, keyword: c.keyword, line: c.line}
		c.line += b.Count
		if c.only == nil || b.Count == 0 || c.only.in(text) {
			return b, nil
		}
		room = text[:0]
	}
}

// all returns everything that the cursor has not passed.
func (c *Cursor) all() (out []Statement, err error) {
	for {
		b, err := c.Next(nil)
		if err != nil || b.Count == 0 {
			return out, err
		}
		s, err := b.Statements()
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
}

// Batch is some lines of one kind, as they stand in the file.
type Batch struct {
	Count int // of lines

	text    []byte
	keyword string
	line    int // of the first
}

// Len returns how many bytes of the file the lines are.
func (b Batch) Len() int { return len(b.text) }

// Room returns the memory that holds the lines, for the Cursor's next.
func (b Batch) Room() []byte { return b.text[:0] }

// strict is base64 whose unused bits are zero.
var strict = base64.StdEncoding.Strict()

// Statements returns the numbers and the bytes that stand in the lines. It depends on
// nothing but b, and may be called anywhere. The error wraps ErrMalformed and says the
// line.
func (b Batch) Statements() ([]Statement, error) { return new(Decoder).Statements(b) }

// Decoder decodes one batch after the other into the same memory. Its zero value has
// none yet.
type Decoder struct {
	out  []Statement
	room []byte
}

// Statements is Batch.Statements; what it returns stands until the next call.
func (dec *Decoder) Statements(b Batch) ([]Statement, error) {
	// All bytes go into one room: base64 takes four bytes for three.
	dec.out, dec.room = slices.Grow(dec.out[:0], b.Count), slices.Grow(dec.room[:0], strict.DecodedLen(len(b.text)))
	out, room := dec.out, dec.room
	d := scanner{lines.NewReader("transcript", ErrMalformed, b.text, b.line-1)}
	for range b.Count {
		line := d.Bytes()
		number, field, _ := bytes.Cut(line[min(len(b.keyword)+1, len(line)):], []byte(" "))
		n, ok := decimal(number)
		size, err := strict.Decode(room[len(room):cap(room)], field)
		if !ok || err != nil || strict.EncodedLen(size) != len(field) { // the decoder passes over CR
			d.statement(b.keyword, line) // which says what is wrong
		}
		if size == 0 || size > longest(b.keyword) {
			d.Fail(b.keyword, "%d bytes; 1 to %d stand in such a line", size, longest(b.keyword))
		}
		if d.Err() != nil {
			return nil, d.Err()
		}
		out = append(out, Statement{n, room[len(room) : len(room)+size : len(room)+size]})
		room = room[:len(room)+size]
	}
	return out, nil
}

// statement says what is wrong with a line that is not a number and bytes.
func (d *scanner) statement(keyword string, line []byte) {
	words := strings.Split(string(line), " ")
	if len(words) != 3 {
		d.Fail(keyword, "has %d fields behind the keyword; 2 are needed, with single spaces", len(words)-1)
		return
	}
	d.Number(keyword, words[1], 0, MaxSize)
	d.Decode(keyword, words[2], lines.AnySize)
	d.Fail(keyword, "it is not in its one form")
}

// longest is the most bytes that stand in a line with this keyword.
func longest(keyword string) int {
	if keyword == "entry" {
		return wire.MaxEntry
	}
	return maxStatement
}

// pieces are the whole lines that stand in source from at to end.
type pieces struct {
	source  io.ReaderAt
	at, end int64
}

// piece is how much is read at once, if no line is longer.
const piece = 64 << 10

// next returns the next whole lines, and none at the end. A line that is longer than
// any may be is returned without its end.
func (p *pieces) next(room []byte) ([]byte, error) {
	for most := int64(piece); ; most = lines.MaxLine + piece {
		n := min(most, p.end-p.at)
		if n <= 0 {
			return nil, nil
		}
		if int64(cap(room)) < n {
			room = make([]byte, n)
		}
		room = room[:n]
		if err := readAt(p.source, room, p.at); err != nil {
			return nil, err
		}
		whole := bytes.LastIndexByte(room, '\n') + 1
		if whole == 0 && most > lines.MaxLine {
			whole = len(room)
		}
		if whole > 0 {
			p.at += int64(whole)
			return room[:whole], nil
		}
	}
}

// readAt fills b.
func readAt(source io.ReaderAt, b []byte, at int64) error {
	n, err := source.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return fmt.Errorf("it ends at byte %d: %w", at+int64(n), io.ErrUnexpectedEOF)
	}
	return err
}
