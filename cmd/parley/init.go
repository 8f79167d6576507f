package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"parley"
	"parley/internal/home"
	"parley/internal/keyring"
)

func (m *Main) init() *cobra.Command {
	var party, language, station string
	c := &cobra.Command{
		Use:   "init --party NAME",
		Short: "Make a party: its folder, root key and station keys",
		Long: `Makes the folder of a party with its root key, which a person keeps offline, and
the keys with which its station works unattended.

Without --station-secret the station's keys stand in a file that only its mode
protects: whoever copies it is the station. docs/keys.md says how to seal them.`,
		Example: examples(
			"parley init --party north",
			"parley init --party north --language ar --home /srv/parley",
			"parley init --party north --station-secret credential:parley-station"),
		Args: takes(0, 0),
	}
	c.Flags().StringVar(&party, "party", "", "the party's name on every line: a-z, 0-9 and '-' (required)")
	c.Flags().StringVar(&language, "language", "en", "the language the party writes in, a BCP 47 tag")
	c.Flags().StringVar(&station, "station-secret", "", "what seals the station's keys: credential:NAME or file:PATH")
	root := m.rootSecret(c.Flags())
	c.RunE = runs(func(context.Context, []string) error {
		if party == "" {
			return usageError{fmt.Errorf("--party is missing: what is this side called?")}
		}
		name, err := parley.ParseParty(party)
		if err != nil {
			return usageError{err}
		}
		dir, err := m.folder()
		if err != nil {
			return err
		}
		if err := home.Vacant(dir); err != nil {
			return err
		}
		pass, err := root.chosen("New passphrase of the root key")
		if err != nil {
			return err
		}
		h, err := home.Init(dir, home.InitOptions{Party: name, Language: language, StationSecret: station, Root: pass})
		if err != nil {
			return fmt.Errorf("init: %w", err)
		}
		m.say("Party %s lives in %s.", h.Party(), h.Dir())
		m.say("")
		if station == "" {
			m.say("The station's keys are in a plain file: see docs/keys.md before real use.")
		}
		m.say("Move the root key to a medium that is kept offline, with a copy elsewhere:")
		m.say("  %s", filepath.Join(h.Keys(), keyring.RootFile))
		m.say("Next: parley officer add NAME --desk DESK")
		return nil
	})
	return c
}
