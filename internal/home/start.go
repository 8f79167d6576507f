package home

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"parley/internal/journal"
	"parley/internal/keyring"
)

// ErrRestored is returned by Serve when the journal is older than the one that
// the last start left: restored from a backup, copied, or gone. What this party
// signed since is not in it, so signing in the same logs could contradict it.
var ErrRestored = errors.New("the journal is not the one that the last start left")

// start counts this start, in the journal and outside of it, and so finds out
// a journal that was rolled back before anything is signed (DESIGN.md §4).
//
// With restored, a journal that was rolled back is accepted if no line was
// served with the lost one: the lines were agreed anew since.
func (h *Home) start(ctx context.Context, j *journal.Journal, lines []LineState, restored bool) error {
	counter := keyring.Counter(h.keys())
	n, err := counter.Load()
	if err != nil {
		return err
	}
	err = j.Commit(ctx, func(tx *journal.Tx) error { return tx.Started(n + 1) })
	var rolled journal.ErrRolledBack
	if errors.As(err, &rolled) {
		if err = h.renew(ctx, j, lines, n, restored); err != nil {
			return fmt.Errorf("%w: it holds start %d of %d: %w", ErrRestored, rolled.Have, rolled.Want, err)
		}
	} else if err == nil && restored {
		return errors.New("the journal is the one that the last start left: start without --restored")
	}
	if err != nil {
		return err
	}
	_, err = counter.Advance()
	return err
}

// renew accepts a journal that was rolled back at start n.
func (h *Home) renew(ctx context.Context, j *journal.Journal, lines []LineState, n uint64, restored bool) error {
	for _, l := range lines {
		if l.starts < n {
			return fmt.Errorf("the line with %s was served before: put the newer journal back or agree on that line anew", l.Name)
		}
	}
	if !restored {
		return errors.New("every line was agreed since: if the lost journal is not to be had, start with --restored")
	}
	return j.Commit(ctx, func(tx *journal.Tx) error {
		_, err := tx.NewGeneration(n + 1)
		return err
	})
}

// confirmedText is what a confirmation leaves: which roster a person confirmed,
// and how often the station had been started by then.
func confirmedText(s LineState, starts uint64, at string) []byte {
	return fmt.Appendf(nil, "line %s\nwords %s\nstarts %d\nconfirmed %s\n", s.Roster.Line, s.Roster.Words(), starts, at)
}

// parseConfirmed reads what confirmedText writes, for the roster of s.
func parseConfirmed(s LineState, text []byte) (starts uint64, ok bool) {
	lines := strings.Split(string(text), "\n")
	if len(lines) != 5 {
		return 0, false
	}
	number, _ := strings.CutPrefix(lines[2], "starts ")
	at, _ := strings.CutPrefix(lines[3], "confirmed ")
	starts, err := strconv.ParseUint(number, 10, 64)
	return starts, err == nil && string(confirmedText(s, starts, at)) == string(text)
}
