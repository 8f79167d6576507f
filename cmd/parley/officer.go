package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/home"
)

func (m *Main) officer() *cobra.Command {
	c := &cobra.Command{
		Use:   "officer",
		Short: "The persons who may release",
	}
	c.AddCommand(m.officerAdd(), m.officerRemove(), m.officerJoin(), m.officerLeave(), m.officerCompromised(), m.officerList())
	return c
}

func (m *Main) officerAdd() *cobra.Command {
	var desks []string
	c := &cobra.Command{
		Use:   "add NAME --desk DESK",
		Short: "Make an officer's key",
		Long: `Makes an officer's key under a passphrase of its own. The officer may release for
the desks named, on lines that are agreed from now on, and on a line that is in use
after parley officer join.`,
		Example: examples(
			"parley officer add alice --desk duty",
			"parley officer add bob --desk duty --desk chief"),
		Args: takes(1, 1),
	}
	c.Flags().StringSliceVar(&desks, "desk", nil, "a desk that the officer may release for; may be given several times (required)")
	pass := m.officerSecret(c.Flags())
	return m.inHome(c, func(_ context.Context, h *home.Home, args []string) error {
		if len(desks) == 0 {
			return usageError{fmt.Errorf("officer %s: --desk is missing: for which desk may the officer release?", args[0])}
		}
		secret, err := pass.chosen(fmt.Sprintf("New passphrase of %s, which nobody else may know", args[0]))
		if err != nil {
			return err
		}
		o, err := h.AddOfficer(args[0], desks, secret)
		if err != nil {
			return fmt.Errorf("officer %s: %w", args[0], err)
		}
		m.say("Officer %s may release for %s on lines agreed from now on.", o.Name, strings.Join(full(h, o.Desks), " and "))
		m.say("For a line that is in use: parley officer join %s", o.Name)
		return nil
	})
}

func (m *Main) officerList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the officers of this party",
		Example: examples("parley officer list"),
		Args:    takes(0, 0),
	}
	asJSON := jsonFlag(c)
	return m.inHome(c, func(_ context.Context, h *home.Home, _ []string) error {
		officers := h.Config().Officers
		if *asJSON {
			type officer struct {
				Name  string   `json:"name"`
				Desks []string `json:"desks"`
				Key   string   `json:"key"`
			}
			out := []officer{}
			for _, o := range officers {
				out = append(out, officer{o.Name, full(h, o.Desks), o.Key})
			}
			return m.json(out)
		}
		if len(officers) == 0 {
			m.say("%s has no officer yet: parley officer add NAME --desk DESK", h.Party())
			return nil
		}
		t := table{head: []string{"officer", "desks", "public key"}}
		for _, o := range officers {
			t.add(o.Name, strings.Join(full(h, o.Desks), " "), o.Key)
		}
		m.print(t)
		return nil
	})
}

// full returns desks of this party by their full names.
func full(h *home.Home, desks []string) []string {
	out := make([]string, 0, len(desks))
	for _, d := range desks {
		out = append(out, string(h.Party())+"/"+d)
	}
	return out
}
