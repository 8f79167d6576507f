package api

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

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

func (v *Server) messages(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	f := station.Filter{Mine: q.Has("mine"), Theirs: q.Has("theirs"), Newest: q.Has("newest")}
	if f.After, err = number(q.Get("after")); err != nil {
		return nil, err
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

func (v *Server) message(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
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

// DraftRequest is a text to be released. Times are in milliseconds since 1970.
type DraftRequest struct {
	From       string   `json:"from"`
	To         []string `json:"to"`
	Precedence string   `json:"precedence"`
	Exercise   bool     `json:"exercise,omitempty"`
	References []string `json:"references,omitempty"` // names, as in "south/17"
	Expires    uint64   `json:"expires,omitempty"`
	Language   string   `json:"language"`
	Body       string   `json:"body,omitempty"`
	Answer     string   `json:"answer,omitempty"` // makes it an acknowledgement
	By         uint64   `json:"by,omitempty"`
}

func (d DraftRequest) content(l *station.Line) (wire.Content, error) {
	c := wire.Content{
		From: parley.Desk(d.From), Status: parley.Real, Kind: parley.Text,
		Expires: parley.Time(d.Expires), Language: d.Language, Body: d.Body, By: parley.Time(d.By),
	}
	var err error
	if c.Precedence, err = parley.ParsePrecedence(d.Precedence); err != nil {
		return c, err
	}
	if d.Exercise {
		c.Status = parley.Exercise
	}
	if d.Answer != "" {
		c.Kind = parley.Acknowledgement
		if c.Answer, err = parley.ParseAnswer(d.Answer); err != nil {
			return c, err
		}
	}
	for _, to := range d.To {
		desk, err := parley.ParseDesk(to)
		if err != nil {
			return c, err
		}
		c.To = append(c.To, desk)
	}
	for _, name := range d.References {
		ref, err := l.Named(name)
		if err != nil {
			return c, err
		}
		c.References = append(c.References, ref)
	}
	return c, nil
}

func (v *Server) draft(w http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	var req DraftRequest
	if err := read(w, r, &req); err != nil {
		return nil, err
	}
	c, err := req.content(l)
	if err != nil {
		return nil, err
	}
	d, err := l.Draft(r.Context(), c)
	if err != nil {
		return nil, err
	}
	return draftOf(l, d)
}

func (v *Server) drafts(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	got, err := l.Drafts()
	if err != nil {
		return nil, err
	}
	out := make([]Draft, 0, len(got))
	for _, d := range got {
		one, err := draftOf(l, d)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

var errBadID = fmt.Errorf("%w: a draft's id is 32 hexadecimal digits", errRequest)

func draftID(s string) (parley.DraftID, error) {
	var id parley.DraftID
	if len(s) != 2*len(id) {
		return id, errBadID
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return id, errBadID
	}
	return id, nil
}

func (v *Server) oneDraft(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	id, err := draftID(r.PathValue("draft"))
	if err != nil {
		return nil, err
	}
	d, err := l.DraftOf(id)
	if err != nil {
		return nil, err
	}
	return draftOf(l, d)
}

func (v *Server) withdraw(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	id, err := draftID(r.PathValue("draft"))
	if err != nil {
		return nil, err
	}
	return done{true}, l.Withdraw(r.Context(), id)
}

// Approval is one officer's signature over a draft's content.
type Approval struct {
	Key       string `json:"key"`       // hexadecimal
	Signature string `json:"signature"` // base64
}

// Approved is a draft after an approval, and its name once it is released.
type Approved struct {
	Draft    Draft  `json:"draft"`
	Released string `json:"released,omitempty"` // as in "north/3"
}

func (v *Server) approve(w http.ResponseWriter, r *http.Request) (any, error) {
	l, err := v.line(r)
	if err != nil {
		return nil, err
	}
	id, err := draftID(r.PathValue("draft"))
	if err != nil {
		return nil, err
	}
	var req Approval
	if err := read(w, r, &req); err != nil {
		return nil, err
	}
	sig, err := req.signature()
	if err != nil {
		return nil, err
	}
	d, ref, err := l.Approve(r.Context(), id, sig)
	if err != nil {
		return nil, err
	}
	var out Approved
	if out.Draft, err = draftOf(l, d); err != nil {
		return nil, err
	}
	if ref != nil {
		out.Released = l.NameOf(*ref)
	}
	return out, nil
}

func (a Approval) signature() (wire.Signature, error) {
	var s wire.Signature
	key, err := hex.DecodeString(a.Key)
	if err != nil || len(key) != len(s.Key) {
		return s, fmt.Errorf("%w: the key id is not 16 hexadecimal digits", errRequest)
	}
	sig, err := base64.StdEncoding.DecodeString(a.Signature)
	if err != nil || len(sig) != len(s.Sig) {
		return s, fmt.Errorf("%w: the signature is not 64 bytes in base64", errRequest)
	}
	return wire.Signature{Key: parley.KeyID(key), Sig: [64]byte(sig)}, nil
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
