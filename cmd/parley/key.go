package main

import (
	"context"

	"github.com/spf13/cobra"

	"parley/internal/api"
)

func (m *Main) key() *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "The keys of this side, which can become others while the line stands",
		Long: `The hop key, with which channels know each other, the station key, which opens what is
sealed and answers line checks, the receipt key, the log key, which signs the record,
and the root key, which signs cards, can become others while the line stands. Officers'
keys: parley officer leave --with, parley officer compromised (docs/keys.md).`,
	}
	c.AddCommand(m.keyRoll(), m.keyCompromised())
	return c
}

func (m *Main) keyRoll() *cobra.Command {
	c := &cobra.Command{
		Use:   "roll ROLE...",
		Short: "Draft that other keys come in the place of ours: hop, station, receipt, log, root",
		Long: `The station makes a new key of each role named, but the root key, and keeps it beside
its others.

hop      Until the other side has proved to hold the change, it is shown the old or the
         new one, so that no channel is lost; then only the new one. The other side
         takes the old one, too, unless it was told that it is compromised.
station  The old one opens and answers until the other side has proved to hold the
         change; then it is destroyed.
receipt  From the change on, receipts are by the new one; the old one is destroyed.
log      When the other side has proved to hold the change, and all that was said, our log
         goes on in its next generation, by the new one: the message behind it is north/2.18.
         Then the old one is destroyed. Make a backup after it: an older one is worthless.
root     The new one is in the file named with --root-key, which is made if it is not
         there: on a medium that is kept offline. The old one is not needed. From the
         change on, cards of this party are signed by the new one only.
` + changeHelp,
		Example: examples("parley key roll hop", "parley key roll station receipt --line south --precedence priority",
			"parley key roll root --root-key /media/safe/root-2.key"),
		Args: takes(1, len(rolled)),
	}
	change := m.changer(c.Flags(), "routine")
	root := m.nextRoot(c.Flags())
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		req, err := root.roll(ctx, s, args)
		if err != nil {
			return err
		}
		return change.draft(ctx, s, req)
	})
}

func (m *Main) keyCompromised() *cobra.Command {
	var since string
	c := &cobra.Command{
		Use:   "compromised ROLE... --since MESSAGE",
		Short: "Draft the notice that somebody else may have used our hop, station, receipt, log or root key",
		Long: `Other keys come in their place. MESSAGE of this side is the first that is later than the
theft, as far as you know; north/1 if you do not. Whoever copied station.keys has four:
name hop, station, receipt and log.

hop      The other side ends the connections that the old one opened, and takes it no
         more. No message, receipt or secret depends on it.
station  The other side takes no epoch, prekey or line check by the old one any more.
         Refusals by it are in doubt, and what was sealed to prekeys that a thief gave
         was open to him.
receipt  When this side received what the old one receipted is in doubt, and whether it
         received what no message of this side says it has seen.
log      Whether this side signed what the old one signed of its record is in doubt, but for
         what the other side cosigned; a proof of two histories by it is, too.
root     Whether this side made the cards that the old one signed since is in doubt, but
         for the card of this line. The new one is in the file named with --root-key,
         as for parley key roll root.
` + changeHelp,
		Example: examples("parley key compromised hop --since north/17", "parley key compromised station receipt hop --since north/1",
			"parley key compromised root --since north/1 --root-key /media/safe/root-2.key"),
		Args: takes(1, len(rolled)),
	}
	c.Flags().StringVar(&since, "since", "", "the first message of this side that is later than the theft, as in north/17 (required)")
	change := m.changer(c.Flags(), "flash")
	root := m.nextRoot(c.Flags())
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		n, err := s.since(since)
		if err != nil {
			return err
		}
		req, err := root.roll(ctx, s, args)
		if err != nil {
			return err
		}
		for _, role := range args {
			req.Compromised = append(req.Compromised, api.CompromiseNotice{Role: role, Since: n})
		}
		return change.draft(ctx, s, req)
	})
}
