package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley"
	"parley/internal/api"
	"parley/roster"
)

// What a shell completes. Names that were agreed come from the party's folder,
// the rest from the station. Where there is no folder, or no station answers,
// there is nothing to complete, and nothing is said. What the other side wrote is
// never part of it: it is no text for a shell.

// completeWithin is how long a person who pressed a key may wait for a completion.
const completeWithin = 2 * time.Second

// completeRecent is how many of the newest messages are offered.
const completeRecent = 50

// source returns what can be completed; args are the words before.
type source func(ctx context.Context, s *speaker, args []string) ([]cobra.Completion, error)

// completions tells the command line what it completes.
func (m *Main) completions(root *cobra.Command) {
	flags := map[string]source{
		"from": ownDesks, "to": theirDesks, "officer": officers, "about": messages, "with": officers,
	}
	words := map[string][]source{
		"show": {messages}, "ack": {theirMessages, answersOf}, "release": {drafts},
		"draft show": {drafts}, "draft withdraw": {drafts},
		"key roll": {rollable}, "key compromised": {rollable},
		"officer join": {officers}, "officer leave": {officers}, "officer compromised": {officers},
		"channel disable": {channelNames}, "channel enable": {channelNames},
	}
	each(root, func(c *cobra.Command) {
		if c.Flags().Lookup("line") != nil {
			complete(c, "line", m.lineNames)
		}
		if c.Flags().Lookup("precedence") != nil {
			complete(c, "precedence", precedenceNames)
		}
		for name, from := range flags {
			if c.Flags().Lookup(name) != nil {
				complete(c, name, m.from(from))
			}
		}
	})
	for path, from := range words {
		c := commandAt(root, path)
		c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) >= len(from) {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return m.from(from[len(args)])(c, args, typed)
		}
	}
	for _, path := range []string{"line show", "line confirm"} {
		commandAt(root, path).ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return m.lineNames(c, args, typed)
		}
	}
}

// rollable completes the roles whose key can become another on a line.
func rollable(context.Context, *speaker, []string) ([]cobra.Completion, error) {
	return []cobra.Completion{string(roster.RoleHop)}, nil
}

// each calls f with c and every command below it.
func each(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		each(sub, f)
	}
}

// complete sets what completes a flag that the command has.
func complete(c *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // the flag was looked up, and no other function is registered for it
	}
}

// precedenceNames completes the names of the precedences, the most urgent first.
func precedenceNames(*cobra.Command, []string, string) (out []cobra.Completion, _ cobra.ShellCompDirective) {
	for _, p := range precedences {
		out = append(out, p.String())
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// from completes from a source, on the line that --line names.
func (m *Main) from(f source) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(c.Context(), completeWithin)
		defer cancel()
		var line lineChoice
		if given := c.Flags().Lookup("line"); given != nil {
			line.name = given.Value.String()
		}
		if given := c.Flags().Lookup("deniable"); given != nil {
			line.deniable = given.Value.String() == "true"
		}
		s, err := m.speak(line)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		out, err := f(ctx, s, args)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// lineNames completes the names of the party's lines.
func (m *Main) lineNames(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var out []cobra.Completion
	if h, err := m.open(); err == nil {
		lines, err := h.AllLines()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		for _, l := range lines {
			out = append(out, cobra.CompletionWithDesc(l.Name, string(l.Step)))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func ownDesks(_ context.Context, s *speaker, _ []string) ([]cobra.Completion, error) {
	side, _ := s.line.Roster.Side(s.home.Party())
	return deskNames(side.Desks), nil
}

func theirDesks(_ context.Context, s *speaker, _ []string) ([]cobra.Completion, error) {
	side, _ := s.line.Roster.Peer(s.home.Party())
	return deskNames(side.Desks), nil
}

func officers(_ context.Context, s *speaker, _ []string) (out []cobra.Completion, err error) {
	for _, o := range s.home.Config().Officers {
		out = append(out, o.Name)
	}
	return out, nil
}

func channelNames(ctx context.Context, s *speaker, _ []string) (out []cobra.Completion, err error) {
	st, err := s.Status(ctx, s.name())
	for _, c := range st.Channels {
		out = append(out, cobra.CompletionWithDesc(c.Name, stateOf(c)))
	}
	return out, err
}

func drafts(ctx context.Context, s *speaker, _ []string) (out []cobra.Completion, err error) {
	all, err := s.Drafts(ctx, s.name())
	for _, d := range all {
		out = append(out, cobra.CompletionWithDesc(short(d.ID), marked(d.Text)+d.Text.Precedence+", "+approvals(d)))
	}
	return out, err
}

func messages(ctx context.Context, s *speaker, _ []string) ([]cobra.Completion, error) {
	return s.newest(ctx, api.List{Newest: true, Limit: completeRecent})
}

func theirMessages(ctx context.Context, s *speaker, _ []string) ([]cobra.Completion, error) {
	return s.newest(ctx, api.List{Theirs: true, Newest: true, Limit: completeRecent})
}

// newest completes the names of messages, the newest first.
func (s *speaker) newest(ctx context.Context, l api.List) (out []cobra.Completion, err error) {
	all, err := s.Messages(ctx, s.name(), l)
	for _, v := range all {
		what := "not believed"
		if v.Believed {
			what = marked(v) + v.Precedence + " from " + v.From
		}
		out = append(out, cobra.CompletionWithDesc(v.Name, what))
	}
	return out, err
}

func answersOf(context.Context, *speaker, []string) ([]cobra.Completion, error) {
	var out []cobra.Completion
	for a := parley.Read; a.Valid(); a++ {
		out = append(out, a.String())
	}
	return out, nil
}

// commandAt returns the command of a path that the program has.
func commandAt(root *cobra.Command, path string) *cobra.Command {
	c, _, err := root.Find(strings.Fields(path))
	if err != nil {
		panic(err) // the path is written above, and every test makes the command line
	}
	return c
}

// deskNames returns the names of desks.
func deskNames(desks []parley.Desk) (out []cobra.Completion) {
	for _, d := range desks {
		out = append(out, string(d))
	}
	return out
}
