package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/roster"
)

func (m *Main) key() *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "The keys by which gateways know each other",
		Long: `The hop key, with which channels know each other, can become another while the line
stands. Officers' keys: parley officer leave --with, parley officer compromised.
For new log, station and receipt keys, agree on a new line (docs/keys.md).`,
	}
	c.AddCommand(m.keyRoll(), m.keyCompromised())
	return c
}

func (m *Main) keyRoll() *cobra.Command {
	c := &cobra.Command{
		Use:   "roll hop",
		Short: "Draft that another hop key comes in the place of ours",
		Long: `The station makes a new hop key and keeps it beside its others. Until the other side
has proved to hold the change, it shows the old or the new one, so that no channel is
lost; then only the new one. The other side takes the old one, too, unless it was
told that it is compromised.
` + changeHelp,
		Example: examples("parley key roll hop", "parley key roll hop --line south --precedence priority"),
		Args:    takes(1, 1),
	}
	change := m.changer(c.Flags(), "routine")
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		if err := rolls(args[0]); err != nil {
			return err
		}
		return change.draft(ctx, s, api.ChangeRequest{Roll: args})
	})
}

func (m *Main) keyCompromised() *cobra.Command {
	var since string
	c := &cobra.Command{
		Use:   "compromised hop --since MESSAGE",
		Short: "Draft the notice that somebody else may have used our hop key",
		Long: `Another hop key comes in its place, and the other side ends the connections that the
old one opened, and takes it no more. MESSAGE of this side is the first that is later
than the theft, as far as you know; north/1 if you do not. No message, receipt or
secret depends on a hop key: what a thief could do is take our place on a channel.
` + changeHelp,
		Example: examples("parley key compromised hop --since north/17"),
		Args:    takes(1, 1),
	}
	c.Flags().StringVar(&since, "since", "", "the first message of this side that is later than the theft, as in north/17 (required)")
	change := m.changer(c.Flags(), "flash")
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		if err := rolls(args[0]); err != nil {
			return err
		}
		n, err := s.since(since)
		if err != nil {
			return err
		}
		return change.draft(ctx, s, api.ChangeRequest{Roll: args, Compromised: []api.CompromiseNotice{{Role: args[0], Since: n}}})
	})
}

// rolls refuses a role whose key cannot become another on a line.
func rolls(role string) error {
	if role == string(roster.RoleHop) {
		return nil
	}
	return usageError{hinted{
		fmt.Errorf("key %s: only the hop key can become another while a line stands", role),
		"for new log, station or receipt keys agree on a new line; for officers: parley officer leave --with",
	}}
}
