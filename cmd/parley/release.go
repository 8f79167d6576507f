package main

import (
	"context"

	"github.com/spf13/cobra"

	"parley/internal/api"
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
	approve := m.approver(c.Flags())
	return m.onDraft(c, func(ctx context.Context, s *speaker, d api.Draft) error {
		who, err := approve.who(s)
		if err != nil {
			return err
		}
		return approve.approve(ctx, s, d, who)
	})
}
