package demo

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

// cells returns how many cells s takes.
func cells(s string) (n int) {
	for _, r := range s {
		n += cellsOf(r)
	}
	return n
}

// fit returns s in exactly n cells: clipped with an ellipsis, or filled with
// spaces.
func fit(s string, n int) string {
	if n <= 0 {
		return ""
	}
	have := cells(s)
	if have > n {
		s, have = clip(s, n-1)
		s, have = s+"…", have+1
	}
	return s + strings.Repeat(" ", n-have)
}

// fitRight is fit with the spaces in front.
func fitRight(s string, n int) string {
	s = strings.TrimRight(fit(s, n), " ")
	return strings.Repeat(" ", max(0, n-cells(s))) + s
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

// shown returns the beginning of what the other side wrote, in at most n cells:
// one line, with everything escaped that could deceive, and its order of writing
// kept to itself.
func shown(body string, n int) string {
	// More characters than cells never fit, but for marks, which are few.
	body = plain.Excerpt(body, 4*max(n, 1))
	body = strings.TrimSuffix(strings.TrimPrefix(body, isolate), pop)
	body = strings.TrimRight(fit(body, n), " ")
	return isolate + body + pop
}
