package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"parley/internal/home"
	"parley/roster"
)

func (m *Main) lineAccept() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "accept FILE --out FILE",
		Short: "Accept the line that another party proposes",
		Long: `Shows what an invite proposes and answers it with this side's card, which the
root key signs. The passphrase of the root key is the consent: do not type it
before you have read the charter.

Nothing is trusted yet. Then compare the twelve words: parley line show has those
of this side, parley line confirm asks for those of the other.`,
		Example: examples("parley line accept for-south.txt --out for-north.txt"),
		Args:    takes(1, 1),
	}
	c.Flags().StringVar(&out, "out", "", "the file to write for the other side (required)")
	root := m.rootFlags(c.Flags())
	return m.inHome(c, func(_ context.Context, h *home.Home, args []string) error {
		invite, err := paper(args[0])
		if err != nil {
			return err
		}
		invited, err := roster.ParseInvite(invite)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		if err := vacant(out); err != nil {
			return err
		}
		m.say("%s proposes to %s:", invited.From.Party, invited.To)
		m.charter(invited.Terms)
		m.say("")
		m.side(invited.From)
		m.say("")
		key, err := root.key()
		if err != nil {
			return err
		}
		file, _, err := h.Accept(invite, key, m.Now())
		if err != nil {
			return fmt.Errorf("accept the line with %s: %w", invited.From.Party, err)
		}
		if err := hand(out, file, 0o644); err != nil {
			return hinted{fmt.Errorf("write the answer: %w", err), fmt.Sprintf("the answer is made; copy it from %s", h.AcceptPath(invited.From.Party))}
		}
		m.say("The answer for %s is in %s. Send the file. Then compare the twelve words with a", invited.From.Party, out)
		m.say("person you know at %s, by voice or face to face:", invited.From.Party)
		m.say("  parley line show %-12s shows this side's words, to read to that person", invited.From.Party)
		m.say("  parley line confirm %-9s asks for the words that that person reads to you", invited.From.Party)
		return nil
	})
}
