package wire

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// UnicodeVersion is the version whose tables decide what text may hold. Code
// points assigned later are refused until a version of Parley pins later
// tables (spec/MESSAGE.md §2).
const UnicodeVersion = "15.0.0"

// Characters of the categories Cc and Cf that text needs: line feed and tab,
// the joiners that Arabic, Persian and Indic scripts and emoji need, and the
// directional marks, which end with themselves.
const (
	lf   = '\n'
	tab  = '\t'
	zwnj = '\u200c'
	zwj  = '\u200d'
	lrm  = '\u200e'
	rlm  = '\u200f'
	alm  = '\u061c'
)

// CheckText reports, by an error that wraps ErrText, why s may not be the text
// of a message (spec/MESSAGE.md §2, R10). Text is never altered: what is
// refused here is written anew by a person.
//
// Allowed is UTF-8 in NFC of assigned characters. Not allowed, except LF, TAB,
// ZWJ, ZWNJ, LRM, RLM and ALM, are controls and format characters (categories
// Cc and Cf, with bidi embeddings, overrides and isolates, zero-width space and
// U+FEFF among them), line and paragraph separators, letters and marks that
// show as nothing, private use, surrogates, noncharacters, unassigned code
// points, and more than 30 characters in a row, decomposed, that combine with
// what stands before them.
func CheckText(s string) error {
	ascii := true
	for i := 0; i < len(s); {
		if i+8 <= len(s) && printable(s[i:i+8]) {
			i += 8
			continue
		}
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != lf && c != tab || c == 0x7f {
				return refuse(s, i, rune(c), "a control character")
			}
			i++
			continue
		}
		ascii = false
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return fmt.Errorf("line %d: %w: byte %#02x at offset %d is not UTF-8", lineOf(s, i), ErrText, c, i)
		}
		if why := forbidden(r); why != "" {
			return refuse(s, i, r, why)
		}
		i += size
	}
	if ascii {
		return nil
	}
	if i := norm.NFC.QuickSpanString(s); i < len(s) && !norm.NFC.IsNormalString(s) {
		return fmt.Errorf("line %d: %w: it is not in Unicode normal form C, or has more than 30 combining characters in a row", lineOf(s, i), ErrText)
	}
	return nil
}

// printable reports whether the first eight bytes are of printable ASCII, all at once: no
// byte has its highest bit, not even with 0x20 taken from it or with 1 added.
func printable(s string) bool {
	const ones = 0x0101010101010101
	_ = s[7]
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return (x|(x-' '*ones)|(x+ones))&(0x80*ones) == 0
}

func refuse(s string, i int, r rune, why string) error {
	return fmt.Errorf("line %d: %w: U+%04X at offset %d is %s", lineOf(s, i), ErrText, r, i, why)
}

func lineOf(s string, i int) int { return 1 + strings.Count(s[:i], "\n") }

// forbidden says what r is if text may not hold it, for r above ASCII.
func forbidden(r rune) string {
	switch r {
	case zwnj, zwj, lrm, rlm, alm:
		return ""
	}
	switch {
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return "a character that shows as nothing"
	case unicode.IsGraphic(r):
		return ""
	case unicode.Is(unicode.Cc, r):
		return "a control character"
	case unicode.Is(unicode.Cf, r):
		return "an invisible format character"
	case unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return "a separator that is not LF"
	case unicode.Is(unicode.Co, r):
		return "for private use"
	default:
		return "not assigned in Unicode " + UnicodeVersion
	}
}

// checkLanguage takes a language tag of the shape of BCP 47: subtags of 1 to 8
// letters and digits, joined by single hyphens, MaxLanguage characters in all.
func checkLanguage(s string) error {
	if len(s) > MaxLanguage {
		return fmt.Errorf("language of %d characters: %w: at most %d", len(s), ErrLimit, MaxLanguage)
	}
	for tag := range strings.SplitSeq(s, "-") {
		if len(tag) < 1 || len(tag) > 8 || strings.ContainsFunc(tag, notAlphanumeric) {
			return fmt.Errorf("language %q: %w: write a tag such as en or zh-Hant", s, ErrMalformed)
		}
	}
	return nil
}

func notAlphanumeric(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}
