package api

import (
	"fmt"
	"net/http"

	"parley"
	"parley/internal/station"
	"parley/wire"
)

func (v *Server) lines(http.ResponseWriter, *http.Request) (any, error) {
	out := []Line{}
	for _, l := range v.station.Lines() {
		out = append(out, lineOf(l))
	}
	return out, nil
}

func (v *Server) status(l *station.Line, _ http.ResponseWriter, r *http.Request) (any, error) {
	s, err := l.Status(r.Context())
	if err != nil {
		return nil, err
	}
	out := statusOf(l, s)
	if l.Deniable() {
		return out, nil
	}
	out.Key = l.OwnLogKey().String()
	if v.asked != nil {
		for _, w := range v.asked(l) {
			out.Witnesses = append(out.Witnesses, witnessOf(w))
		}
	}
	return out, nil
}

// done is the answer of a verb that has nothing else to say.
type done struct {
	Done bool `json:"done"`
}

func check(l *station.Line, _ http.ResponseWriter, r *http.Request) (any, error) {
	return done{true}, l.CheckNow(r.Context())
}

func channel(l *station.Line, _ http.ResponseWriter, r *http.Request) (any, error) {
	switch r.PathValue("verb") {
	case "disable":
		return done{true}, l.Disable(r.PathValue("channel"))
	case "enable":
		return done{true}, l.Enable(r.PathValue("channel"))
	}
	return nil, fmt.Errorf("%w: a channel can be disabled or enabled", errRequest)
}

// Fork is what is kept of a party that contradicted its own log; see station.Fork.
// Whoever has the roster checks Text. InDoubt is what the station knows besides.
type Fork struct {
	Party string `json:"party"` // whose log
	Text  string `json:"text"`

	InDoubt string `json:"in_doubt,omitempty"` // the log key was told as compromised
}

func forks(l *station.Line, _ http.ResponseWriter, r *http.Request) (any, error) {
	kept, err := l.Forks()
	if err != nil {
		return nil, err
	}
	out := make([]Fork, 0, len(kept))
	for _, f := range kept {
		out = append(out, Fork{string(f.Party), string(f.Text), f.InDoubt})
	}
	return out, nil
}

// DecisionRequest drafts the decision about a log that is not receipted any more;
// see station.Line.DraftDecision.
type DecisionRequest struct {
	From string `json:"from"` // the desk that speaks
}

func decide(l *station.Line, w http.ResponseWriter, r *http.Request) (any, error) {
	var req DecisionRequest
	if err := read(w, r, &req); err != nil {
		return nil, err
	}
	d, err := l.DraftDecision(r.Context(), wire.Content{From: parley.Desk(req.From)})
	if err != nil {
		return nil, err
	}
	return draftOf(l, d)
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
