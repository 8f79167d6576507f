package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/home"
)

// The groups in which help lists the commands.
const (
	groupFirst = "first"
	groupSetUp = "set-up"
	groupTalk  = "talk"
	groupWatch = "watch"
)

// root returns the command line of one run.
func (m *Main) root() *cobra.Command {
	c := &cobra.Command{
		Use:   "parley",
		Short: "A crisis line between parties that do not trust each other",
		Long: `Parley is a crisis line between parties that do not trust each other. Each side
runs its own station. What is said goes over every channel at once, arrives
once, is receipted, and stands in a record that neither side can deny, forge or
rewrite.

See it first:            parley demo
Set up a line:           parley init, officer add, line invite, accept, confirm, then serve
Then talk:               parley send, inbox, show, ack
And keep watch:          parley watch, status, check`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	c.SetIn(m.Stdin)
	c.SetOut(m.Stdout)
	c.SetErr(m.Stderr)
	c.PersistentFlags().StringVar(&m.home, "home", "",
		"the party's folder (default $PARLEY_HOME, else $XDG_DATA_HOME/parley, else ~/.local/share/parley)")
	c.AddGroup(
		&cobra.Group{ID: groupFirst, Title: "See it first:"},
		&cobra.Group{ID: groupSetUp, Title: "Set up:"},
		&cobra.Group{ID: groupTalk, Title: "Talk:"},
		&cobra.Group{ID: groupWatch, Title: "Keep watch:"},
	)
	add := func(group string, all ...*cobra.Command) {
		for _, one := range all {
			one.GroupID = group
			c.AddCommand(one)
		}
	}
	add(groupFirst, m.demo())
	add(groupSetUp, m.init(), m.officer(), m.line(), m.key(), m.serve(), m.backup(), m.restore())
	add(groupTalk, m.send(), m.draft(), m.release(), m.inbox(), m.show(), m.ack())
	add(groupWatch, m.status(), m.watch(), m.check(), m.channel(), m.export(), m.transcript(), m.fork(), m.witness())
	c.AddCommand(m.version())
	m.completions(c)
	m.mark(c)
	return c
}

// mark makes every command say that it began.
func (m *Main) mark(c *cobra.Command) {
	if run := c.RunE; run != nil {
		c.RunE = func(cmd *cobra.Command, args []string) error {
			m.started = true
			return run(cmd, args)
		}
	} else if c.HasSubCommands() {
		// Without this a word that is no command would print help and succeed.
		c.Args = func(_ *cobra.Command, words []string) error {
			if len(words) > 0 {
				return fmt.Errorf("there is no command %q in %s", words[0], c.CommandPath())
			}
			return nil
		}
		c.DisableFlagsInUseLine = true
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, sub := range c.Commands() {
		m.mark(sub)
	}
}

// folder returns the party's folder.
func (m *Main) folder() (string, error) {
	if m.home != "" {
		return filepath.Abs(m.home)
	}
	if dir := m.Getenv("PARLEY_HOME"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := m.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "parley"), nil
	}
	user := m.Getenv("HOME")
	if user == "" {
		return "", hinted{home.ErrNoHome, "name the party's folder with --home: there is no $HOME"}
	}
	return filepath.Join(user, ".local", "share", "parley"), nil
}

// open opens the party's folder.
func (m *Main) open() (*home.Home, error) {
	dir, err := m.folder()
	if err != nil {
		return nil, err
	}
	return home.Open(dir)
}

// examples indents the examples of a command as cobra prints them.
func examples(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }

// takes returns what refuses a command with fewer words than least or more than most.
func takes(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, words []string) error {
		if n := len(words); n < least || n > most {
			return fmt.Errorf("%s: %s given; write: %s", c.Name(), count(uint64(n), "word was", "words were"), c.UseLine())
		}
		return nil
	}
}

type runner func(ctx context.Context, args []string) error

// runs adapts a runner to cobra.
func runs(f runner) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error { return f(c.Context(), args) }
}
