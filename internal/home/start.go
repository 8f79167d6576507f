package home

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/station"
)

// ErrRestored is returned by Serve when the journal, or the counter of starts
// beside it, is not the one that the last start left: restored from a backup,
// copied, or gone. What this party signed since may not be in the journal, so
// signing in the same logs could contradict it.
var ErrRestored = errors.New("the journal and its counter of starts do not fit")

// start counts this start, in the journal and outside of it, and so finds out
// a journal that was rolled back, or a counter that was, before anything is
// signed (DESIGN.md §4).
//
// With restored, such a pair is accepted. If a line was served with what is lost, the
// journal says from then on that it was restored, and nothing is signed on a line before
// its other side has said how far the log goes (spec/GENERATION.md §5).
func (h *Home) start(ctx context.Context, j *journal.Journal, lines []LineState, restored bool) error {
	counter := keyring.Counter(h.keys())
	outside, err := counter.Load()
	if err != nil {
		return err
	}
	inside, _, err := j.Starts()
	if err != nil {
		return err
	}
	// A crash between the two counts leaves the journal one ahead.
	same := inside == outside || inside == outside+1
	served, err := servedBefore(j, lines, outside)
	switch {
	case err != nil:
		return err
	case same && restored:
		return errors.New("the journal is the one that the last start left: start without --restored")
	case !same && !restored:
		advice := "every line was agreed since: if what is missing is not to be had, start with --restored"
		if served != "" {
			advice = fmt.Sprintf("the line with %s was served before: put the newer one back, or, if it is lost for good, start with --restored", served)
		}
		return fmt.Errorf("%w: the journal counts %d and keys/starts counts %d: %s", ErrRestored, inside, outside, advice)
	}
	for same && outside < inside {
		if outside, err = counter.Advance(); err != nil {
			return err
		}
	}
	next := max(inside, outside) + 1
	// Urgent: on a full disk a station must start, or no Flash would pass.
	err = j.CommitUrgent(ctx, func(tx *journal.Tx) error {
		if same {
			return tx.Started(next)
		}
		// Before the counter is advanced: a crash leaves what was restored marked so, or
		// refused as before.
		if served != "" {
			if err := station.MarkRestored(tx); err != nil {
				return err
			}
		}
		_, err := tx.NewGeneration(next)
		return err
	})
	for err == nil && outside < next {
		outside, err = counter.Advance()
	}
	return err
}

// servedBefore returns the name of a line that was served with a journal that does not
// fit its counter: it has a log in it, or was agreed before the last start that was
// counted outside. "": every line was agreed anew since.
func servedBefore(j *journal.Journal, lines []LineState, outside uint64) (string, error) {
	for _, l := range lines {
		logs, err := j.Logs(l.Roster.Line)
		if err != nil {
			return "", err
		}
		if l.starts < outside || len(logs) > 0 {
			return l.Name, nil
		}
	}
	return "", nil
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
