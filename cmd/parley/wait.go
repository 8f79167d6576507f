package main

import (
	"context"
	"errors"
	"time"

	"parley"
	"parley/internal/api"
)

// errWaited is returned when what was waited for did not happen in time.
var errWaited = errors.New("it did not happen in time")

// until looks at once and after each piece of news, until look is satisfied,
// fails, or limit is over.
func (s *speaker) until(ctx context.Context, limit time.Duration, look func(context.Context) (bool, error)) error {
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := errors.New("seen")
	check := func(api.Event) error {
		ok, err := look(waiting)
		if err == nil && ok {
			err = done
		}
		return err
	}
	err := s.Events(waiting, func() error { return check(api.Event{}) }, check)
	switch {
	case errors.Is(err, done):
		return nil
	case waiting.Err() != nil && ctx.Err() == nil:
		return errWaited
	}
	return err
}

// parseName takes a name such as "south/17" apart.
func parseName(s string) (party string, n uint64, err error) {
	p, _, n, err := parley.ParseMessageName(s)
	if err != nil {
		return "", 0, usageError{err}
	}
	return string(p), n, nil
}

// named returns the message of a name such as "south/17".
func (s *speaker) named(ctx context.Context, name string) (api.Message, error) {
	if _, _, err := parseName(name); err != nil {
		return api.Message{}, err
	}
	return s.Message(ctx, s.name(), name)
}

// lineOfName returns the line that a message is on: the one named, or the one
// with the party whose message it is.
func (m *Main) lineOfName(line, name string) (string, error) {
	party, _, err := parseName(name)
	if err != nil || line != "" {
		return line, err
	}
	h, err := m.open()
	if err != nil {
		return "", err
	}
	if party == string(h.Party()) {
		return onlyLine(h)
	}
	return party, nil
}

// missing reports whether err says that there is no such thing here.
func missing(err error) bool {
	var answer *api.Error
	return errors.As(err, &answer) && answer.Code == api.CodeMissing
}
