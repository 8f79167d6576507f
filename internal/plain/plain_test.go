package plain

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "The vessel turned back at 0410.", "The vessel turned back at 0410."},
		{"other scripts", "Судно 船舶 سفينة", "Судно 船舶 سفينة"},
		{"backslashes", `C:\u202e`, `C:\u202e`},
		{"a new line", "a\nparley: done", "a⟨U+000A⟩parley: done"},
		{"carriage return", "a\rb", "a⟨U+000D⟩b"},
		{"escape sequence", "\x1b[2Jb", "⟨U+001B⟩[2Jb"},
		{"C1 control", "a\u009bb", "a⟨U+009B⟩b"},
		{"override", "a\u202eb", "a⟨U+202E⟩b"},
		{"isolate", "a\u2067b", "a⟨U+2067⟩b"},
		{"mark of direction", "a\u200fb", "a⟨U+200F⟩b"},
		{"zero width", "a\u200bb\ufeffc\u2060d", "a⟨U+200B⟩b⟨U+FEFF⟩c⟨U+2060⟩d"},
		{"line separator", "a\u2028b\u2029c\u0085d", "a⟨U+2028⟩b⟨U+2029⟩c⟨U+0085⟩d"},
		{"no-break space", "a\u00a0b", "a⟨U+00A0⟩b"},
		{"filler", "a\u3164b", "a⟨U+3164⟩b"},
		{"variation selector", "a\ufe0fb", "a⟨U+FE0F⟩b"},
		{"tags", "a\U000e0041b", "a⟨U+E0041⟩b"},
		{"private use", "a\ue000b", "a⟨U+E000⟩b"},
		{"not UTF-8", "a\xffb", "a⟨FF⟩b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Line(c.in); got != c.want {
				t.Errorf("Line(%+q) = %+q, want %+q", c.in, got, c.want)
			}
		})
	}
}

func TestBody(t *testing.T) {
	const in = "first\n\nparley: all is well\n\u202ereversed\nمرحبا\u200f\n"
	const want = "  | \u2068first\u2069\n  | \n  | \u2068parley: all is well\u2069\n  | \u2068⟨U+202E⟩reversed\u2069\n  | \u2068مرحبا\u200f\u2069\n  | \n"
	if got := Body(in, "  | "); got != want {
		t.Errorf("got  %+q\nwant %+q", got, want)
	}
}

func TestExcerpt(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"short", "\u2068short\u2069"},
		{"one\ntwo\n\n three", "\u2068one two thr…\u2069"},
		{"\u202eabcdefghijklmnop", "\u2068⟨U+202E⟩abcdefghij…\u2069"},
	} {
		if got := Excerpt(c.in, 11); got != c.want {
			t.Errorf("Excerpt(%+q) = %+q, want %+q", c.in, got, c.want)
		}
	}
}

// FuzzBody: whatever comes in, every line begins with the indent, no control
// and no mark of order passes but those of the frame, and nothing is dropped.
func FuzzBody(f *testing.F) {
	for _, s := range []string{"", "a\nb", "\x1b[31m", "\u202e\u2066", "\xff\xfe", "\\", "\u2029", "\u2068\u2069\u2069"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Body(s, "> ")
		if n := strings.Count(got, "\n"); n != strings.Count(s, "\n")+1 {
			t.Fatalf("%q became %d lines", s, n)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(got, "\n"), "\n") {
			rest, ok := strings.CutPrefix(line, "> ")
			if !ok {
				t.Fatalf("the line %q lacks its indent", line)
			}
			rest = strings.TrimSuffix(strings.TrimPrefix(rest, firstStrongIsolate), popIsolate)
			if !utf8.ValidString(rest) {
				t.Fatalf("%q is not UTF-8", rest)
			}
			for _, r := range rest {
				if !inBody(r) && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)) {
					t.Fatalf("%U passed in %q", r, rest)
				}
			}
		}
		if len(got) < len(s) {
			t.Fatalf("%q became the shorter %q", s, got)
		}
	})
}
