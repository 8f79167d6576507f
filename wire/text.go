package wire

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// UnicodeVersion is the version of the tables that decide which characters are
// assigned (spec/MESSAGE.md §2). A test holds it to what the program was built
// with.
const UnicodeVersion = "15.0.0"

// CheckText returns nil if s may stand in a message as it is: UTF-8 in
// normalisation form C, of assigned characters, without control characters
// other than line feed and tab, and without the characters that change the
// direction of other text (spec/MESSAGE.md §2). Text is refused or kept, never
// altered. The error wraps ErrText and says where.
func CheckText(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%w: it is not UTF-8", ErrText)
	}
	line, column := 1, 1
	for _, r := range s {
		if why := refusal(r); why != "" {
			return fmt.Errorf("%w: U+%04X in line %d, character %d, %s", ErrText, r, line, column, why)
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	if !norm.NFC.IsNormalString(s) {
		return fmt.Errorf("%w: it is not in Unicode normalisation form C: save it as NFC", ErrText)
	}
	return nil
}

// refusal says why a character is not allowed, or nothing.
func refusal(r rune) string {
	switch r {
	case '\n', '\t', // line feed, tab
		0x200C, 0x200D, // ZWNJ, ZWJ: letters are misread without them
		0x200E, 0x200F, 0x061C: // LRM, RLM, ALM: they mark, and override nothing
		return ""
	}
	switch {
	case unicode.Is(unicode.Cc, r):
		return "is a control character"
	case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
		return "changes the direction of other text"
	case unicode.Is(unicode.Cf, r):
		return "is an invisible format character"
	case r == 0x2028 || r == 0x2029:
		return "is a line or paragraph separator: use line feed"
	case unicode.Is(unicode.Co, r):
		return "is for private use: the other side may see another sign"
	case !assigned(r):
		return "is not assigned in Unicode " + UnicodeVersion
	}
	return ""
}

func assigned(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}
