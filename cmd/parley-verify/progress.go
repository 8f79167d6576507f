//go:build !js

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// bar shows on a terminal how much of a long file is done, and how long the rest will
// take. It is silent for the first second, and where nobody looks.
type bar struct {
	out   io.Writer // nil where nobody looks
	name  string
	begun time.Time
	shown time.Time
}

func newBar(out io.Writer, name string) *bar {
	f, ok := out.(*os.File)
	if ok {
		st, err := f.Stat()
		ok = err == nil && st.Mode()&os.ModeCharDevice != 0
	}
	if !ok {
		out = nil
	}
	return &bar{out: out, name: name, begun: time.Now()}
}

// at is told what share of the work is done.
func (b *bar) at(share float64) {
	now := time.Now()
	if b.out == nil || now.Sub(b.begun) < time.Second || now.Sub(b.shown) < time.Second/5 {
		return
	}
	b.shown = now
	fmt.Fprintf(b.out, "\r\x1b[K%s", barLine(b.name, share, now.Sub(b.begun)))
}

// done takes the bar away.
func (b *bar) done() {
	if !b.shown.IsZero() {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
}

// barLine is one line of less than 80 columns.
func barLine(name string, share float64, took time.Duration) string {
	const width = 24
	share = min(max(share, 0), 1)
	full := int(share * width)
	left := "…"
	if share > 0.01 {
		rest := time.Duration(float64(took) * (1 - share) / share)
		left = fmt.Sprintf("%d:%02d left", int(rest.Minutes()), int(rest.Seconds())%60)
	}
	shown := fmt.Sprintf("%q", name)
	if len(shown) > 24 {
		shown = "the file"
	}
	return fmt.Sprintf("  verifying %s  [%s%s] %3d %%  %s", shown, strings.Repeat("=", full), strings.Repeat(" ", width-full), int(share*100), left)
}
