package main

import (
	"context"

	"github.com/spf13/cobra"

	"parley/internal/home"
)

func (m *Main) lineShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show [PARTY]",
		Short: "Show who the other side is and what was agreed",
		Long: `Shows the sides, the charter and the words of a line. PARTY may be left out when
there is one line. With --json, "roster" is the text that both sides hold, to
the byte; parley-verify takes it.`,
		Example: examples("parley line show", "parley line show south --json"),
		Args:    takes(0, 1),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = runs(func(_ context.Context, args []string) error {
		h, err := m.open()
		if err != nil {
			return err
		}
		var name string
		if len(args) > 0 {
			name = args[0]
		} else if name, err = onlyLine(h); err != nil {
			return err
		}
		l, err := h.Line(name)
		if err != nil {
			return err
		}
		if asJSON {
			return m.json(lineOf(l))
		}
		m.say("Line with %s: %s", l.Name, l.Step)
		if l.Step != home.Confirmed {
			m.say("Next: %s", next(l))
		}
		if l.Roster == nil {
			return nil
		}
		m.say("")
		m.charter(l.Roster.Terms)
		m.say("")
		for _, s := range l.Roster.Sides {
			m.side(s)
		}
		m.say("")
		m.say("The words, the same at both sides:")
		m.words(l.Roster)
		m.say("")
		m.say("Roster %s", l.Roster.Line)
		m.say("in %s", h.RosterPath(l.Name))
		return nil
	})
	return c
}
