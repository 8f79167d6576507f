// Package lines is how the texts that people carry and programs check are written:
// lines of UTF-8 that end in LF, each a keyword and its fields with one space
// between them, in one order. A text has one writing: whoever reads it can print it
// again, to the byte.
//
// The first line is a title with its version. The last, which begins with END, is of
// each kind of text: spec/ROSTER.md §1 and spec/TRANSCRIPT.md §6 say what stands in it.
package lines

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// Writer writes the lines of one text. Its zero value has none.
type Writer struct {
	text  bytes.Buffer
	count int
}

// Line writes a line of words, the keyword first.
func (w *Writer) Line(words ...string) {
	for i, word := range words {
		if i > 0 {
			w.text.WriteByte(' ')
		}
		w.text.WriteString(word)
	}
	w.text.WriteByte('\n')
	w.count++
}

// Base64 writes a line with a field of bytes.
func (w *Writer) Base64(keyword string, b []byte) {
	w.Line(keyword, base64.StdEncoding.EncodeToString(b))
}

// Text writes the whole lines of another text inside this one.
func (w *Writer) Text(text []byte) {
	w.text.Write(text)
	w.count += bytes.Count(text, []byte("\n"))
}

// Count returns how many lines were written.
func (w *Writer) Count() int { return w.count }

// Bytes returns what was written; it is the writer's own.
func (w *Writer) Bytes() []byte { return w.text.Bytes() }

// Clip shortens what a message quotes. The message quotes it with %q, which shows
// controls as escapes.
func Clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// keyword returns the first word of a line.
func keyword(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}
