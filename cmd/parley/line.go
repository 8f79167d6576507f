package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/home"
	"parley/internal/plain"
	"parley/roster"
)

func (m *Main) line() *cobra.Command {
	c := &cobra.Command{
		Use:   "line",
		Short: "Agree on a line with another party",
		Long: `A line is agreed in four steps. Files may travel by any means; what makes them
trustworthy is that two people compare twelve words, by voice or face to face.

  1  parley line invite south … --out for-south.txt          at north
  2  parley line accept for-south.txt --out for-north.txt    at south
  3  parley line show north                                  south reads its words
     parley line confirm south --file for-north.txt          north types what it hears
  4  parley line show south                                  north reads its words
     parley line confirm north                               south types what it hears

Nothing of a line is used before the other side's words were typed here.`,
	}
	c.AddCommand(m.lineInvite(), m.lineAccept(), m.lineConfirm(), m.lineShow(), m.lineList())
	return c
}

func (m *Main) lineList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the lines of this party and what each waits for",
		Example: examples("parley line list"),
		Args:    takes(0, 0),
	}
	asJSON := jsonFlag(c)
	return m.inHome(c, func(_ context.Context, h *home.Home, _ []string) error {
		lines, err := h.Lines()
		if err != nil {
			return err
		}
		if *asJSON {
			out := []lineJSON{}
			for _, l := range lines {
				out = append(out, lineOf(l))
			}
			return m.json(out)
		}
		if len(lines) == 0 {
			m.say("%s has no line yet: parley line invite, or parley line accept where the other side invited", h.Party())
			return nil
		}
		t := table{head: []string{"line with", "state", "next"}}
		for _, l := range lines {
			t.add(l.Name, string(l.Step), next(l))
		}
		m.print(t)
		return nil
	})
}

// next says what moves a line on.
func next(l home.LineState) string {
	switch l.Step {
	case home.Invited:
		return fmt.Sprintf("parley line confirm %s --file FILE", l.Name)
	case home.Compare:
		return "parley line confirm " + l.Name
	}
	return "-"
}

// lineJSON is a line for programs.
type lineJSON struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	ID     string `json:"id,omitempty"`
	Words  string `json:"words,omitempty"`
	Roster string `json:"roster,omitempty"`
	// Now is the roster with what was changed since, from the running station.
	Now *api.Roster `json:"now,omitempty"`
}

func lineOf(l home.LineState) lineJSON {
	out := lineJSON{Name: l.Name, State: string(l.Step)}
	if l.Roster != nil {
		out.ID, out.Words, out.Roster = l.Roster.Line.String(), l.Roster.Words(), string(l.Roster.Text())
	}
	return out
}

// words prints the twelve words, four to a line, so that they are easy to read aloud.
func (m *Main) words(r *roster.Roster) { m.twelve(r.Words()) }

func (m *Main) twelve(words string) {
	w := strings.Fields(words)
	for i := 0; i < len(w); i += 4 {
		m.say("    %2d %-10s %2d %-10s %2d %-10s %2d %s", i+1, w[i], i+2, w[i+1], i+3, w[i+2], i+4, w[i+3])
	}
}

// charter prints what the parties agreed on.
func (m *Main) charter(t roster.Terms) {
	var quorum []string
	for _, p := range precedences {
		quorum = append(quorum, fmt.Sprintf("%s %d", p, t.Quorum[p]))
	}
	for _, k := range kinds {
		if n, ok := t.QuorumKind[k]; ok {
			quorum = append(quorum, fmt.Sprintf("any %s %d", k, n))
		}
	}
	m.say("  officers   %s", strings.Join(quorum, ", "))
	for i, c := range t.Channels {
		name := "channels"
		if i > 0 {
			name = ""
		}
		m.say("  %-9s  %s", name, channelText(c))
	}
	m.say("  checks     every %s on every channel", span(t.CheckEvery))
	m.say("  languages  %s", strings.Join(t.Languages, ", "))
	m.say("  evidence   %s", evidenceText(t.Evidence))
	m.say("  pouch      can be opened for %s", span(t.PouchWindow))
}

// evidenceText says what the parties can prove of what is said.
func evidenceText(mode string) string {
	switch mode {
	case roster.Deniable:
		return "deniable: the two parties know who said what, and can prove it to nobody"
	case roster.NonPapers:
		return "attributable, and beside it deniable messages (--deniable), which prove nothing to others"
	}
	return mode + ": a third party can verify who said what"
}

func channelText(c roster.Channel) string {
	text := c.Name + ": " + c.Kind
	switch c.Kind {
	case roster.TCP, roster.QUIC:
		text += fmt.Sprintf(", %s listens at %s", c.Listener, c.Address)
	case roster.Pouch:
		text += ", carried by hand"
	}
	if c.Narrow {
		text += ", narrow"
	}
	return text
}

// side prints who one party is.
func (m *Main) side(s roster.Side) {
	m.say("%s", s.Party)
	m.say("  language   %s", plain.Line(s.Language))
	for i, o := range s.Officers {
		name := "officers"
		if i > 0 {
			name = ""
		}
		desks := make([]string, len(o.Desks))
		for j, d := range o.Desks {
			desks[j] = string(d)
		}
		m.say("  %-9s  %s for %s", name, plain.Line(o.Name), strings.Join(desks, " and "))
	}
}

// vacant refuses a file that is there already, before any work is done for it.
func vacant(path string) error {
	if path == "" {
		return usageError{errors.New("--out is missing: which file shall be written for the other side?")}
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return hinted{fmt.Errorf("%s is there already, or cannot be looked at", path), "name another file with --out"}
	}
	return nil
}

// hand writes a new file for others; mode says who on this machine may read it.
func hand(path string, b []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}
