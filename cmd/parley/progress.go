package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"parley/internal/backup"
)

// progress shows on a terminal how much of long work is done: nothing during the first
// second, and nothing at all where nobody looks.
type progress struct {
	out          io.Writer // nil where nobody looks
	now          func() time.Time
	begun, shown time.Time
}

func (m *Main) progress() *progress {
	p := &progress{now: m.Now, begun: m.Now()}
	if f, ok := m.Stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.out = f
	}
	return p
}

// at is told what share of a stage is done.
func (p *progress) at(s backup.Stage, share float64) {
	now := p.now()
	if p.out == nil || now.Sub(p.begun) < time.Second || now.Sub(p.shown) < time.Second/5 {
		return
	}
	p.shown = now
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K  %s: %d %%", s, int(100*min(share, 1)))
}

// done takes it away.
func (p *progress) done() {
	if !p.shown.IsZero() {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
}
