package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/home"
	"parley/internal/screen"
	"parley/roster"
)

func (m *Main) lineConfirm() *cobra.Command {
	var file, words string
	c := &cobra.Command{
		Use:   "confirm PARTY [--file FILE]",
		Short: "Confirm that both sides read the same twelve words",
		Long: `Asks for the twelve words as a person of the other side reads them out, and
compares them with the words of the line here. If they are the same, nobody
changed a file on its way, and the line is used from the next start of the
station on.

The words of this side are not shown here, because words that are copied prove
nothing: parley line show has them, to be read to the other side.

The side that invited names the other side's answer with --file.`,
		Example: examples(
			"parley line confirm north",
			"parley line confirm south --file for-north.txt",
			`parley line confirm north --words "acid rebel … twelve in all"`),
		Args: takes(1, 1),
	}
	c.Flags().StringVar(&file, "file", "", "the other side's answer to our invite")
	c.Flags().StringVar(&words, "words", "", "the words that the other side read out, instead of being asked for them")
	return m.inHome(c, func(ctx context.Context, h *home.Home, args []string) error {
		r, err := m.received(h, args[0], file)
		if err != nil {
			return err
		}
		if words == "" {
			if words, err = m.heard(h, r, args[0]); err != nil {
				return err
			}
		}
		if err := h.Confirm(args[0], words, m.Now()); err != nil {
			return fmt.Errorf("confirm the line with %s: %w", args[0], err)
		}
		m.say("The line with %s is confirmed. If your words were not typed there yet, read them: parley line show %s", args[0], args[0])
		served, err := api.NewClient(h.Socket()).Lines(ctx)
		switch {
		case err != nil:
			m.say("Next: parley serve")
		case !slices.ContainsFunc(served, func(l api.Line) bool { return l.ID == r.Line.String() }):
			m.say("The station that is running does not serve it yet: stop it and start it again.")
		}
		return nil
	})
}

// heard asks for the words that a person of the other side reads out. Words of this
// side that are still on the terminal, where parley line show left them, are cleared
// away first: whoever copies those has compared nothing.
func (m *Main) heard(h *home.Home, r *roster.Roster, name string) (string, error) {
	if _, _, ok := m.terminals(); ok {
		m.say(screen.Clear)
	}
	peer, _ := r.Peer(h.Party())
	m.side(peer)
	m.charter(r.Terms)
	m.say("")
	m.say("Have a person you know at %s read the twelve words of this line to you, by voice or", name)
	m.say("face to face. Type them as you hear them, in one line:")
	words, err := typedLine(m.Stdin)
	if err != nil {
		return "", usageError{hinted{fmt.Errorf("no words were typed: %w", err), "type them, or give them with --words"}}
	}
	return words, nil
}

// received returns the roster that is to be confirmed, from the answer in file
// or from what is here already.
func (m *Main) received(h *home.Home, name, file string) (*roster.Roster, error) {
	if file != "" {
		accept, err := paper(file)
		if err != nil {
			return nil, err
		}
		r, err := h.Receive(name, accept)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return r, nil
	}
	l, err := h.Line(name)
	if err != nil {
		return nil, err
	}
	if l.Step == home.Invited {
		return nil, usageError{hinted{
			fmt.Errorf("the answer of %s is not here yet", name),
			fmt.Sprintf("name it: parley line confirm %s --file FILE", name),
		}}
	}
	return l.Roster, nil
}

// paper reads a file of the ceremony.
func paper(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, roster.MaxFile+1))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// typedLine reads one line that a person types.
func typedLine(r io.Reader) (string, error) {
	s, err := bufio.NewReader(io.LimitReader(r, 4096)).ReadString('\n')
	if s = strings.TrimSpace(s); s != "" {
		return s, nil
	}
	if err == nil {
		err = errors.New("the line is empty")
	}
	return "", err
}
