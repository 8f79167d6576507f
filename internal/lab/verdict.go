package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley"
	"parley/audit"
	"parley/internal/api"
	"parley/internal/demo"
)

// sameLimit is how long two stations at rest may take until they export the
// same logs: the last checkpoints are on their way.
const sameLimit = time.Minute

// expect checks what a script expects now.
func (l *Lab) expect(ctx context.Context, c Command) error {
	i := index(c.Party)
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrExpected, fmt.Sprintf(format, args...))
	}
	switch c.Verb {
	case "expect refused":
		m, err := l.Sides[i].Release(ctx, demo.Text{Language: language, Body: c.Body}, c.Precedence)
		if err == nil {
			l.ledger.Said(i, m)
			return wrong("%s said it, as number %d", c.Party, m.Number)
		}
		if !full(err) {
			return err
		}
	case "expect waiting":
		if l.ledger.Waiting(i) == 0 {
			return wrong("everything that %s said is proved", c.Party)
		}
	case "expect proved":
		if a, b := l.ledger.Waiting(0), l.ledger.Waiting(1); a+b > 0 {
			return wrong("%d messages of north and %d of south are not proved", a, b)
		}
	case "expect held":
		theirs, err := l.Sides[1-i].Messages(ctx, api.List{Theirs: true})
		if err != nil {
			return err
		}
		if n := len(theirs) - l.heldBefore[1-i]; n != c.Times {
			return wrong("%s holds %d of %s", parties[1-i], n, c.Party)
		}
	case "expect bounded":
		return l.bounded(ctx, i, c)
	case "expect same":
		_, err := l.Same(ctx)
		return err
	}
	return nil
}

// full reports whether a station refused for want of room on its disk.
func full(err error) bool {
	var answer *api.Error
	return errors.As(err, &answer) && answer.Code == api.CodeFull
}

// Same checks that everything said is held by the other side, once, in order
// and as it was said, that both transcripts verify with the roster alone, and
// that both hold the same two logs. Everything must have been proved before.
func (l *Lab) Same(ctx context.Context) (r demo.Result, err error) {
	if err := l.refresh(ctx); err != nil {
		return r, err
	}
	var lists [2][2][]api.Message // of each side: its own, and the other's
	for i, side := range l.Sides {
		if lists[i][0], err = side.Messages(ctx, api.List{Mine: true}); err != nil {
			return r, err
		}
		if lists[i][1], err = side.Messages(ctx, api.List{Theirs: true}); err != nil {
			return r, err
		}
	}
	for i := range l.Sides {
		demo.Account(&r, l.inOrder(i), lists[i][0], lists[1-i][1])
	}
	var differ error
	err = demo.Until(ctx, sameLimit, "both transcripts to hold the same logs", func(ctx context.Context) (bool, error) {
		var reports [2]*audit.Report
		for i, side := range l.Sides {
			if _, reports[i], err = side.Export(ctx, l.Roster); err != nil {
				return false, err
			}
			if reports[i].Wrong != nil {
				return false, fmt.Errorf("transcript of %s: %w", side.Party, reports[i].Wrong)
			}
		}
		differ = l.compare(reports)
		return differ == nil, nil
	})
	if err != nil {
		return r, errors.Join(err, differ)
	}
	if r.Transcripts = 2; r.Sent > 0 && !r.Good() {
		return r, fmt.Errorf("%w: %d said, %d receipted, %d lost, %d more than once, %d out of order",
			ErrExpected, r.Sent, r.Receipted, r.Lost, r.Duplicated, r.Misordered)
	}
	return r, nil
}

// compare compares what two transcripts prove.
func (l *Lab) compare(reports [2]*audit.Report) error {
	var all []error
	for i, p := range parties {
		a, b := logOf(reports[0], p), logOf(reports[1], p)
		if a.Size != b.Size || a.Root != b.Root || a.Entries != b.Entries {
			all = append(all, fmt.Errorf("%w: the log of %s has %d entries and root %x at north, %d and %x at south",
				ErrExpected, p, a.Size, a.Root, b.Size, b.Root))
		}
		if want := l.ledger.Count(i); len(a.Believed) != want || len(b.Believed) != want {
			all = append(all, fmt.Errorf("%w: %s said %d messages; its log proves %d at north and %d at south",
				ErrExpected, p, want, len(a.Believed), len(b.Believed)))
		}
	}
	return errors.Join(all...)
}

// logOf returns what a report says of a party's log.
func logOf(r *audit.Report, p parley.Party) audit.Log {
	if r.Logs[0].Party == p {
		return r.Logs[0]
	}
	return r.Logs[1]
}
