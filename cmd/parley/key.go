package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"parley/internal/api"
)

func (m *Main) key() *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "The keys of the station, which can become others while the line stands",
		Long: `The hop key, with which channels know each other, the station key, which opens what is
sealed and answers line checks, and the receipt key can become others while the line
stands. Officers' keys: parley officer leave --with, parley officer compromised. A
new log key comes with a new line (docs/keys.md).`,
	}
	c.AddCommand(m.keyRoll(), m.keyCompromised())
	return c
}

func (m *Main) keyRoll() *cobra.Command {
	c := &cobra.Command{
		Use:   "roll ROLE...",
		Short: "Draft that other keys come in the place of ours: hop, station, receipt",
		Long: `The station makes a new key of each role named and keeps it beside its others.

hop      Until the other side has proved to hold the change, it is shown the old or the
         new one, so that no channel is lost; then only the new one. The other side
         takes the old one, too, unless it was told that it is compromised.
station  The old one opens and answers until the other side has proved to hold the
         change; then it is destroyed.
receipt  From the change on, receipts are by the new one; the old one is destroyed.
` + changeHelp,
		Example: examples("parley key roll hop", "parley key roll station receipt --line south --precedence priority"),
		Args:    takes(1, 3),
	}
	change := m.changer(c.Flags(), "routine")
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		if err := rolls(args); err != nil {
			return err
		}
		return change.draft(ctx, s, api.ChangeRequest{Roll: args})
	})
}

func (m *Main) keyCompromised() *cobra.Command {
	var since string
	c := &cobra.Command{
		Use:   "compromised ROLE... --since MESSAGE",
		Short: "Draft the notice that somebody else may have used our hop, station or receipt key",
		Long: `Other keys come in their place. MESSAGE of this side is the first that is later than the
theft, as far as you know; north/1 if you do not. Whoever copied station.keys has all of
them: name hop, station and receipt, and agree on a new line for the log key.

hop      The other side ends the connections that the old one opened, and takes it no
         more. No message, receipt or secret depends on it.
station  The other side takes no epoch, prekey or line check by the old one any more.
         Refusals by it are in doubt, and what was sealed to prekeys that a thief gave
         was open to him.
receipt  When this side received what the old one receipted is in doubt, and whether it
         received what no message of this side says it has seen.
` + changeHelp,
		Example: examples("parley key compromised hop --since north/17", "parley key compromised station receipt hop --since north/1"),
		Args:    takes(1, 3),
	}
	c.Flags().StringVar(&since, "since", "", "the first message of this side that is later than the theft, as in north/17 (required)")
	change := m.changer(c.Flags(), "flash")
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		if err := rolls(args); err != nil {
			return err
		}
		n, err := s.since(since)
		if err != nil {
			return err
		}
		req := api.ChangeRequest{Roll: args}
		for _, role := range args {
			req.Compromised = append(req.Compromised, api.CompromiseNotice{Role: role, Since: n})
		}
		return change.draft(ctx, s, req)
	})
}

// rolls refuses a role whose key cannot become another on a line.
func rolls(roles []string) error {
	for i, role := range roles {
		switch {
		case !slices.Contains(rolled[:], role):
			return usageError{hinted{
				fmt.Errorf("key %s: only hop, station and receipt keys can become others by this while a line stands", role),
				"for a new log key agree on a new line; for officers: parley officer leave --with",
			}}
		case slices.Contains(roles[:i], role):
			return usageError{fmt.Errorf("key %s is named twice", role)}
		}
	}
	return nil
}

// rolled are the roles whose keys a running station makes anew.
var rolled = [...]string{"hop", "receipt", "station"}
