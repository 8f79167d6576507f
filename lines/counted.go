package lines

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A counted text ends in "END n h", where n counts the lines above it and h is the
// SHA-256 of their bytes. A signed note stands in one below its keyword, with a bar
// in front of each of its lines (spec/TRANSCRIPT.md §6).

// EndOf returns the last line of a counted text that has these lines above it.
func EndOf(above []byte) string {
	return EndLine(bytes.Count(above, []byte("\n")), sha256.Sum256(above))
}

// EndLine returns the last line of a counted text that has so many lines above it,
// with that hash.
func EndLine(count int, hash [sha256.Size]byte) string {
	return fmt.Sprintf("END %d %x\n", count, hash)
}

// End writes the last line of a counted text and returns the whole.
func (w *Writer) End() []byte {
	w.Text([]byte(EndOf(w.Bytes())))
	return w.Bytes()
}

// NewCounted returns a reader of a counted text, once its last line was found to be
// the END of those above it; what, malformed and the title are those of NewReader and
// Title.
func NewCounted(what string, malformed error, title string, text []byte) (Reader, error) {
	if len(text) == 0 || text[len(text)-1] != '\n' {
		return Reader{}, fmt.Errorf("%s: %w: cut off: the last line does not end", what, malformed)
	}
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	above := text[:last]
	if string(text[last:]) != EndOf(above) {
		return Reader{}, fmt.Errorf("%s: %w: cut off or altered: the last line is not the END of the %d lines above", what, malformed, bytes.Count(above, []byte("\n")))
	}
	d := NewReader(what, malformed, above, 0)
	d.Title(title)
	return d, nil
}

// CheckNote says whether a note of at most so many bytes can be written with bars and
// read back the same. The error wraps malformed.
func CheckNote(malformed error, note []byte, most int) error {
	if len(note) == 0 || len(note) > most || note[len(note)-1] != '\n' {
		return fmt.Errorf("%w: a note is 1 to %d bytes and ends its last line", malformed, most)
	}
	if !utf8.Valid(note) || bytes.Contains(note, []byte(" \n")) {
		return fmt.Errorf("%w: a note is text without spaces at the ends of lines", malformed)
	}
	return nil
}

// Note writes a keyword and a note, which CheckNote allows, below it.
func (w *Writer) Note(keyword string, note []byte) {
	w.Line(keyword)
	for l := range strings.Lines(string(note)) {
		w.Line(strings.TrimSuffix("| "+strings.TrimSuffix(l, "\n"), " "))
	}
}

// Note takes a keyword and the note of at most so many bytes below it.
func (d *Reader) Note(keyword string, most int) []byte {
	d.Words(keyword, 0)
	var note []byte
	for d.Next("|") {
		line := d.Raw()
		if len(line) == 2 {
			d.Fail(keyword, "a space at the end of a line")
		}
		note = append(append(note, line[min(2, len(line)):]...), '\n')
		if len(note) > most {
			d.Fail(keyword, "a note of more than %d bytes", most)
		}
	}
	d.FailWith(keyword, CheckNote(d.malformed, note, most))
	return note
}
