package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (m *Main) channel() *cobra.Command {
	c := &cobra.Command{
		Use:   "channel",
		Short: "The routes of a line",
		Long: `A channel may be taken out of use, for a drill or because it is suspect, until it
is enabled again or the station is started again.`,
	}
	c.AddCommand(m.channelList(),
		m.channelSet("disable", "Take a channel out of use", "is out of use until parley channel enable, or the next start"),
		m.channelSet("enable", "Put a channel back into use", "is in use again"))
	return c
}

func (m *Main) channelList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the channels of a line and their last proof of life",
		Example: examples("parley channel list"),
		Args:    takes(0, 0),
	}
	line := lineFlag(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = runs(func(ctx context.Context, _ []string) error {
		s, err := m.speak(*line)
		if err != nil {
			return err
		}
		st, err := s.Status(ctx, s.name())
		if err != nil {
			return err
		}
		if asJSON {
			return m.json(st.Channels)
		}
		m.channels(st)
		return nil
	})
	return c
}

func (m *Main) channelSet(verb, short, done string) *cobra.Command {
	c := &cobra.Command{
		Use:     verb + " CHANNEL",
		Short:   short,
		Example: examples("parley channel " + verb + " cable"),
		Args:    takes(1, 1),
	}
	line := lineFlag(c.Flags())
	c.RunE = runs(func(ctx context.Context, args []string) error {
		s, err := m.speak(*line)
		if err != nil {
			return err
		}
		set := s.Enable
		if verb == "disable" {
			set = s.Disable
		}
		if err := set(ctx, s.name(), args[0]); err != nil {
			return fmt.Errorf("%s channel %s: %w", verb, args[0], err)
		}
		m.say("Channel %s %s.", args[0], done)
		return nil
	})
	return c
}
