package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"parley"
	"parley/internal/api"
	"parley/internal/home"
)

// A command is about the party's folder, about a line of the station that runs
// there, or about a message or a draft on that line. What it needs is found here,
// in one way for all of them.

// inHome makes c run f with the party's folder.
func (m *Main) inHome(c *cobra.Command, f func(ctx context.Context, h *home.Home, args []string) error) *cobra.Command {
	c.RunE = runs(func(ctx context.Context, args []string) error {
		h, err := m.open()
		if err != nil {
			return err
		}
		return f(ctx, h, args)
	})
	return c
}

// onLine adds --line and --deniable to c, and makes it run f with the way to the station on that
// line.
func (m *Main) onLine(c *cobra.Command, f func(ctx context.Context, s *speaker, args []string) error) *cobra.Command {
	line := lineFlags(c.Flags())
	c.RunE = runs(func(ctx context.Context, args []string) error {
		s, err := m.speak(*line)
		if err != nil {
			return err
		}
		return f(ctx, s, args)
	})
	return c
}

// onTo is onLine for a command that says to whom: the line may be left out where the
// first desk names its party.
func (m *Main) onTo(c *cobra.Command, to *composer, f func(ctx context.Context, s *speaker, args []string) error) *cobra.Command {
	line := lineFlags(c.Flags())
	c.RunE = runs(func(ctx context.Context, args []string) error {
		choice := *line
		if choice.name == "" && len(to.to) > 0 {
			d, err := parley.ParseDesk(to.to[0])
			if err != nil {
				return usageError{fmt.Errorf("--to: %w", err)}
			}
			choice.name = string(d.Party())
		}
		s, err := m.speak(choice)
		if err != nil {
			return err
		}
		return f(ctx, s, args)
	})
	return c
}

// onMessage is onLine for a command whose first word names a message: its line may
// be left out where the name tells it.
func (m *Main) onMessage(c *cobra.Command, f func(ctx context.Context, s *speaker, args []string) error) *cobra.Command {
	line := lineFlags(c.Flags())
	c.RunE = runs(func(ctx context.Context, args []string) error {
		name, err := m.lineOfName(line.name, args[0])
		if err != nil {
			return err
		}
		s, err := m.speak(lineChoice{name, line.deniable})
		if errors.Is(err, home.ErrNoLine) {
			return fmt.Errorf("message %s: %w", args[0], err)
		}
		if err != nil {
			return err
		}
		return f(ctx, s, args)
	})
	return c
}

// onDraft is onLine for a command whose first word names a draft.
func (m *Main) onDraft(c *cobra.Command, f func(ctx context.Context, s *speaker, d api.Draft) error) *cobra.Command {
	return m.onLine(c, func(ctx context.Context, s *speaker, args []string) error {
		d, err := s.find(ctx, args[0])
		if err != nil {
			return err
		}
		return f(ctx, s, d)
	})
}

// jsonFlag adds --json.
func jsonFlag(c *cobra.Command) *bool { return c.Flags().Bool("json", false, "print JSON") }
