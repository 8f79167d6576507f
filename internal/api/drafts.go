package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"

	"parley"
	"parley/deniable"
	"parley/internal/station"
	"parley/wire"
)

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

func draft(l *station.Line, w http.ResponseWriter, r *http.Request) (any, error) {
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

func drafts(l *station.Line, _ http.ResponseWriter, r *http.Request) (any, error) {
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

func oneDraft(l *station.Line, id parley.DraftID, _ http.ResponseWriter, r *http.Request) (any, error) {
	d, err := l.DraftOf(id)
	if err != nil {
		return nil, err
	}
	return draftOf(l, d)
}

func withdraw(l *station.Line, id parley.DraftID, _ http.ResponseWriter, r *http.Request) (any, error) {
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

func approve(l *station.Line, id parley.DraftID, w http.ResponseWriter, r *http.Request) (any, error) {
	var req Approval
	if err := read(w, r, &req); err != nil {
		return nil, err
	}
	sig, err := req.signature()
	if err != nil {
		return nil, err
	}
	d, ref, err := l.Approve(context.WithoutCancel(r.Context()), id, sig) // its outcome is told, whoever hangs up
	if err != nil {
		return nil, err
	}
	return approvedOf(l, d, ref)
}

// Consent is one officer's consent to a deniable draft (spec/DENIABLE.md §4).
type Consent struct {
	Key       string `json:"key"`       // hexadecimal
	Blind     string `json:"blind"`     // base64; the station forgets it
	Signature string `json:"signature"` // base64
}

func consent(l *station.Line, id parley.DraftID, w http.ResponseWriter, r *http.Request) (any, error) {
	var req Consent
	if err := read(w, r, &req); err != nil {
		return nil, err
	}
	sig, err := Approval{req.Key, req.Signature}.signature()
	if err != nil {
		return nil, err
	}
	c := deniable.Consent{Key: sig.Key, Sig: sig.Sig}
	blind, err := base64.StdEncoding.DecodeString(req.Blind)
	if err != nil || len(blind) != len(c.Blind) {
		return nil, fmt.Errorf("%w: the blind is not 32 bytes in base64", errRequest)
	}
	c.Blind = [32]byte(blind)
	d, ref, err := l.Consent(context.WithoutCancel(r.Context()), id, c) // its outcome is told, whoever hangs up
	if err != nil {
		return nil, err
	}
	return approvedOf(l, d, ref)
}

func approvedOf(l *station.Line, d station.Draft, ref *parley.Ref) (any, error) {
	var out Approved
	var err error
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
