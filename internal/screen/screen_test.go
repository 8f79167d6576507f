package screen

import (
	"bufio"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// kept reports whether a line has at most n cells and keeps its order of writing
// to itself.
func kept(line string, n int) bool {
	return Cells(line) <= n && utf8.ValidString(line) && strings.Count(line, isolate) == strings.Count(line, pop) &&
		!strings.ContainsAny(line, "\x1b\n\r\t\u202a\u202b\u202d\u202e\u2066\u2067")
}

func TestCells(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "سلام": 4, "中文": 4, "e\u0301": 1, "\u2068a\u2069": 1, "می\u200cخواهم": 7} {
		if got := Cells(s); got != want {
			t.Errorf("%q takes %d cells, want %d", s, got, want)
		}
	}
	for _, c := range []struct{ in, left, right string }{{"ab", "ab  ", "  ab"}, {"abcde", "abc…", "abc…"}, {"中文字", "中… ", " 中…"}} {
		if Fit(c.in, 4) != c.left || FitRight(c.in, 4) != c.right {
			t.Errorf("%q: %q and %q", c.in, Fit(c.in, 4), FitRight(c.in, 4))
		}
	}
}

func TestWrapped(t *testing.T) {
	got := Wrapped("one two three\n\n\u202eabcdefghijk", 8)
	want := []string{"one two", "three", "", "⟨U+202E⟩", "abcdefgh", "ijk"}
	for i := range want {
		want[i] = isolate + want[i] + pop
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzShown(f *testing.F) {
	f.Add("Hello there", 7)
	f.Add("مرحبا \u202e بكم", 6)
	f.Add("\u2068\u2068\u2069 中文 \xff\x1b]0;\t", 3)
	f.Fuzz(func(t *testing.T, body string, n int) {
		n = max(2, min(n, 200))
		if s := Shown(body, n); !kept(s, n) {
			t.Errorf("not kept to itself: %q", s)
		}
		for _, line := range Wrapped(body, n) {
			if !kept(line, n) {
				t.Errorf("not kept to itself: %q", line)
			}
		}
		var r Row
		r.Add(Bold, Fit("name", n/2))
		r.Add(Normal, Shown(body, n))
		if s := r.Render(n, false); !kept(s, n) {
			t.Errorf("a row is not kept to itself: %q", s)
		}
	})
}

func TestTerminalWritesChangesOnly(t *testing.T) {
	var out strings.Builder
	width := 80
	term := &Terminal{Out: &out, Size: func() (int, int) { return width, 3 }}
	show := func(lines ...string) string {
		before := out.Len()
		if err := term.Show(func(int, int, bool) []string { return lines }); err != nil {
			t.Fatal(err)
		}
		return out.String()[before:]
	}
	if got, want := show("a", "b"), "\x1b[H\x1b[Ka\r\n\x1b[Kb\r\n\x1b[J"; got != want {
		t.Errorf("the first frame is %q", got)
	}
	if got := show("a", "b"); got != "" {
		t.Errorf("nothing changed, and %q is written", got)
	}
	if got, want := show("a", "c"), "\x1b[2;1H\x1b[Kc"; got != want {
		t.Errorf("one line changed, and %q is written", got)
	}
	drawn := 0
	if err := term.Show(func(width, _ int, _ bool) []string { drawn = width; return []string{"a", "c"} }); err != nil || drawn != width-1 {
		t.Errorf("drawn %d wide on %d columns, %v: the last stays empty", drawn, width, err)
	}
	if width = 100; show("a", "c") == "" {
		t.Error("another size is not shown")
	}
	if term.Forget(); show("a", "c") == "" {
		t.Error("what is to be drawn anew is not")
	}
	if width = 0; show("x") != "" {
		t.Error("something is shown where there is no room")
	}
}

func TestKeys(t *testing.T) {
	in := "j\x1b[A\x1bOB\x1b[5~\x1b[1;5Cq\x1bxس\x03z"
	want := []rune{'j', KeyUp, KeyDown, KeyPageUp, KeyOther, 'q', KeyEscape, 'x', 'س'}
	var got []rune
	for k := range Keys(t.Context(), strings.NewReader(in)) {
		got = append(got, k)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if k, err := next(bufio.NewReader(strings.NewReader("\x1b"))); k != KeyEscape || err != nil {
		t.Errorf("the escape key is %q, %v", k, err)
	}
}
