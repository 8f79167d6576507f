package wire

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// allowedText is text as people write it.
var allowedText = map[string]string{
	"empty":              "",
	"ASCII":              "Flash.\n\t1. Acknowledge.",
	"Persian with ZWNJ":  "می\u200cخواهم",
	"Arabic":             "لا توجد نية عدائية",
	"Arabic mark":        "\u061cنص",
	"Hebrew with points": "שָׁלוֹם",
	"Hebrew with marks":  "\u200fשלום\u200e (17)",
	"Chinese":            "没有敌意。",
	"Japanese":           "敵意はない。",
	"Korean":             "적대적 의도가 없다",
	"Russian":            "Учебная тревога, 14:00Z",
	"Devanagari, joined": "क्\u200dष",
	"Thai":               "ไม่มีเจตนาร้าย",
	"composed":           "déjà vu, Ångström",
	"emoji":              "👍",
	"emoji, joined":      "👩\u200d👩\u200d👧\ufe0f",
	"first of 15.0":      "\U0001fa75",
	"beyond the BMP":     "𠀋 𝄞",
}

// hostileText is text that could be shown as something else than what was signed (R10).
var hostileText = map[string]struct{ text, why string }{
	"bidi embedding LRE":       {"a\u202ab", "U+202A"},
	"bidi embedding RLE":       {"a\u202bb", "U+202B"},
	"bidi pop":                 {"a\u202cb", "U+202C"},
	"bidi override LRO":        {"a\u202db", "U+202D"},
	"bidi override RLO":        {"fire \u202eton od", "U+202E"},
	"bidi isolate LRI":         {"a\u2066b", "U+2066"},
	"bidi isolate RLI":         {"a\u2067b", "U+2067"},
	"bidi isolate FSI":         {"a\u2068b", "U+2068"},
	"bidi isolate end":         {"a\u2069b", "U+2069"},
	"zero-width space":         {"do\u200bnot", "U+200B"},
	"word joiner":              {"do\u2060not", "U+2060"},
	"invisible times":          {"a\u2062b", "U+2062"},
	"byte order mark":          {"\ufefftext", "U+FEFF"},
	"soft hyphen":              {"no\u00adt", "U+00AD"},
	"deprecated shaping":       {"a\u206ab", "U+206A"},
	"tag characters":           {"a\U000e0041", "U+E0041"},
	"language tag":             {"a\U000e0001", "U+E0001"},
	"interlinear annotation":   {"a\ufff9b", "U+FFF9"},
	"shorthand format":         {"a\U0001bca0b", "U+1BCA0"},
	"grapheme joiner":          {"a\u034fb", "U+034F"},
	"Hangul filler":            {"a\u3164b", "U+3164"},
	"half-width Hangul filler": {"a\uffa0b", "U+FFA0"},
	"Khmer vowel inherent":     {"a\u17b4b", "U+17B4"},
	"NUL":                      {"a\x00b", "U+0000"},
	"bell":                     {"a\ab", "U+0007"},
	"backspace":                {"no\b\byes", "U+0008"},
	"escape":                   {"\x1b[2J", "U+001B"},
	"delete":                   {"a\x7fb", "U+007F"},
	"CR":                       {"no\ryes", "U+000D"},
	"CR LF":                    {"a\r\nb", "U+000D"},
	"vertical tab":             {"a\vb", "U+000B"},
	"form feed":                {"a\fb", "U+000C"},
	"C1 control CSI":           {"a\u009b2J", "U+009B"},
	"next line":                {"a\u0085b", "U+0085"},
	"line separator":           {"a\u2028b", "U+2028"},
	"paragraph separator":      {"a\u2029b", "U+2029"},
	"not NFC, e acute":         {"e\u0301", "normal form"},
	"not NFC, angstrom sign":   {"\u212b", "normal form"},
	"not NFC, order of marks":  {"a\u0301\u0323", "normal form"},
	"not NFC, Hangul jamo":     {"\u1100\u1161", "normal form"},
	"not NFC, excluded":        {"\u0958", "normal form"},
	"not NFC, on line 2":       {"a\ne\u0301", "line 2"},
	"a tower of marks":         {"a" + strings.Repeat("\u0316", 31), "30 combining"},
	"private use":              {"a\ue000b", "private use"},
	"private use, plane 16":    {"a\U00100000b", "private use"},
	"noncharacter FDD0":        {"a\ufdd0b", "not assigned"},
	"noncharacter FFFE":        {"a\ufffeb", "not assigned"},
	"noncharacter 10FFFF":      {"a\U0010ffffb", "not assigned"},
	"unassigned":               {"a\u0378b", "not assigned"},
	"first of 15.1":            {"a\u2ffcb", "not assigned"},
	"first of 16.0":            {"a\U0001fae9b", "not assigned"},
	"lone high surrogate":      {"a\xed\xa0\x80b", "not UTF-8"},
	"lone low surrogate":       {"a\xed\xbf\xbfb", "not UTF-8"},
	"overlong":                 {"a\xc0\xafb", "not UTF-8"},
	"truncated":                {"a\xe2\x80", "not UTF-8"},
	"Latin-1":                  {"d\xe9j\xe0", "not UTF-8"},
	"beyond Unicode":           {"a\xf4\x90\x80\x80", "not UTF-8"},
}

