package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/console"
	"parley/internal/home"
)

func (m *Main) watch() *cobra.Command {
	var inLines bool
	var wait time.Duration
	c := &cobra.Command{
		Use:   "watch",
		Short: "Look at every line of the running station",
		Long: `Shows every line of the running station, for the officer on watch: what nobody has
answered yet, Flash first; the newest messages both ways, and how far each stands;
the channels with their last proof; alarms, until they are dismissed. It changes
nothing but to ask for line checks. The key ? explains what it shows.

` + stands + `

With --plain, and where the output is no terminal, it tells one line for each thing
that happens, for screen readers and logs. It rings the bell of the terminal for an
alarm, and for a Flash that is no exercise. A station that stops is waited for.`,
		Example: examples("parley watch", "parley watch --plain >> watch.log", "NO_COLOR=1 parley watch"),
		Args:    takes(0, 0),
	}
	c.Flags().BoolVar(&inLines, "plain", false, "tell it in lines of text")
	c.Flags().DurationVar(&wait, "wait", 0, "wait up to this long for a station that is starting")
	return m.inHome(c, func(ctx context.Context, h *home.Home, _ []string) error {
		o := console.Options{Client: api.NewClient(h.Socket()), Self: string(h.Party()), Now: m.Now}
		if err := answering(ctx, o.Client, wait); err != nil {
			return err
		}
		// A terminal that is closed ends the view.
		ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
		defer stop()
		in, out, ok := m.terminals()
		if inLines || !ok {
			return console.Tell(ctx, o, func(line string) { m.say("%s", line) })
		}
		return m.watchOn(ctx, in, out, o)
	})
}

// watchOn shows the view on a terminal, and gives it back as it was.
func (m *Main) watchOn(ctx context.Context, in, out *os.File, o console.Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	terminal, keys, done, err := m.onScreen(ctx, in, out)
	if err != nil {
		return err
	}
	o.Terminal, o.Keys = terminal, keys
	return errors.Join(console.Watch(ctx, o), done())
}
