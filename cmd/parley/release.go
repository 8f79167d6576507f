package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (m *Main) release() *cobra.Command {
	c := &cobra.Command{
		Use:   "release DRAFT --officer NAME",
		Short: "Approve a draft as an officer; with the last approval it leaves",
		Long: `Shows the draft. The officer's passphrase unlocks the officer's key here, signs
exactly the bytes shown, and only the signature goes to the station.`,
		Example: examples("parley release 3fa95b07 --officer bob", "parley release 3fa95b07 --officer bob --wait 1m"),
		Args:    takes(1, 1),
	}
	line := lineFlag(c.Flags())
	approve := m.approver(c.Flags())
	c.RunE = runs(func(ctx context.Context, args []string) error {
		s, err := m.speak(*line)
		if err != nil {
			return err
		}
		who, err := approve.who(s)
		if err != nil {
			return err
		}
		d, err := s.find(ctx, args[0])
		if err != nil {
			return err
		}
		return approve.approve(ctx, s, d, who)
	})
	return c
}
