package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/home"
)

func (m *Main) serve() *cobra.Command {
	var restored bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run this party's station",
		Long: `Runs the station with every confirmed line until it is interrupted. It listens and
dials as the charters say and parley.toml overrides, and answers the other
commands on a socket in the party's folder that only this user can open.

What becomes durable, and what fails, goes to standard error, one line each.
When all is up, one line that begins with "serving" goes to standard output.`,
		Example: examples("parley serve", "parley serve --home /srv/parley"),
		Args:    takes(0, 0),
	}
	c.Flags().BoolVar(&restored, "restored", false, "accept a journal that is older than the last start left it, when the newer one is lost for good (docs/operations.md)")
	return m.inHome(c, func(ctx context.Context, h *home.Home, _ []string) error {
		err := home.Serve(ctx, h, home.ServeOptions{
			Log: m.Stderr, Restored: restored, Now: m.Now,
			Ready: func(lines []home.LineState) {
				var names []string
				for _, l := range lines {
					names = append(names, fmt.Sprintf("%s (%s)", l.Name, count(uint64(len(l.Roster.Terms.Channels)), "channel", "channels")))
				}
				m.say("serving %s: line with %s", h.Party(), strings.Join(names, ", "))
			},
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("serve: %w", err)
		}
		m.say("stopped")
		return nil
	})
}
