// Package plain turns text that someone else wrote into text that a person can
// be shown without being deceived: nothing in it moves the cursor, hides,
// reorders what stands around it, or looks like a line of the program's own (R10).
//
// What it does not let pass it names, as in ⟨U+202E⟩, or ⟨FF⟩ for a byte that is
// no UTF-8: it never drops anything. It is for showing only; what was signed is
// never altered.
package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The marks by which a terminal that orders text in both directions keeps the
// order of one line to itself (Unicode UAX #9).
const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// The invisible marks that scripts such as Arabic and Hindi are written with;
// Body leaves them in their place, as the wire does (spec/MESSAGE.md §2).
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	leftToRightMark    = '\u200e'
	rightToLeftMark    = '\u200f'
	arabicLetterMark   = '\u061c'
)

// Line returns s for use within a line of the program's own: one line, with
// everything invisible escaped.
func Line(s string) string {
	return escape(s, func(rune) bool { return false })
}

// Body returns s as a block of lines that each begin with indent, for text that
// has lines of its own. The order of writing of one line cannot reach another.
func Body(s, indent string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		b.WriteString(indent)
		if line != "" {
			b.WriteString(firstStrongIsolate)
			b.WriteString(escape(line, inBody))
			b.WriteString(popIsolate)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Excerpt returns the beginning of s, at most limit characters of it, for use
// within a line of the program's own.
func Excerpt(s string, limit int) string {
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == ' ' || r == '\t' }), " ")
	cut := ""
	if r := []rune(s); len(r) > limit {
		s, cut = string(r[:limit]), "…"
	}
	return firstStrongIsolate + escape(s, inBody) + cut + popIsolate
}

func inBody(r rune) bool {
	switch r {
	case '\t', zeroWidthNonJoiner, zeroWidthJoiner, leftToRightMark, rightToLeftMark, arabicLetterMark:
		return true
	}
	return false
}

func escape(s string, allowed func(rune) bool) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "⟨%02X⟩", s[0])
		case unicode.IsGraphic(r) && (r == ' ' || !unicode.IsSpace(r)) && !invisible(r), allowed(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		}
		s = s[size:]
	}
	return b.String()
}

// invisible reports whether a code point that counts as graphic shows nothing:
// the fillers that names can be told apart by, and variation selectors.
func invisible(r rune) bool {
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r)
}
