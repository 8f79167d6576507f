package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"parley/internal/api"
	"parley/internal/console"
	"parley/internal/keyring"
	"parley/internal/plain"
	"parley/wire"
)

// approver is the officer of a command, and what it does after the release.
type approver struct {
	m       *Main
	officer string
	pass    *secret
	wait    time.Duration
}

func (m *Main) approver(flags *pflag.FlagSet) *approver {
	a := &approver{m: m, pass: m.officerSecret(flags)}
	flags.StringVar(&a.officer, "officer", "", "the officer who approves; may be left out when there is one")
	flags.DurationVar(&a.wait, "wait", 0, "wait up to this long for the other side's proof that it holds the message")
	return a
}

// errOtherLine is returned for a draft that is not of the line it came with.
var errOtherLine = errors.New("the station gave a text of another line: do not sign it")

func (s *speaker) ours(c wire.Content) error {
	if c.Line != s.line.Roster.Line {
		return errOtherLine
	}
	return nil
}

// who returns the officer's name.
func (a *approver) who(s *speaker) (string, error) {
	officers := s.home.Config().Officers
	if a.officer == "" && len(officers) == 1 {
		return officers[0].Name, nil
	}
	names := make([]string, len(officers))
	for i, o := range officers {
		if names[i] = o.Name; o.Name == a.officer {
			return o.Name, nil
		}
	}
	if a.officer != "" {
		return "", hinted{
			fmt.Errorf("%s has no officer %q: there is %s", s.home.Party(), a.officer, strings.Join(names, " and ")),
			"parley officer list shows the officers",
		}
	}
	return "", usageError{fmt.Errorf("--officer is missing: who approves, %s?", strings.Join(names, " or "))}
}

// approve shows a draft, unlocks the officer's key and approves exactly the
// bytes that were shown.
func (a *approver) approve(ctx context.Context, s *speaker, d api.Draft, who string) error {
	v, err := s.reading(ctx, d.Content)
	if err != nil {
		return err
	}
	a.m.say("%s", heading(v))
	a.m.content(v)
	if note := s.foreign(v); note != "" {
		a.m.fact("NOTE", note)
	}
	a.m.text(v)
	a.m.say("")
	pass, err := a.pass.known(fmt.Sprintf("Passphrase of %s, to approve this text", who))
	if err != nil {
		return err
	}
	key, err := keyring.UnlockOfficer(s.home.Keys(), who, pass)
	if err != nil {
		return fmt.Errorf("unlock officer %s: %w", who, err)
	}
	approve := s.Approve
	if s.line.Deniable {
		approve = s.Consent
	}
	done, err := approve(ctx, s.name(), d, key)
	if err != nil {
		return fmt.Errorf("approve draft %s: %w", short(d.ID), err)
	}
	if done.Released == "" {
		missing := done.Draft.Quorum - len(done.Draft.Approved)
		a.m.say("%s approved draft %s. It is NOT SENT: it needs %s more.", who, short(d.ID), count(uint64(max(missing, 0)), "officer", "officers"))
		a.m.say("Next: parley release %s%s --officer NAME", short(d.ID), s.flag())
		return nil
	}
	a.m.say("%s%s is released.", marked(v), done.Released)
	return a.proof(ctx, s, done.Released)
}

// foreign says when a text is in none of the languages of the charter. Nothing forbids
// that (spec/ROSTER.md §2), but who is to read it may not be able to.
func (s *speaker) foreign(v api.Message) string {
	agreed := s.line.Roster.Terms.Languages
	if v.Body == "" || console.Changes(v) || slices.ContainsFunc(agreed, func(l string) bool {
		return strings.EqualFold(v.Language, l) || strings.HasPrefix(strings.ToLower(v.Language), strings.ToLower(l)+"-")
	}) {
		return ""
	}
	return fmt.Sprintf("%s is not among the languages of the charter, %s: %s may not be able to read it",
		plain.Line(v.Language), strings.Join(agreed, " and "), s.name())
}

// proof waits for the other side's proof that it holds a message, if asked to.
func (a *approver) proof(ctx context.Context, s *speaker, name string) error {
	if a.wait <= 0 {
		return nil
	}
	err := s.until(ctx, a.wait, func(ctx context.Context) (bool, error) {
		v, err := s.named(ctx, name)
		return v.Receipted, err
	})
	if errors.Is(err, errWaited) {
		return hinted{
			fmt.Errorf("%s has not proved within %s that it holds %s", s.name(), a.wait, name),
			"it is repeated until there is a proof: parley show " + name,
		}
	}
	if err == nil {
		a.m.say("%s proved to hold it.", s.name())
	}
	return err
}

// short is the beginning of a draft's id, which is enough to name it.
func short(id string) string { return id[:min(8, len(id))] }
