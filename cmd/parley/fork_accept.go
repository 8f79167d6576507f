package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (m *Main) forkAccept() *cobra.Command {
	var from string
	c := &cobra.Command{
		Use:   "accept --from DESK",
		Short: "Draft the decision to go on with the history that is held",
		Long: `A log that contradicted itself is not receipted as a whole any more until officers of
this side decide, on the record, to go on with the history that is held here. This
drafts that decision: a text to the other side that names the checkpoint that is
held and those that contradict it. It needs as many officers as the charter asks
for where it asks for most. From its release on the station receipts again what
continues the history that it holds; what contradicts it stays refused.

Talk with the other side first, by voice.`,
		Example: examples("parley fork accept --from duty", "parley fork accept --line south --from duty"),
		Args:    takes(0, 0),
	}
	c.Flags().StringVar(&from, "from", "", "the desk that speaks (required)")
	return m.onLine(c, func(ctx context.Context, s *speaker, _ []string) error {
		if from == "" {
			return usageError{fmt.Errorf("--from: name the desk that speaks")}
		}
		d, err := s.DraftDecision(ctx, s.name(), full(s.home, []string{from})[0])
		if err != nil {
			return fmt.Errorf("draft: %w", err)
		}
		v, err := s.reading(ctx, d.Content)
		if err != nil {
			return err
		}
		m.text(v)
		m.say("")
		m.say("Draft %s waits for %s.", short(d.ID), count(uint64(d.Quorum), "officer", "officers"))
		m.say("Next: parley release %s%s --officer NAME", short(d.ID), s.flag())
		return nil
	})
}
