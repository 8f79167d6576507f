package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/demo"
)

// demoFlags are the choices of a demo.
type demoFlags struct {
	check          bool
	text, language string
	keep           string
	messages       int
	every          time.Duration
}

func (m *Main) demo() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "Watch two stations talk while you cut channels and kill them",
		Long: `Runs two stations on this machine, in two processes with a folder each, agreed on
a line by the key ceremony. They talk over three tcp routes and a pouch; the demo
carries all four and cuts what you choose. Nothing is left behind.

  1 2 3   cut or restore a tcp route     4   let the pouch lie, or carry it
  k l     kill -9 north or south, or start it again
  f       say a Flash                    space pause, ? help, q quit

With --check it needs nobody: it lets them say --messages each while a schedule
cuts all channels but one, at times all but the pouch, and kills each station
once in mid-traffic. Then it accounts for every message and audits both
transcripts. The last line is one JSON object. It fails unless everything that
was said was proved by the other side and can be read there, once.`,
		Example: examples(
			"parley demo",
			"parley demo --text speech.txt --language fr",
			"parley demo --check --keep evidence",
			"parley-verify --roster evidence/roster.txt evidence/north.transcript"),
		Args: cobra.NoArgs,
	}
	c.Flags().BoolVar(&f.check, "check", false, "run without a person and account for every message")
	c.Flags().StringVar(&f.text, "text", "", "say the paragraphs of this file, UTF-8, instead of the built-in texts")
	c.Flags().StringVar(&f.language, "language", "und", "the language of --text, as in fr")
	c.Flags().StringVar(&f.keep, "keep", "", "with --check, leave roster.txt, north.transcript and south.transcript in this folder")
	c.Flags().IntVar(&f.messages, "messages", 200, "with --check, how many messages each side says")
	c.Flags().DurationVar(&f.every, "every", 1200*time.Millisecond, "without --check, the time between two messages")
	c.RunE = runs(func(ctx context.Context, _ []string) error {
		switch {
		case f.keep != "" && !f.check:
			return usageError{errors.New("--keep goes with --check")}
		case f.messages < 20:
			return usageError{errors.New("--messages: at least 20, so that every part of the schedule has some")}
		case f.every <= 0:
			return usageError{errors.New("--every: a time above zero, as in 2s")}
		}
		texts, err := f.texts()
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		// A terminal that is closed must not leave stations and folders behind.
		ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
		defer stop()
		if f.check {
			return m.demoCheck(ctx, f, texts)
		}
		return m.demoLive(ctx, f, texts)
	})
	return c
}

func (f demoFlags) texts() ([]demo.Text, error) {
	if f.text == "" {
		return demo.Texts()
	}
	b, err := os.ReadFile(f.text)
	if err != nil {
		return nil, err
	}
	texts, err := demo.ParseTexts(b, f.language)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.text, err)
	}
	return texts, nil
}

// demoStation returns the command that runs the station of a folder: this very
// program.
func demoStation() (func(home string) *exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return func(home string) *exec.Cmd { return exec.Command(self, "serve", "--home", home) }, nil
}

func (m *Main) demoCheck(ctx context.Context, f demoFlags, texts []demo.Text) error {
	station, err := demoStation()
	if err != nil {
		return err
	}
	result, err := demo.Check(ctx, demo.CheckOptions{
		Texts: texts, Each: f.messages, Command: station, Log: m.Stdout, Keep: f.keep,
	})
	if encoded := json.NewEncoder(m.Stdout).Encode(result); encoded != nil {
		return errors.Join(err, encoded)
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

func (m *Main) demoLive(ctx context.Context, f demoFlags, texts []demo.Text) error {
	station, err := demoStation()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o := demo.LiveOptions{Texts: texts, Command: station, Every: f.every}
	in, out, onScreen := m.terminals()
	done := func() error { return nil }
	if onScreen {
		terminal, keys, restore, err := m.onScreen(ctx, in, out)
		if err != nil {
			return err
		}
		o.Keys, done = keys, restore
		o.Show = func(p demo.Picture) error { return terminal.Show(p.Lines) }
	} else {
		o.Keys = demo.Tour(ctx)
		o.Tell = func(line string) { m.say("%s  %s", m.Now().UTC().Format("15:04:05Z"), line) }
	}
	result, err := demo.Live(ctx, o)
	cancel()
	if err := errors.Join(err, done()); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	m.say("%s said, %d of them proved by the other side; %s, %s; %s.",
		count(uint64(result.Sent), "message was", "messages were"), result.Receipted,
		count(uint64(result.Cuts), "cut", "cuts"), count(uint64(result.Kills), "kill", "kills"),
		count(uint64(result.Transcripts), "transcript verifies", "transcripts verify"))
	return nil
}
