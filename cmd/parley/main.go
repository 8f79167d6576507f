// Command parley runs a party's station and speaks to it.
//
// It is flags, wiring and words for people: what is believed is decided in the
// treaty, what is done in internal/station. The program's own lines begin at
// the margin; what the other side wrote is indented, escaped and isolated, so
// that it cannot look like one of them. docs/operations.md is the manual.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	m := &Main{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Zone: time.Local,
	}
	code := m.Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// Main is the program, as a value, so that tests can run it.
type Main struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	Zone           *time.Location // of the person who reads

	home    string // --home
	started bool   // whether a command began: what fails before is wrong usage
}

// Run runs one command and returns the exit code: see Exit codes in docs/operations.md.
func (m *Main) Run(ctx context.Context, args []string) int {
	root := m.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var usage usageError
	if !m.started && !errors.As(err, &usage) {
		err = usageError{err}
	}
	code, hint := judge(err)
	fmt.Fprintf(m.Stderr, "parley: %s\n", oneLine(err))
	if hint != "" {
		fmt.Fprintf(m.Stderr, "hint: %s\n", hint)
	}
	return code
}
