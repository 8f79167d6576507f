package main

import (
	"context"

	"github.com/spf13/cobra"

	"parley/internal/home"
)

func (m *Main) lineShow() *cobra.Command {
	c := &cobra.Command{
		Use:   "show [PARTY]",
		Short: "Show who the other side is and what was agreed",
		Long: `Shows the sides, the charter and the words of a line, which are read to the other
side when the line is agreed. PARTY may be left out when there is one line. With --json, "roster" is the text that both sides hold, to
the byte; parley-verify takes it.`,
		Example: examples("parley line show", "parley line show south --json"),
		Args:    takes(0, 1),
	}
	asJSON := jsonFlag(c)
	return m.inHome(c, func(_ context.Context, h *home.Home, args []string) error {
		l, err := lineAt(h, args)
		if err != nil {
			return err
		}
		if *asJSON {
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
		if l.Step == home.Confirmed {
			m.say("The words, the same at both sides:")
		} else {
			m.say("The words of this side. Read them to a person you know at %s, by voice or face to face:", l.Name)
		}
		m.words(l.Roster)
		m.say("")
		m.say("Roster %s", l.Roster.Line)
		m.say("in %s", h.RosterPath(l.Name))
		return nil
	})
}

// lineAt returns the line that the first word names, or the only one.
func lineAt(h *home.Home, words []string) (home.LineState, error) {
	if len(words) > 0 {
		return h.Line(words[0])
	}
	name, err := onlyLine(h)
	if err != nil {
		return home.LineState{}, err
	}
	return h.Line(name)
}
