package api

import (
	"fmt"
	"net/http"
)

func (v *Server) lines(http.ResponseWriter, *http.Request) (any, error) {
	out := []Line{}
	for _, l := range v.station.Lines() {
		out = append(out, lineOf(l))
	}
	return out, nil
}

func (v *Server) status(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	s, err := l.Status(r.Context())
	if err != nil {
		return nil, err
	}
	return statusOf(l, s), nil
}

// done is the answer of a verb that has nothing else to say.
type done struct {
	Done bool `json:"done"`
}

func (v *Server) check(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	return done{true}, l.CheckNow(r.Context())
}

func (v *Server) channel(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	switch r.PathValue("verb") {
	case "disable":
		err = l.Disable(r.PathValue("channel"))
	case "enable":
		err = l.Enable(r.PathValue("channel"))
	default:
		err = fmt.Errorf("%w: a channel can be disabled or enabled", errRequest)
	}
	return done{true}, err
}

func (v *Server) transcript(w http.ResponseWriter, r *http.Request) {
	l, err := v.line(r)
	if err != nil {
		refuse(w, err)
		return
	}
	file, err := l.Export()
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	// The client checks the counted END: a cut answer is no transcript.
	_, _ = w.Write(file)
}
