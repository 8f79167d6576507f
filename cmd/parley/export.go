package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func (m *Main) export() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "export --out FILE",
		Short: "Write the transcript of a line, for anyone to verify",
		Long: `Writes everything said on a line with its proofs into one text file. It holds the
messages in plain text. Whoever has it and the roster can verify it offline,
with parley-verify or a program of their own. "-" is standard output.`,
		Example: examples("parley export --out transcript.txt", "parley export --line south --out -"),
		Args:    takes(0, 0),
	}
	c.Flags().StringVar(&out, "out", "", "the file to write (required)")
	return m.onLine(c, func(ctx context.Context, s *speaker, _ []string) error {
		if out == "" {
			return usageError{errors.New("--out is missing: which file shall be written?")}
		}
		if out != "-" {
			if err := vacant(out); err != nil {
				return err
			}
		}
		var file bytes.Buffer
		if err := s.Transcript(ctx, s.name(), &file); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		if out == "-" {
			_, err := m.Stdout.Write(file.Bytes())
			return err
		}
		if err := hand(out, file.Bytes(), 0o600); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		m.say("The transcript of the line with %s is in %s.", s.name(), out)
		m.say("Verify it: parley-verify --roster %s %s", s.home.RosterPath(s.name()), out)
		return nil
	})
}
