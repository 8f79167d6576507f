package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"parley/internal/api"
	"parley/internal/home"
)

// What all changes of the roster say of themselves.
const changeHelp = `
It drafts a change of this side of the roster, which takes effect with the entry
that it becomes. It needs the largest quorum of the charter, and nobody approves
what ends their own key: parley release DRAFT --officer NAME. docs/keys.md says
what the other side sees, and what to do when a key is stolen.`

func (m *Main) officerJoin() *cobra.Command {
	c := &cobra.Command{
		Use:   "join NAME",
		Short: "Draft that an officer joins a line that is",
		Long: `An officer whose key was made with parley officer add joins a line that is in use,
for the desks that the officer was given there.
` + changeHelp,
		Example: examples("parley officer join dora", "parley officer join dora --line south --precedence priority"),
		Args:    takes(1, 1),
	}
	change := m.changer(c.Flags(), "routine")
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		joining, err := s.joining(args[0])
		if err != nil {
			return err
		}
		return change.draft(ctx, s, api.ChangeRequest{Join: []api.Joining{joining}})
	})
}

func (m *Main) officerLeave() *cobra.Command {
	var with string
	c := &cobra.Command{
		Use:   "leave NAME [--with OTHER]",
		Short: "Draft that an officer leaves a line, or another takes the place",
		Long: `An officer may release on the line no more. With --with another officer, whose key
was made with parley officer add, joins in the same change; a person who gets a
new key is another officer here: bob and bob-2.
` + changeHelp,
		Example: examples("parley officer leave bob", "parley officer leave bob --with bob-2"),
		Args:    takes(1, 1),
	}
	c.Flags().StringVar(&with, "with", "", "the officer who joins in the same change")
	change := m.changer(c.Flags(), "routine")
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		req := api.ChangeRequest{Leave: args}
		if err := s.with(&req, with); err != nil {
			return err
		}
		return change.draft(ctx, s, req)
	})
}

func (m *Main) officerCompromised() *cobra.Command {
	var with, since string
	c := &cobra.Command{
		Use:   "compromised NAME --since MESSAGE [--with OTHER]",
		Short: "Draft the notice that an officer's key may have been used by somebody else",
		Long: `The officer leaves the line, if that has not happened yet, and the other side is told
that what the key signed in MESSAGE of this side, and later, is in doubt. What was
believed stays believed, and is marked. When you do not know since when, name the
first message that may be affected: north/1 is all of them. NAME may be the id of a
key of somebody who left before.

Tell the other side by voice as well.
` + changeHelp,
		Example: examples("parley officer compromised bob --since north/17 --with bob-2"),
		Args:    takes(1, 1),
	}
	c.Flags().StringVar(&since, "since", "", "the first message of this side that is in doubt, as in north/17 (required)")
	c.Flags().StringVar(&with, "with", "", "the officer who joins in the same change")
	change := m.changer(c.Flags(), "flash")
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		n, err := s.since(since)
		if err != nil {
			return err
		}
		req := api.ChangeRequest{Compromised: []api.CompromiseNotice{{Officer: args[0], Since: n}}}
		if err := s.with(&req, with); err != nil {
			return err
		}
		now, err := s.Roster(ctx, s.name())
		if err != nil {
			return err
		}
		if stays(now, string(s.home.Party()), args[0]) {
			req.Leave = args
		}
		return change.draft(ctx, s, req)
	})
}

// since reads the first message of this side that is in doubt.
func (s *speaker) since(name string) (uint64, error) {
	party, n, err := parseName(name)
	if err != nil || party != string(s.home.Party()) {
		return 0, usageError{fmt.Errorf("--since %q: name the first message of this side that is in doubt, as in %s/17", name, s.home.Party())}
	}
	return n, nil
}

// stays reports whether an officer, by name or key id, is on the roster now.
func stays(r api.Roster, party, name string) bool {
	for _, side := range r.Sides {
		if side.Party == party && slices.ContainsFunc(side.Keys, func(k api.RosterKey) bool {
			return k.Role == "officer" && k.To == 0 && (k.Name == name || k.ID == name)
		}) {
			return true
		}
	}
	return false
}

func (m *Main) officerRemove() *cobra.Command {
	c := &cobra.Command{
		Use:   "remove NAME",
		Short: "Leave an officer out of lines that are agreed from now on",
		Long: `The counterpart of parley officer add. Lines that are in use keep the officer until
parley officer leave. The key's file stays where it is.`,
		Example: examples("parley officer remove bob"),
		Args:    takes(1, 1),
	}
	return m.inHome(c, func(_ context.Context, h *home.Home, args []string) error {
		if err := h.RemoveOfficer(args[0]); err != nil {
			return fmt.Errorf("officer %s: %w", args[0], err)
		}
		m.say("Officer %s is on no card that is made from now on. The key is still in %s.", args[0], h.Keys())
		return nil
	})
}

// changer is what all changes of the roster may be given.
type changer struct {
	m          *Main
	from       string
	to         []string
	precedence string
}

func (m *Main) changer(flags *pflag.FlagSet, precedence string) *changer {
	c := &changer{m: m}
	flags.StringVar(&c.from, "from", "", "the desk that speaks; may be left out: the first with officers enough")
	flags.StringSliceVar(&c.to, "to", nil, "a desk of the other side; may be left out: all of them")
	flags.StringVar(&c.precedence, "precedence", precedence, "flash, immediate, priority or routine")
	return c
}

// draft keeps the change for its officers.
func (c *changer) draft(ctx context.Context, s *speaker, req api.ChangeRequest) error {
	req.From, req.To, req.Precedence = c.from, c.to, c.precedence
	d, err := s.DraftChange(ctx, s.name(), req)
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	v, err := s.reading(ctx, d.Content)
	if err != nil {
		return err
	}
	c.m.change(v.Body)
	c.m.text(v)
	c.m.say("")
	c.m.say("Draft %s waits for %s.", short(d.ID), count(uint64(d.Quorum), "officer", "officers"))
	c.m.say("Next: parley release %s --officer NAME", short(d.ID))
	return nil
}

// joining is an officer of this party as a change of the roster names one.
func (s *speaker) joining(name string) (api.Joining, error) {
	for _, o := range s.home.Config().Officers {
		if o.Name == name {
			return api.Joining{Name: o.Name, Key: o.Key, Desks: full(s.home, o.Desks)}, nil
		}
	}
	return api.Joining{}, hinted{fmt.Errorf("%s has no officer %q: %w", s.home.Party(), name, errNoKey), fmt.Sprintf("make the key first: parley officer add %s --desk DESK", name)}
}

// errNoKey is an officer without a key here.
var errNoKey = errors.New("there is no key of that name")

// with adds an officer who joins in the same change, if one is named.
func (s *speaker) with(req *api.ChangeRequest, name string) error {
	if name == "" {
		return nil
	}
	joining, err := s.joining(name)
	if err == nil {
		req.Join = append(req.Join, joining)
	}
	return err
}
