package api

import (
	"fmt"
	"net/http"
	"strconv"

	"parley"
	"parley/internal/station"
)

func messages(l *station.Line, _ http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	f := station.Filter{Mine: q.Has("mine"), Theirs: q.Has("theirs"), Newest: q.Has("newest")}
	var err error
	if f.After, err = number(q.Get("after")); err != nil {
		return nil, err
	}
	if p := q.Get("precedence"); p != "" {
		if f.Precedence, err = parley.ParsePrecedence(p); err != nil {
			return nil, err
		}
	}
	limit, err := number(q.Get("limit"))
	if err != nil {
		return nil, err
	}
	f.Limit = int(min(limit, messagesLimit))
	got, err := l.Messages(f)
	if err != nil {
		return nil, err
	}
	out := make([]Message, 0, len(got))
	for _, m := range got {
		out = append(out, messageOf(l, m))
	}
	return out, nil
}

// messagesLimit bounds what one request lists; After asks for more.
const messagesLimit = 1000

func number(s string) (uint64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a number", errRequest, s)
	}
	return n, nil
}

func message(l *station.Line, _ http.ResponseWriter, r *http.Request) (any, error) {
	ref, err := l.Named(r.PathValue("party") + "/" + r.PathValue("number"))
	if err != nil {
		return nil, err
	}
	m, err := l.Message(r.Context(), ref)
	if err != nil {
		return nil, err
	}
	return messageOf(l, m), nil
}
