package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parley"
	"parley/internal/api"
	"parley/internal/home"
	"parley/internal/plain"
	"parley/receipt"
	"parley/roster"
)

func (m *Main) lineShow() *cobra.Command {
	c := &cobra.Command{
		Use:   "show [PARTY]",
		Short: "Show who the other side is and what was agreed",
		Long: `Shows the sides, the charter and the words of a line, which are read to the other
side when the line is agreed. PARTY may be left out when there is one line. With --json, "roster" is the text that both sides hold, to
the byte; parley-verify takes it.

Where the station runs, it shows first who is there now, with what the parties have
changed of their sides since, and twelve words for each side as it is now. Whoever wants to be sure of a
changed key has a person of the other side read them, by voice or face to face.
They say that both ends have the same keys now; that the officers' quorum made the
change is checked by the station, and by parley-verify, without them.`,
		Example: examples("parley line show", "parley line show south --json"),
		Args:    takes(0, 1),
	}
	asJSON := jsonFlag(c)
	return m.inHome(c, func(ctx context.Context, h *home.Home, args []string) error {
		l, err := lineAt(h, args)
		if err != nil {
			return err
		}
		now, served := rosterOf(ctx, h, l)
		if *asJSON {
			out := lineOf(l)
			if served {
				out.Now = &now
			}
			return m.json(out)
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
		changed := m.sidesNow(l.Roster.Sides[:], now.Sides)
		m.say("")
		if receipt.HasPQ(l.Roster) {
			m.say("What is said is cosigned by ML-DSA-44 as well, over channels that are not narrow; parley status says up to where.")
		} else {
			m.say("Nothing is cosigned by ML-DSA-44: not both sides have a key for it. All rests on Ed25519.")
		}
		m.say("")
		if changed {
			m.say("What follows is as it was agreed.")
			for _, s := range l.Roster.Sides {
				m.side(s)
			}
			m.say("")
		}
		if l.Step == home.Confirmed {
			m.say("The words, the same at both sides:")
		} else {
			m.say("The words of this side. Read them to a person you know at %s, by voice or face to face:", l.Name)
		}
		m.words(l.Roster)
		m.say("")
		m.say("Roster %s", l.Roster.Line)
		m.say("in %s", h.RosterPath(l.Name))
		if !served && l.Step == home.Confirmed {
			m.say("")
			m.say("This is as it was agreed. What changed since is shown while the station runs: parley serve")
		}
		return nil
	})
}

// rosterOf returns the roster of a line as the running station has it now, and
// false if none serves it.
func rosterOf(ctx context.Context, h *home.Home, l home.LineState) (api.Roster, bool) {
	if l.Step != home.Confirmed {
		return api.Roster{}, false
	}
	r, err := api.NewClient(h.Socket()).Roster(ctx, l.Name)
	if err != nil || r.Line != l.Roster.Line.String() {
		return api.Roster{}, false
	}
	return r, true
}

// sidesNow prints who is there now, as far as the station knows, and reports whether
// that is not as it was agreed.
func (m *Main) sidesNow(agreed []roster.Side, now []api.RosterSide) (changed bool) {
	for _, s := range agreed {
		i := slices.IndexFunc(now, func(n api.RosterSide) bool { return n.Party == string(s.Party) })
		if i < 0 || now[i].Changes == 0 {
			m.side(s)
		} else {
			m.sideNow(now[i], s.Language)
			changed = true
		}
		if i >= 0 {
			m.renewals(now[i])
		}
	}
	return changed
}

// renewals says when a party was restored from a backup, or its log key became
// another, and where its log went on.
func (m *Main) renewals(side api.RosterSide) {
	for i, g := range side.Generations {
		if g.Renewed != nil {
			what := "was restored from a backup"
			if g.Key != side.Generations[i-1].Key {
				what = "has another log key"
			}
			m.say("  %s %s at %s: its log goes on in generation %d, with %s",
				side.Party, what, m.moment(*g.Renewed), i+1, parley.MessageName(parley.Party(side.Party), i+1, g.From))
		}
	}
}

// sideNow prints a side that its party has changed since the line was agreed.
func (m *Main) sideNow(side api.RosterSide, language string) {
	m.say("%s has changed its side since, %s. Now:", side.Party, count(uint64(side.Changes), "time", "times"))
	m.say("  language   %s", plain.Line(language))
	for _, o := range side.Officers {
		m.say("  officer    %s for %s", plain.Line(o.Name), strings.Join(o.Desks, " and "))
	}
	t := table{head: []string{"  key", "of", "valid for", "in doubt"}}
	for _, k := range side.Keys {
		if k.From == 1 && k.To == 0 && k.Doubt == 0 {
			continue
		}
		valid := side.MessageName(k.From) + " on"
		switch {
		case k.From == 0:
			valid = "nothing yet: on record"
		case k.To != 0:
			valid = side.MessageName(k.From) + " to " + side.MessageName(k.To)
		}
		doubt := "-"
		if k.Doubt != 0 {
			doubt = side.MessageName(k.Doubt) + " on: COMPROMISED"
		}
		t.add("  "+k.ID, strings.TrimSpace(k.Role+" "+plain.Line(k.Name)), valid, doubt)
	}
	m.print(t)
	m.say("The words of %s as it is now:", side.Party)
	m.twelve(side.Words)
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
