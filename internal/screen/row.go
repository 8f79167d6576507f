package screen

import "strings"

// Style is how a piece of a row stands out, as SGR parameters. Nothing is told by
// a style alone: it goes with a word.
type Style string

// The styles.
const (
	Normal Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Good   Style = "32"
	Warn   Style = "33"
	Drill  Style = "35" // exercise traffic
	Bad    Style = "1;31"
	Urgent Style = "1;7"
	Flash  Style = "1;7;31"
)

// Span is a piece of a row in one style.
type Span struct {
	Text  string
	Style Style
}

// Row is one row of a screen, from its left end.
type Row []Span

// Add adds a piece.
func (r *Row) Add(s Style, text string) { *r = append(*r, Span{text, s}) }

// Render returns the row in at most width cells, with colour if asked for;
// without colour there is no escape sequence in it.
func (r Row) Render(width int, colour bool) string {
	var b strings.Builder
	for _, s := range r {
		text := s.Text
		if n := Cells(text); n > width {
			// A row is cut inside its last piece: an isolate is closed again.
			text = strings.TrimRight(Fit(text, width), " ")
			if strings.Contains(text, isolate) && !strings.Contains(text, pop) {
				text += pop
			}
		}
		width -= Cells(text)
		if colour && s.Style != Normal && text != "" {
			text = "\x1b[" + string(s.Style) + "m" + text + "\x1b[0m"
		}
		b.WriteString(text)
	}
	if colour {
		return b.String()
	}
	return strings.TrimRight(b.String(), " ")
}
