package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"parley"
	"parley/internal/api"
	"parley/release"
)

func (m *Main) send() *cobra.Command {
	c := &cobra.Command{
		Use:   "send --to DESK [FILE]",
		Short: "Draft a text and release it, where one officer is enough",
		Long: `Sends the text in FILE, or on standard input, to desks of the other side. The
text is shown, and the officer's passphrase approves exactly what is shown.

Where the charter asks for more than one officer, use parley draft add, and
parley release for each of them.

A final line break is not part of the text. Text that would look different at
the other side (control characters, overrides of direction, text that is not in
the normal form NFC) is refused and never altered.`,
		Example: examples(
			`echo "Our tanker Alva has lost power. It is no threat." | parley send --to south/duty --precedence immediate`,
			"parley send --to south/duty --exercise --officer alice drill.txt",
			"parley send --to south/duty --about south/17 --expires 2h --wait 1m answer.txt"),
		Args: takes(0, 1),
	}
	compose := m.composer(c.Flags())
	approve := m.approver(c.Flags())
	return m.onTo(c, compose, func(ctx context.Context, s *speaker, args []string) error {
		who, err := approve.who(s)
		if err != nil {
			return err
		}
		req, err := compose.request(s, who, args)
		if err != nil {
			return err
		}
		return m.sendNow(ctx, s, req, approve, who)
	})
}

// sendNow drafts, approves and so releases what one officer is enough for. If
// it comes to nothing, no draft stays.
func (m *Main) sendNow(ctx context.Context, s *speaker, req api.DraftRequest, a *approver, who string) error {
	if err := s.one(req); err != nil {
		return err
	}
	d, err := s.Draft(ctx, s.name(), req)
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	err = a.approve(ctx, s, d, who)
	if err == nil || errors.Is(err, errWaited) {
		return err
	}
	// Gone already if it was released after all; then the error tells why it
	// was not known, and parley inbox --mine shows it.
	_ = s.Withdraw(context.WithoutCancel(ctx), s.name(), d.ID)
	return err
}

// one refuses what takes more than one officer.
func (s *speaker) one(req api.DraftRequest) error {
	p, err := parley.ParsePrecedence(req.Precedence)
	if err != nil {
		return usageError{err}
	}
	kind := parley.Text
	if req.Answer != "" {
		kind = parley.Acknowledgement
	}
	if n := s.line.Roster.QuorumFor(p, kind); n > 1 {
		return hinted{
			fmt.Errorf("%s %s takes %d officers on the line with %s: %w", p, kind, n, s.name(), release.ErrQuorum),
			"parley draft add, then parley release DRAFT --officer NAME for each of them",
		}
	}
	return nil
}
