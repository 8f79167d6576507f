package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"parley/proof"
)

func (m *Main) export() *cobra.Command {
	var e exporting
	c := &cobra.Command{
		Use:   "export --out FILE [--message MESSAGE | --from MESSAGE --to MESSAGE]",
		Short: "Write the transcript of a line, or some messages with their proof, for anyone to verify",
		Long: `Writes everything said on a line with its proofs into one text file. It holds the
messages in plain text. Whoever has it and the roster can verify it offline,
with parley-verify or a program of their own. "-" is standard output.

With --message it writes one message with its proof, which shows nothing of the
others but how many there were; with --from and --to all messages from one to
another of the same party, with proof that none between them is missing. Where
that party changed its officers or keys, or the other its receipt keys, these
changes are shown as well: without them nobody could tell who may sign.
south/17 is the 17th message of south; south/2.18 is the 18th, in the second
generation of its log, which a restore began. 2.18 alone is one's own, and so is 17,
in whatever generation. tlog-proof cannot show what stands behind a restore: it has
no place for the statements about it.

--format says in which form: text for people and programs; html, a page to print
with QR codes that hold the proof; cbor; tlog-proof, for tools that read the C2SP
format of that name.`,
		Example: examples("parley export --out transcript.txt", "parley export --line south --out -",
			"parley export --message south/17 --out order.txt", "parley export --from 17 --to 40 --format html --out week.html"),
		Args: takes(0, 0),
	}
	c.Flags().StringVar(&e.out, "out", "", "the file to write (required)")
	c.Flags().StringVar(&e.message, "message", "", "only this message, with its proof")
	c.Flags().StringVar(&e.from, "from", "", "only the messages from this one on")
	c.Flags().StringVar(&e.to, "to", "", "to this one, of the same party")
	c.Flags().StringVar(&e.format, "format", string(proof.Text), "of a proof: text, html, cbor or tlog-proof")
	return m.onLine(c, func(ctx context.Context, s *speaker, _ []string) error {
		if err := e.check(); err != nil {
			return err
		}
		if e.out != "-" {
			if err := vacant(e.out); err != nil {
				return err
			}
		}
		file, what, err := e.file(ctx, s)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		if e.out == "-" {
			_, err := m.Stdout.Write(file)
			return err
		}
		if err := hand(e.out, file, 0o600); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		m.say("%s is in %s.", what, e.out)
		m.say("Verify it: parley-verify --roster %s %s", s.home.RosterPath(s.name()), e.out)
		return nil
	})
}

// exporting is what shall be exported, and how.
type exporting struct{ out, message, from, to, format string }

func (e *exporting) check() error {
	switch {
	case e.out == "":
		return usageError{errors.New("--out is missing: which file shall be written?")}
	case e.message != "" && e.from+e.to != "":
		return usageError{errors.New("--message is one message, --from and --to are several: give one or the other")}
	case (e.from == "") != (e.to == ""):
		return usageError{errors.New("--from and --to belong together: the first message and the last")}
	case e.message+e.from == "" && e.format != string(proof.Text):
		return usageError{errors.New("a whole transcript has one form, text: --format goes with --message, or with --from and --to")}
	}
	switch proof.Form(e.format) {
	case proof.Text, proof.CBOR, proof.Page, proof.Tlog:
		return nil
	}
	return usageError{fmt.Errorf("there is no format %q: use text, html, cbor or tlog-proof", e.format)}
}

// file returns what was asked for, and what it is.
func (e *exporting) file(ctx context.Context, s *speaker) (file []byte, what string, err error) {
	if e.message+e.from == "" {
		var b bytes.Buffer
		err := s.Transcript(ctx, s.name(), &b)
		return b.Bytes(), "The transcript of the line with " + s.name(), err
	}
	if e.message != "" {
		e.from, e.to = e.message, e.message
	}
	party, first, from, err := s.numbered(ctx, e.from)
	if err != nil {
		return nil, "", err
	}
	same, last, to, err := s.numbered(ctx, e.to)
	if err != nil {
		return nil, "", err
	}
	if party != same {
		return nil, "", usageError{fmt.Errorf("%s is a message of %s and %s one of %s: export each party's by themselves", from, party, to, same)}
	}
	p, err := s.Proof(ctx, s.name(), party, first, last)
	if err != nil {
		return nil, "", err
	}
	what = "The proof of " + from
	if last > first {
		what += " to " + to
	}
	if n := len(p.Changes) + len(p.OtherChanges); n > 0 {
		what += fmt.Sprintf(", which shows %s of officers and keys besides,", count(uint64(n), "change", "changes"))
	}
	file, err = proof.Append(nil, p, proof.Form(e.format))
	return file, what, err
}

// numbered takes the name of a message apart and returns it whole: 2.18 alone is of
// one's own log, and so is 17, in whatever generation. A name of another generation is
// that of another message.
func (s *speaker) numbered(ctx context.Context, given string) (party string, n uint64, name string, err error) {
	own := string(s.home.Party())
	if n, err := strconv.ParseUint(given, 10, 64); err == nil && n > 0 {
		now, err := s.Roster(ctx, s.name())
		if err != nil {
			return "", 0, "", err
		}
		side, err := now.Side(own)
		return own, n, side.MessageName(n), err
	}
	if name = given; !strings.Contains(given, "/") {
		name = own + "/" + given
	}
	if party, n, err = parseName(name); err == nil {
		_, err = s.named(ctx, name)
	}
	return party, n, name, err
}
