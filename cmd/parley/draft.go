package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/plain"
)

func (m *Main) draft() *cobra.Command {
	c := &cobra.Command{
		Use:   "draft",
		Short: "Texts that wait for officers",
		Long: `A draft waits for as many officers as the charter asks for. With the last of them
it is released and has its number. A draft never changes: withdraw it and make
another. A draft is named by its id, or by the first digits of it.`,
	}
	c.AddCommand(m.draftAdd(), m.draftList(), m.draftShow(), m.draftWithdraw())
	return c
}

func (m *Main) draftAdd() *cobra.Command {
	c := &cobra.Command{
		Use:     "add --to DESK [FILE]",
		Short:   "Keep a text for its officers",
		Long:    "Keeps the text in FILE, or on standard input, for its officers to approve.",
		Example: examples("parley draft add --to south/duty --precedence flash warning.txt"),
		Args:    takes(0, 1),
	}
	compose := m.composer(c.Flags())
	return m.onTo(c, compose, func(ctx context.Context, s *speaker, args []string) error {
		req, err := compose.request(s, "", args)
		if err != nil {
			return err
		}
		d, err := s.Draft(ctx, s.name(), req)
		if err != nil {
			return fmt.Errorf("draft: %w", err)
		}
		m.say("Draft %s waits for %s.", short(d.ID), count(uint64(d.Quorum), "officer", "officers"))
		m.say("Next: parley release %s%s --officer NAME", short(d.ID), s.flag())
		return nil
	})
}

func (m *Main) draftList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the drafts that wait",
		Example: examples("parley draft list"),
		Args:    takes(0, 0),
	}
	asJSON := jsonFlag(c)
	return m.onLine(c, func(ctx context.Context, s *speaker, _ []string) error {
		drafts, err := s.Drafts(ctx, s.name())
		if err != nil {
			return err
		}
		if *asJSON {
			return m.json(drafts)
		}
		if len(drafts) == 0 {
			m.say("No draft waits.")
			return nil
		}
		t := table{head: []string{"draft", "made", "precedence", "status", "approved", "text"}}
		for _, d := range drafts {
			t.add(short(d.ID), clock(d.Created), d.Text.Precedence, status(d.Text), approvals(d), excerpt(d.Text))
		}
		m.print(t)
		return nil
	})
}

// approvals says how far a draft has come.
func approvals(d api.Draft) string {
	names := make([]string, len(d.Approved))
	for i, o := range d.Approved {
		names[i] = plain.Line(o)
	}
	text := fmt.Sprintf("%d of %d", len(d.Approved), d.Quorum)
	if len(names) > 0 {
		text += " (" + strings.Join(names, ", ") + ")"
	}
	return text
}

func (m *Main) draftShow() *cobra.Command {
	c := &cobra.Command{
		Use:     "show DRAFT",
		Short:   "Show a draft as its officers will sign it",
		Example: examples("parley draft show 3fa95b07"),
		Args:    takes(1, 1),
	}
	asJSON := jsonFlag(c)
	return m.onDraft(c, func(ctx context.Context, s *speaker, d api.Draft) error {
		if *asJSON {
			return m.json(d)
		}
		v, err := s.reading(ctx, d.Content)
		if err != nil {
			return err
		}
		m.say("Draft %s, made %s", d.ID, m.moment(d.Created))
		m.fact("approved", approvals(d))
		m.say("%s", heading(v))
		m.content(v)
		m.say("")
		m.text(v)
		return nil
	})
}

func (m *Main) draftWithdraw() *cobra.Command {
	c := &cobra.Command{
		Use:     "withdraw DRAFT",
		Short:   "Forget a draft; it used no number",
		Example: examples("parley draft withdraw 3fa95b07"),
		Args:    takes(1, 1),
	}
	return m.onDraft(c, func(ctx context.Context, s *speaker, d api.Draft) error {
		if err := s.Withdraw(ctx, s.name(), d.ID); err != nil {
			return err
		}
		m.say("Draft %s is withdrawn.", short(d.ID))
		return nil
	})
}

// find returns the draft that the first digits of an id name.
func (s *speaker) find(ctx context.Context, id string) (api.Draft, error) {
	drafts, err := s.Drafts(ctx, s.name())
	if err != nil {
		return api.Draft{}, err
	}
	var found []api.Draft
	for _, d := range drafts {
		if id != "" && strings.HasPrefix(d.ID, strings.ToLower(id)) {
			found = append(found, d)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return api.Draft{}, hinted{fmt.Errorf("no draft %s waits on the line with %s", id, s.name()), "parley draft list shows the drafts; a released one is a message"}
	}
	return api.Draft{}, usageError{fmt.Errorf("%d drafts begin with %s: give more of the id", len(found), id)}
}
