// Package screentest checks what a view shows, for tests of views: that it fits its
// screen, that nothing of it leaves its row, and that it is what it was.
package screentest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/internal/screen"
)

// Fits checks that lines are at most height of at most width cells, and that no order
// of writing, and no order to the terminal, leaves its line.
func Fits(t testing.TB, lines []string, width, height int) {
	t.Helper()
	if len(lines) > height {
		t.Errorf("%d lines of %d", len(lines), height)
	}
	for _, line := range lines {
		if n := screen.Cells(line); n > width {
			t.Errorf("%d cells of %d: %q", n, width, line)
		}
		if strings.Count(line, "\u2068") != strings.Count(line, "\u2069") || !utf8.ValidString(line) ||
			strings.ContainsAny(line, "\x1b\n\r\t\u202a\u202b\u202d\u202e\u2066\u2067") {
			t.Errorf("not kept to itself: %q", line)
		}
	}
}

// Golden compares a frame with testdata/NAME.txt, which it writes anew if update is
// set, and checks that it fits and says the same with colour.
func Golden(t *testing.T, name string, width, height int, update bool, frame func(colour bool) []string) {
	t.Helper()
	lines := frame(false)
	Fits(t, lines, width, height)
	got := strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", name+".txt")
	if update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the frame changed (go test -update writes it anew):\n%s", got)
	}
	if plain := uncoloured(frame(true)); plain != got {
		t.Errorf("with colour the text differs:\n%s", plain)
	}
}

// uncoloured takes the colours out of lines, and the spaces at their ends.
func uncoloured(lines []string) string {
	var out strings.Builder
	for _, line := range lines {
		var b strings.Builder
		for i, part := range strings.Split(line, "\x1b[") {
			if i > 0 {
				_, part, _ = strings.Cut(part, "m")
			}
			b.WriteString(part)
		}
		out.WriteString(strings.TrimRight(b.String(), " ") + "\n")
	}
	return out.String()
}
