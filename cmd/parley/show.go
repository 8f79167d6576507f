package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/console"
)

func (m *Main) show() *cobra.Command {
	var wait time.Duration
	c := &cobra.Command{
		Use:   "show MESSAGE",
		Short: "Show one message with all that is known of it",
		Long: `Shows a message: who released it, when, what the other side proved to hold, and
what became of it on each channel. south/17 is the 17th message of south.

Indented lines that begin with | are the message's own text.

` + stands,
		Example: examples("parley show south/17", "parley show north/3 --json", "parley show south/18 --wait 10m"),
		Args:    takes(1, 1),
	}
	c.Flags().DurationVar(&wait, "wait", 0, "if it is not here yet, wait up to this long for it")
	asJSON := jsonFlag(c)
	return m.onMessage(c, func(ctx context.Context, s *speaker, args []string) error {
		v, err := s.await(ctx, args[0], wait)
		if err != nil {
			return err
		}
		if *asJSON {
			return m.json(v)
		}
		known, err := s.standing(ctx, v)
		if err != nil {
			return err
		}
		m.message(v, known, s.name())
		return nil
	})
}

// standing says how far a message is. An answer comes after what it answers: of a
// message older than all that are looked through, it says so.
func (s *speaker) standing(ctx context.Context, v api.Message) (string, error) {
	all, cut, err := s.recent(ctx)
	if err != nil {
		return "", err
	}
	if cut && !slices.ContainsFunc(all, func(a api.Message) bool { return a.Seq == v.Seq }) {
		return fmt.Sprintf("not among the newest %d messages, where answers are looked for", openLimit), nil
	}
	return standing(v, console.Answers(all)), nil
}

// await returns a message, waiting for it if it is not here yet.
func (s *speaker) await(ctx context.Context, name string, wait time.Duration) (v api.Message, err error) {
	if wait <= 0 {
		return s.named(ctx, name)
	}
	err = s.until(ctx, wait, func(ctx context.Context) (bool, error) {
		v, err = s.named(ctx, name)
		if missing(err) {
			return false, nil
		}
		return err == nil, err
	})
	if errors.Is(err, errWaited) {
		err = hinted{fmt.Errorf("%s is not here after %s", name, wait), "parley status shows what the line is waiting for"}
	}
	return v, err
}
