// Package screen shows rows of text on a terminal: it measures text in cells,
// clips it so that nothing leaves its row, and reads keys.
//
// It decides nothing about what is shown. What someone else wrote goes through
// Shown or Wrapped, which escape what could deceive (package plain, R10) and keep
// its order of writing to itself.
package screen

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"parley/internal/plain"
)

// The marks that keep the order of writing of what is between them to itself
// (Unicode UAX #9); they take no place on the screen.
const (
	isolate = "\u2068"
	pop     = "\u2069"
)

// cellsOf returns how many cells of a terminal a character takes.
func cellsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Cells returns how many cells of a terminal s takes.
func Cells(s string) (n int) {
	for _, r := range s {
		n += cellsOf(r)
	}
	return n
}

// Fit returns s in exactly n cells: clipped with an ellipsis, or filled with
// spaces.
func Fit(s string, n int) string {
	if n <= 0 {
		return ""
	}
	have := Cells(s)
	if have > n {
		s, have = clip(s, n-1)
		s, have = s+"…", have+1
	}
	return s + strings.Repeat(" ", n-have)
}

// FitRight is Fit with the spaces in front.
func FitRight(s string, n int) string {
	s = strings.TrimRight(Fit(s, n), " ")
	return strings.Repeat(" ", max(0, n-Cells(s))) + s
}

// clip returns the beginning of s that takes at most n cells, and how many it
// takes. Marks stay with the character that they belong to.
func clip(s string, n int) (string, int) {
	taken := 0
	for i, r := range s {
		w := cellsOf(r)
		if taken+w > n {
			return s[:i], taken
		}
		taken += w
	}
	return s, taken
}

// Shown returns the beginning of what someone else wrote, in at most n cells: one
// line, with everything escaped that could deceive, and its order of writing kept
// to itself.
func Shown(body string, n int) string {
	if n <= 0 {
		return ""
	}
	// More characters than cells never fit, but for marks, which are few.
	body = plain.Excerpt(body, 4*n)
	body = strings.TrimSuffix(strings.TrimPrefix(body, isolate), pop)
	body = strings.TrimRight(Fit(body, n), " ")
	return isolate + body + pop
}

// tabStop is what a tab in a text is shown as: a terminal's own would be of no
// known width.
const tabStop = "    "

// Wrapped returns what someone else wrote as lines of at most n cells, each
// escaped and isolated as by Shown; nothing is left out.
func Wrapped(body string, n int) (lines []string) {
	for line := range strings.SplitSeq(strings.TrimSuffix(plain.Body(body, ""), "\n"), "\n") {
		line = strings.TrimSuffix(strings.TrimPrefix(line, isolate), pop)
		for _, piece := range Folded(strings.ReplaceAll(line, "\t", tabStop), n) {
			lines = append(lines, isolate+piece+pop)
		}
	}
	return lines
}

// Folded returns a line as lines of at most n cells, at least one; nothing is left
// out but the space at which a line breaks, where there is one.
func Folded(line string, n int) (lines []string) {
	n = max(n, 2) // the widest character
	for {
		piece, _ := clip(line, n)
		if rest := line[len(piece):]; rest != "" && !strings.HasPrefix(rest, " ") {
			if at := strings.LastIndexByte(piece, ' '); at > 0 {
				piece = piece[:at]
			}
		}
		lines = append(lines, piece)
		if line = strings.TrimPrefix(line[len(piece):], " "); line == "" {
			return lines
		}
	}
}
