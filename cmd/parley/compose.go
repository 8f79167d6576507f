package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"parley"
	"parley/internal/api"
)

// composer is a text as it is given on the command line.
type composer struct {
	m          *Main
	from       string
	to         []string
	precedence string
	exercise   bool
	about      []string
	expires    string
	language   string
}

func (m *Main) composer(flags *pflag.FlagSet) *composer {
	c := &composer{m: m}
	flags.StringVar(&c.from, "from", "", "the desk that speaks, as in north/duty; may be left out when the officer, or the party, has one")
	flags.StringSliceVar(&c.to, "to", nil, "a desk of the other side, as in south/duty; may be given several times (required)")
	flags.StringVar(&c.precedence, "precedence", "routine", "flash, immediate, priority or routine")
	flags.BoolVar(&c.exercise, "exercise", false, "mark it as exercise traffic, for good")
	flags.StringSliceVar(&c.about, "about", nil, "a message that it refers to, as in south/17; may be given several times")
	flags.StringVar(&c.expires, "expires", "", "when it is of no use any more: a time (2026-11-28T12:00Z) or a span from now (2h)")
	flags.StringVar(&c.language, "language", "", "the language of the text (default: the party's)")
	return c
}

// request returns the draft that is asked for; officer may be "".
func (c *composer) request(s *speaker, officer string, args []string) (api.DraftRequest, error) {
	r := api.DraftRequest{
		To: c.to, Precedence: c.precedence, Exercise: c.exercise, References: c.about, Language: c.language,
	}
	if len(c.to) == 0 {
		return r, usageError{errors.New("--to is missing: which desk of the other side shall have it?")}
	}
	if _, err := parley.ParsePrecedence(c.precedence); err != nil {
		return r, usageError{err}
	}
	var err error
	if r.From, err = s.desk(c.from, officer); err != nil {
		return r, err
	}
	if r.Language == "" {
		r.Language = s.home.Config().Language
	}
	if c.expires != "" {
		at, err := c.m.parseTime(c.expires)
		if err != nil {
			return r, fmt.Errorf("--expires: %w", err)
		}
		r.Expires = uint64(parley.TimeOf(at))
	}
	r.Body, err = c.m.body(args)
	return r, err
}

// desk returns the desk that speaks: the one given, or the only one that the
// officer, or else the party, has.
func (s *speaker) desk(given, officer string) (string, error) {
	if given != "" {
		if _, err := parley.ParseDesk(given); err != nil {
			return "", usageError{err}
		}
		return given, nil
	}
	self, _ := s.line.Roster.Side(s.home.Party())
	desks := self.Desks
	for _, o := range s.home.Config().Officers { // who joined the line later as well
		if o.Name == officer {
			desks = desks[:0:0]
			for _, d := range full(s.home, o.Desks) {
				desks = append(desks, parley.Desk(d))
			}
		}
	}
	if len(desks) == 1 {
		return string(desks[0]), nil
	}
	names := make([]string, len(desks))
	for i, d := range desks {
		names[i] = string(d)
	}
	return "", usageError{fmt.Errorf("--from is missing: which desk speaks, %s?", strings.Join(names, " or "))}
}

// bodyLimit is more than a text may have: the station refuses what is too long.
const bodyLimit = 64 << 10

// body reads a text from the file named, or from standard input. A final line
// break is not part of it.
func (m *Main) body(args []string) (string, error) {
	from := m.Stdin
	if len(args) > 0 && args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return "", err
		}
		defer f.Close()
		from = f
	}
	b, err := io.ReadAll(io.LimitReader(from, bodyLimit))
	return strings.TrimSuffix(string(b), "\n"), err
}

// parseTime reads a time, or a span from now.
func (m *Main) parseTime(s string) (time.Time, error) {
	if d, err := time.ParseDuration(s); err == nil {
		return m.Now().Add(d), nil
	}
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339, "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("%q is no time: write it with its offset, as in 2026-11-28T12:00Z, or a span such as 2h", s)}
}
