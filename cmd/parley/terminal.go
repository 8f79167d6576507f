package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"

	"parley/internal/screen"
)

// terminals returns standard input and output if both are terminals.
func (m *Main) terminals() (in, out *os.File, ok bool) {
	in, inOK := m.Stdin.(*os.File)
	out, outOK := m.Stdout.(*os.File)
	return in, out, inOK && outOK && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// onScreen takes a terminal, to show frames on it and read keys from it; done gives
// it back as it was.
func (m *Main) onScreen(ctx context.Context, in, out *os.File) (t *screen.Terminal, keys <-chan rune, done func() error, err error) {
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("take the terminal: %w", err)
	}
	t = &screen.Terminal{
		Out:    out,
		Colour: m.Getenv("NO_COLOR") == "" && m.Getenv("TERM") != "dumb",
		Size: func() (int, int) {
			width, height, err := term.GetSize(int(out.Fd()))
			if err != nil {
				return 0, 0 // nothing can be shown on a terminal that is gone
			}
			return width, height
		},
	}
	done = func() error { return errors.Join(t.Close(), term.Restore(int(in.Fd()), state)) }
	if err := t.Open(); err != nil {
		return nil, nil, nil, errors.Join(err, done())
	}
	return t, screen.Keys(ctx, in), done, nil
}
