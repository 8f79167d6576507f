package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"parley"
	"parley/internal/api"
	"parley/internal/home"
	"parley/roster"
)

// precedences are all of them, the most urgent first.
var precedences = [...]parley.Precedence{parley.Flash, parley.Immediate, parley.Priority, parley.Routine}

// kinds are all of them.
var kinds = [...]parley.Kind{parley.Text, parley.Acknowledgement}

// speaker is a command's way to a running station, on one line.
type speaker struct {
	*api.Client
	home *home.Home
	line home.LineState
}

// lineChoice is a line as it is given on the command line.
type lineChoice struct {
	name     string
	deniable bool
}

// lineFlags adds --line and --deniable.
func lineFlags(flags *pflag.FlagSet) *lineChoice {
	var l lineChoice
	flags.StringVar(&l.name, "line", "", "the line, by the other party's name; may be left out when there is one")
	flags.BoolVar(&l.deniable, "deniable", false, "the deniable traffic of that line, where its charter has both kinds")
	return &l
}

// speak opens the party's folder and returns a client for one line. It does not
// connect yet.
func (m *Main) speak(choice lineChoice) (*speaker, error) {
	name := choice.name
	h, err := m.open()
	if err != nil {
		return nil, err
	}
	if name == "" {
		if name, err = onlyLine(h); err != nil {
			return nil, err
		}
	}
	l, err := h.Line(name)
	if err != nil {
		return nil, err
	}
	if l.Step != home.Confirmed {
		return nil, hinted{fmt.Errorf("the line with %s is %s: %w", name, l.Step, home.ErrStep), "next: " + next(l)}
	}
	if choice.deniable && !l.Deniable || l.Roster.Terms.Evidence == roster.Deniable && !l.Deniable {
		if l, err = h.Line(home.DeniableName(name)); err != nil {
			return nil, err
		}
	}
	return &speaker{Client: api.NewClient(h.Socket()), home: h, line: l}, nil
}

// flag is what a command needs to be about this line, beside its name.
func (s *speaker) flag() string {
	if s.line.Deniable {
		return " --deniable"
	}
	return ""
}

// onlyLine returns the name of the line when there is one. One that is not confirmed
// yet is no candidate beside one that is.
func onlyLine(h *home.Home) (string, error) {
	lines, err := h.Lines()
	if err != nil {
		return "", err
	}
	unconfirmed := func(l home.LineState) bool { return l.Step != home.Confirmed }
	if usable := slices.DeleteFunc(slices.Clone(lines), unconfirmed); len(usable) > 0 {
		lines = usable
	}
	switch len(lines) {
	case 0:
		return "", fmt.Errorf("%s has no line yet: %w", h.Party(), home.ErrNoLine)
	case 1:
		return lines[0].Name, nil
	}
	names := make([]string, len(lines))
	for i, l := range lines {
		names[i] = l.Name
	}
	return "", usageError{fmt.Errorf("there are lines with %s: name one with --line", strings.Join(names, ", "))}
}

// name is the line's name.
func (s *speaker) name() string { return s.line.Name }

// namesOf names the messages that refs point at: the party and the number by what
// stands in refs, the generation by what the station knows of the logs.
func (s *speaker) namesOf(ctx context.Context, refs []parley.Ref) ([]string, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	now, err := s.Roster(ctx, s.name())
	if err != nil {
		return nil, err
	}
	out := make([]string, len(refs))
	for i, ref := range refs {
		out[i] = fmt.Sprintf("%s/%d", ref.Log, ref.Number)
		agreed, ok := s.line.Roster.Log(ref.Log)
		if !ok {
			continue
		}
		side, err := now.Side(string(agreed.Party))
		if err != nil {
			return nil, err
		}
		out[i] = side.MessageName(ref.Number)
	}
	return out, nil
}
