package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"parley"
	"parley/internal/api"
	"parley/internal/plain"
	"parley/roster"
	"parley/transcript"
)

// evidence is what is kept of one contradiction, as this program finds it.
type evidence struct {
	Party  string `json:"party"`  // whose log
	Proved bool   `json:"proved"` // to anyone who has the roster
	Text   string `json:"text"`   // a fork of spec/TRANSCRIPT.md §5, or the checkpoint that contradicts

	InDoubt string `json:"in_doubt,omitempty"` // the log key was told as compromised (spec/GENERATION.md §8)

	says string
}

func (m *Main) fork() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "fork [--out FILE]",
		Short: "Hand out the proof that a party signed two histories",
		Long: `A party whose log key signed two histories of one log cannot take either back. The
station that meets it stops receipting that log, raises an alarm, and keeps the
proof: a small text that anyone with the roster can check offline, with
parley-verify or a program of their own.

Of a deniable log it proves nothing to others: both parties have its keys.

Lists what is kept, each as it is found here, now. With --out the first proof is
written to FILE; one is enough. "-" is standard output.`,
		Example: examples("parley fork", "parley fork --out fork.txt", "parley fork --line south --json"),
		Args:    takes(0, 0),
	}
	c.AddCommand(m.forkAccept())
	c.Flags().StringVar(&out, "out", "", "a file to write the first proof to")
	asJSON := jsonFlag(c)
	return m.onLine(c, func(ctx context.Context, s *speaker, _ []string) error {
		kept, err := s.Forks(ctx, s.name())
		if err != nil {
			return err
		}
		found := make([]evidence, 0, len(kept))
		for _, f := range kept {
			found = append(found, examine(f, s.line.Roster))
		}
		switch {
		case out != "":
			return m.handProof(found, out, s)
		case *asJSON:
			return m.json(found)
		case len(found) == 0:
			m.say("Nothing is kept: %s was not found to have signed two histories of its log.", s.name())
			return nil
		}
		for _, e := range found {
			m.say("%s", e.says)
		}
		m.say("Next: parley fork --out FILE, then parley-verify --roster %s FILE", s.home.RosterPath(s.name()))
		return nil
	})
}

// handProof writes the first proof, if there is one.
func (m *Main) handProof(found []evidence, out string, s *speaker) error {
	for _, e := range found {
		if !e.Proved {
			continue
		}
		if out == "-" {
			if e.InDoubt != "" {
				fmt.Fprintf(m.Stderr, "IN DOUBT: %s\n", plain.Line(e.InDoubt)) // which is not part of the file
			}
			_, err := fmt.Fprint(m.Stdout, e.Text)
			return err
		}
		if err := vacant(out); err != nil {
			return err
		}
		if err := hand(out, []byte(e.Text), 0o644); err != nil {
			return fmt.Errorf("fork: %w", err)
		}
		m.say("%s The proof is in %s.", e.says, out)
		m.say("Verify it: parley-verify --roster %s %s", s.home.RosterPath(s.name()), out)
		return nil
	}
	return hinted{
		fmt.Errorf("no proof is kept that %s signed two histories of its log", s.name()),
		"parley fork lists what is kept; parley status says why a log is not receipted",
	}
}

// examine checks what the station kept, from its very bytes.
func examine(kept api.Fork, r *roster.Roster) evidence {
	e := evidence{Party: kept.Party, Text: kept.Text, InDoubt: kept.InDoubt}
	f, err := transcript.ParseFork([]byte(kept.Text))
	var party parley.Party
	if err == nil {
		party, err = f.Check(r)
	}
	a, aerr := transcript.ReadCheckpoint(f.A)
	b, berr := transcript.ReadCheckpoint(f.B)
	if err := errors.Join(err, aerr, berr); err == nil {
		e.Party, e.Proved = string(party), true
		e.says = fmt.Sprintf("PROVED: the log key of %s signed two histories of one log: one of %s, and one of %s, that contradict each other.",
			party, count(a.Size, "entry", "entries"), count(b.Size, "entry", "entries"))
		if e.InDoubt != "" {
			e.says += fmt.Sprintf(" IN DOUBT: %s.", plain.Line(e.InDoubt))
		}
		return e
	}
	e.says = fmt.Sprintf("%s signed a checkpoint that does not agree with what it sent. It signed nothing else of that, so it is no proof for others.", kept.Party)
	return e
}
