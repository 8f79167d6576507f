package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/console"
	"parley/internal/plain"
)

func (m *Main) inbox() *cobra.Command {
	var mine, all bool
	var limit int
	var wait time.Duration
	c := &cobra.Command{
		Use:   "inbox",
		Short: "List what the other side sent",
		Long: `Lists the newest messages of the other side, the newest last. A receipt is a
machine's; only a person's acknowledgement is an answer. A Flash that nobody has
answered stands on top, however many others came since, and beside --limit.

` + stands,
		Example: examples("parley inbox", "parley inbox --all --limit 50", "parley inbox --wait 10m"),
		Args:    takes(0, 0),
	}
	c.Flags().BoolVar(&mine, "mine", false, "list what this side sent instead")
	c.Flags().BoolVar(&all, "all", false, "list both")
	c.Flags().IntVar(&limit, "limit", 20, "how many at most, 1 to 1000")
	c.Flags().DurationVar(&wait, "wait", 0, "if there is nothing, wait up to this long for the first")
	asJSON := jsonFlag(c)
	return m.onLine(c, func(ctx context.Context, s *speaker, _ []string) error {
		if limit < 1 || limit > openLimit {
			return usageError{fmt.Errorf("--limit is %d: use 1 to %d", limit, openLimit)}
		}
		shown, answered, err := s.inbox(ctx, wait, limit, func(v api.Message) bool { return all || v.Mine == mine })
		if err != nil {
			return err
		}
		if *asJSON {
			return m.json(shown)
		}
		if len(shown) == 0 {
			m.say("Nothing yet on the line with %s.", s.name())
			return nil
		}
		t := table{head: []string{"message", "here since", "precedence", "status", "from", "stands", "text"}}
		for _, v := range shown {
			t.add(v.Name, clock(v.Received), dash(v.Precedence), status(v), v.From, standing(v, answered), excerpt(v))
		}
		m.print(t)
		return nil
	})
}

// inbox returns the newest messages that are wanted, before them each Flash that
// nobody answered, and all answers; if there
// are none it waits for the first.
func (s *speaker) inbox(ctx context.Context, wait time.Duration, limit int, wanted func(api.Message) bool) ([]api.Message, map[string]api.Message, error) {
	shown := []api.Message{}
	var answered map[string]api.Message
	look := func(ctx context.Context) (bool, error) {
		all, _, err := s.recent(ctx)
		if err != nil {
			return false, err
		}
		answered = console.Answers(all)
		var flash []api.Message
		for _, v := range all {
			switch {
			case !wanted(v):
			case console.OpenFlash(v, answered):
				flash = append(flash, v)
			default:
				shown = append(shown, v)
			}
		}
		shown = append(flash, shown[max(0, len(shown)-limit):]...)
		return len(shown) > 0, nil
	}
	if wait <= 0 {
		_, err := look(ctx)
		return shown, answered, err
	}
	err := s.until(ctx, wait, look)
	if errors.Is(err, errWaited) {
		err = fmt.Errorf("nothing came on the line with %s within %s", s.name(), wait)
	}
	return shown, answered, err
}

// excerpt is the text of a message in a column.
func excerpt(v api.Message) string {
	switch {
	case !v.Believed:
		return "NOT BELIEVED: " + plain.Line(v.Refusal)
	case v.Answer != "" && v.Body == "":
		return strings.ToUpper(v.Answer) + " to " + strings.Join(v.References, " ")
	case v.Answer != "":
		return strings.ToUpper(v.Answer) + " to " + strings.Join(v.References, " ") + ": " + plain.Excerpt(v.Body, 40)
	}
	if console.Changes(v) {
		return plain.Line(console.Brief(v)) // whole: it ends with what is to be compared
	}
	return plain.Excerpt(v.Body, 50)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