func TestText(t *testing.T) {
	for name, s := range allowedText {
		if err := CheckText(s); err != nil {
			t.Errorf("%s, %+q: %v", name, s, err)
		}
	}
	for name, s := range hostileText {
		err := CheckText(s.text)
		if !errors.Is(err, ErrText) || !strings.Contains(err.Error(), s.why) {
			t.Errorf("%s, %+q gave %v, want ErrText with %q", name, s.text, err, s.why)
		}
	}
}

// TestUnicodePinned: the tables of the toolchain and of the normaliser are the
// ones that the spec names; a later toolchain must not change what is believed.
func TestUnicodePinned(t *testing.T) {
	if unicode.Version != UnicodeVersion || norm.Version != UnicodeVersion {
		t.Errorf("the tables are of Unicode %s and %s, the spec pins %s", unicode.Version, norm.Version, UnicodeVersion)
	}
}

func TestLanguage(t *testing.T) {
	for _, s := range []string{"en", "zh-Hant", "sr-Latn-RS", "x-parley-1", "de-1996", strings.Repeat("abcdefgh-", 3) + "abcdefgh"} {
		if err := checkLanguage(s); err != nil {
			t.Error(err)
		}
	}
	for s, want := range map[string]error{
		"": ErrMalformed, "-": ErrMalformed, "en-": ErrMalformed, "-en": ErrMalformed, "en--us": ErrMalformed,
		"en_US": ErrMalformed, "englisches": ErrMalformed, "e n": ErrMalformed, "日本": ErrMalformed, "en\x00": ErrMalformed,
		"en-abcdefghi": ErrMalformed, strings.Repeat("abcdefgh-", 4): ErrLimit,
	} {
		if err := checkLanguage(s); !errors.Is(err, want) {
			t.Errorf("%q gave %v, want %v", s, err, want)
		}
	}
}

// TestTowersAreCountedDecomposed: the rule of spec/MESSAGE.md §2 for characters
// that combine, which another implementation has to write by itself.
func TestTowersAreCountedDecomposed(t *testing.T) {
	const below = "\u0316" // combining class 220
	for _, c := range []struct {
		name, begin, repeat string
		most                int // how often it may be repeated
	}{
		{"a base that is no mark", "b", below, 30},
		{"nothing before", "", below, 30},
		{"a letter of two marks", "\u1eb7", "\u0301", 28},
		{"a Hangul syllable of two", "\uac00", below, 29},
		{"a Hangul syllable of three", "\uac01", below, 28},
		{"vowels of Hangul", "b", "\u1161", 30},
		{"vowels of Bengali that compose", "\u0995", "\u09be", 30},
	} {
		for n, ok := range map[int]bool{c.most: true, c.most + 1: false} {
			if err := CheckText(c.begin + strings.Repeat(c.repeat, n)); (err == nil) != ok {
				t.Errorf("%s, %d times: %v", c.name, n, err)
			}
		}
	}
	for name, s := range map[string]string{
		"enclosing marks": "a" + strings.Repeat("\u20dd", 100),
		"spacing marks":   "\u0915" + strings.Repeat("\u0903", 100),
	} {
		if err := CheckText(s); err != nil {
			t.Errorf("%s, whose class is 0: %v", name, err)
		}
	}
}

// What is taken eight bytes at a time is what would be taken byte by byte.
func TestPrintable(t *testing.T) {
	for _, around := range []byte{0, 0x1f, ' ', 'a', '~', 0x7f, 0x80, 0xff} {
		for at := range 8 {
			for c := range 256 {
				b := bytes.Repeat([]byte{around}, 8)
				b[at] = byte(c)
				want := !slices.ContainsFunc(b, func(c byte) bool { return c < ' ' || c > '~' })
				if got := printable(string(b)); got != want {
					t.Fatalf("%x: %t", b, got)
				}
			}
		}
	}
}
