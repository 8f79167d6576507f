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
	c := &cobra.Command{
		Use:   "list",
		Short: "List the channels of a line and their last proof of life",
		Long: `For each channel: when a line check last went round by it; how long receipts take
by it, half of them and 99 of 100 (of line checks, while fewer than 16 messages were
timed); and how many of the newest 64 probes had no answer when it was due. By these
the station chooses the channel of a message, and when the next one carries a copy.
UNPROVEN and SILENT mean what they mean in parley status: nothing came back by it.`,
		Example: examples("parley channel list"),
		Args:    takes(0, 0),
	}
	asJSON := jsonFlag(c)
	return m.onLine(c, func(ctx context.Context, s *speaker, _ []string) error {
		st, err := s.Status(ctx, s.name())
		if err != nil {
			return err
		}
		if *asJSON {
			return m.json(st.Channels)
		}
		m.channels(st)
		return nil
	})
}

func (m *Main) channelSet(verb, short, done string) *cobra.Command {
	c := &cobra.Command{
		Use:     verb + " CHANNEL",
		Short:   short,
		Example: examples("parley channel " + verb + " cable"),
		Args:    takes(1, 1),
	}
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
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
}
