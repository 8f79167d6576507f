package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/backup"
	"parley/internal/home"
)

func (m *Main) restore() *cobra.Command {
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a party's folder of a backup",
		Long: `Makes the party's folder of a backup. It is made whole, or not at all, and never over
another one: name a folder that is not there, or is empty, with --home.

What the station signed since the backup was made is not in it. So a station that is
started on it signs nothing on a line before the other side has said how far its log
goes; it takes back from there what it lost, and goes on behind it. Nothing that
the other side holds is lost, and no number is used twice.

Restore only what is lost for good. If the station that the backup is of still runs,
it stops signing as soon as the other side tells it of this one.`,
		Example: examples("parley restore north.age --home /srv/parley",
			"parley restore north.age --identity vault.key"),
		Args: takes(1, 1),
	}
	open := m.openers(c.Flags())
	c.RunE = runs(func(ctx context.Context, args []string) error {
		dir, err := m.folder()
		if err != nil {
			return err
		}
		if err := backup.Vacant(dir); err != nil {
			return err
		}
		ids, err := open.identities()
		if err != nil {
			return err
		}
		bar := m.progress()
		got, err := backup.Restore(ctx, args[0], dir, ids, backup.Options{Told: bar.at})
		bar.done()
		if err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		h, err := home.Open(dir)
		if err != nil {
			return err
		}
		return m.restored(h, got)
	})
	return c
}

// restored tells what was restored, and what happens next.
func (m *Main) restored(h *home.Home, got backup.Manifest) error {
	m.say("Party %s lives in %s again, as it was at %s.", h.Party(), h.Dir(), m.moment(got.Made))
	m.contents(got, lineNames(h))
	m.say("")
	m.say("Be sure that no other station runs with these keys. Then:")
	if s := h.Config().StationSecret; s != "" {
		m.say("  The station's keys open with %s only, which is in no backup: put it where parley.toml says.", s)
	}
	m.say("  Start it: parley serve --home %s", h.Dir())
	m.say("It signs nothing before the other side of each line has said how far its log goes. That takes a line")
	m.say("check by any channel, or a pouch there and back; parley status shows it, and parley watch.")
	m.say("Tell the other side by voice that you restored a backup of that day: their station will say so, too.")
	lines, err := h.Lines()
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Roster == nil {
			continue
		}
		if window := l.Roster.Terms.PouchWindow; m.Now().Sub(got.Made) > window {
			m.say("")
			m.say("The backup is older than the %d days for which the line with %s keeps keys: if the other side does", int(window/(24*time.Hour)), l.Name)
			m.say("not answer within a day, agree on that line anew: parley line invite %s", l.Name)
		}
	}
	return nil
}
