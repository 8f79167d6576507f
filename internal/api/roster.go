package api

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"time"

	"parley"
	"parley/internal/station"
	"parley/roster"
	"parley/wire"
)

// ChangeRequest is a change of this side of the roster, to be drafted
// (spec/CHANGE.md). From, To and Language may be left out.
type ChangeRequest struct {
	Leave       []string           `json:"leave,omitempty"` // names or key ids of officers
	Join        []Joining          `json:"join,omitempty"`
	Roll        []string           `json:"roll,omitempty"` // roles of which the station makes a new key: "hop", "station", "receipt", "log"
	Root        string             `json:"root,omitempty"` // base64: the root key that signs this side's next card
	Compromised []CompromiseNotice `json:"compromised,omitempty"`
	From        string             `json:"from,omitempty"`
	To          []string           `json:"to,omitempty"`
	Precedence  string             `json:"precedence"`
	Language    string             `json:"language,omitempty"`
}

// Joining is an officer who joins.
type Joining struct {
	Name  string   `json:"name"`
	Key   string   `json:"key"` // base64
	Desks []string `json:"desks"`
}

// CompromiseNotice is a key that somebody else may have used.
type CompromiseNotice struct {
	Officer string `json:"officer,omitempty"` // name or key id
	Role    string `json:"role,omitempty"`    // or a role that is rolled with it: "hop", "station", "receipt", "log", "root"
	Since   uint64 `json:"since"`             // number of an entry of this side
}

// Roster is the roster of a line as it is now, and how it came to be.
type Roster struct {
	Line  string       `json:"line"`
	Sides []RosterSide `json:"sides"`
}

// Side returns the side of a party.
func (r Roster) Side(party string) (RosterSide, error) {
	for _, s := range r.Sides {
		if s.Party == party {
			return s, nil
		}
	}
	return RosterSide{}, fmt.Errorf("the station's roster of line %s has no side of %s", r.Line, party)
}

// RosterSide is one side of the roster now.
type RosterSide struct {
	Party    string      `json:"party"`
	Changes  int         `json:"changes"` // since the line was agreed
	Hash     string      `json:"hash"`
	Words    string      `json:"words"`
	Officers []Joining   `json:"officers"`
	Keys     []RosterKey `json:"keys"`

	Generations []Generation `json:"generations"` // of its log
}

// MessageName names entry n of the side's log for people, by the generation that has
// it, or will have it (spec/GENERATION.md §1).
func (s RosterSide) MessageName(n uint64) string {
	which := 1
	for i, g := range s.Generations {
		if n >= g.From {
			which = i + 1
		}
	}
	return parley.MessageName(parley.Party(s.Party), which, n)
}

// Generation is the part of a log that is written under one name
// (spec/GENERATION.md §1).
type Generation struct {
	Log     string     `json:"log"`
	From    uint64     `json:"from"`              // its first entry
	Renewed *time.Time `json:"renewed,omitempty"` // when its party asked for it; none in the first
	Key     string     `json:"key"`               // the id of the log key that signs it
}

// RosterKey is a key of a side and when it was valid, in entries of its log: From is 0
// for a log key that is on record and signs nothing yet.
type RosterKey struct {
	Role  string `json:"role"`
	Name  string `json:"name,omitempty"`
	ID    string `json:"id"`
	Key   string `json:"key"`
	From  uint64 `json:"from"`
	To    uint64 `json:"to,omitempty"`    // where it ended
	Seen  uint64 `json:"seen,omitempty"`  // then: up to this entry of the other side a station or receipt key counts
	Doubt uint64 `json:"doubt,omitempty"` // from this entry on, because it was compromised
}

func (c ChangeRequest) change(l *station.Line) (out roster.Change, err error) {
	for _, name := range c.Leave {
		k, err := l.OfficerOf(name)
		if err != nil {
			return out, err
		}
		out.Leave = append(out.Leave, roster.Leave{Key: k.KeyID(), Name: k.Name})
	}
	for _, j := range c.Join {
		key, err := base64.StdEncoding.DecodeString(j.Key)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return out, fmt.Errorf("%w: the key of %q is not 32 bytes in base64", errRequest, j.Name)
		}
		o := roster.Officer{Name: j.Name, Key: key}
		if o.Desks, err = desks(j.Desks); err != nil {
			return out, err
		}
		out.Join = append(out.Join, o)
	}
	now, _ := l.History().Now(l.Self().Party)
	for _, t := range c.Compromised {
		if key := now.Key(roster.Role(t.Role)); key != nil && t.Officer == "" {
			role := roster.Role(t.Role)
			out.Thefts = append(out.Thefts, roster.Compromise{Role: role, Key: roster.KeyID(role, key), Since: t.Since})
			continue
		}
		k, err := l.OfficerOf(t.Officer)
		if err != nil {
			return out, err
		}
		out.Thefts = append(out.Thefts, roster.Compromise{Role: roster.RoleOfficer, Key: k.KeyID(), Since: t.Since, Name: k.Name})
	}
	return out, nil
}

func desks(names []string) (out []parley.Desk, err error) {
	for _, n := range names {
		d, err := parley.ParseDesk(n)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// rolled are the roles of which a station may make a new key.
var rolled = [...]roster.Role{roster.RoleHop, roster.RoleStation, roster.RoleReceipt, roster.RoleLog}

// errNoMaker is returned where the station cannot make keys.
var errNoMaker = fmt.Errorf("%w: this station makes hop, station, receipt and log keys only, if any", errRequest)

func (v *Server) draftChange(l *station.Line, w http.ResponseWriter, r *http.Request) (any, error) {
	var req ChangeRequest
	if err := read(w, r, &req); err != nil {
		return nil, err
	}
	change, err := req.change(l)
	if err != nil {
		return nil, err
	}
	for _, role := range req.Roll {
		made := roster.Role(role)
		if !slices.Contains(rolled[:], made) || v.keys == nil {
			return nil, errNoMaker
		}
		key, err := v.keys(l, made)
		if err != nil {
			return nil, err
		}
		change.Keys = append(change.Keys, roster.NewKey{Role: made, Key: key})
	}
	if req.Root != "" {
		key, err := base64.StdEncoding.DecodeString(req.Root)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("%w: the root key is not 32 bytes in base64", errRequest)
		}
		change.Keys = append(change.Keys, roster.NewKey{Role: roster.RoleRoot, Key: key})
	}
	c := wire.Content{From: parley.Desk(req.From), Language: req.Language}
	if c.Precedence, err = parley.ParsePrecedence(req.Precedence); err != nil {
		return nil, err
	}
	if c.To, err = desks(req.To); err != nil {
		return nil, err
	}
	d, err := l.DraftChange(r.Context(), change, c)
	if err != nil {
		return nil, err
	}
	return draftOf(l, d)
}

func rosterNow(l *station.Line, _ http.ResponseWriter, _ *http.Request) (any, error) {
	h := l.History()
	out := Roster{Line: l.ID().String()}
	for _, agreed := range h.Agreed().Sides {
		now, _ := h.Now(agreed.Party)
		side := RosterSide{
			Party: string(now.Party), Changes: len(h.Versions(now.Party)) - 1, Hash: now.Hash().String(), Words: now.Words(),
			Officers: []Joining{}, Keys: []RosterKey{},
		}
		for _, o := range now.Officers {
			j := Joining{Name: o.Name, Key: base64.StdEncoding.EncodeToString(o.Key)}
			for _, d := range o.Desks {
				j.Desks = append(j.Desks, string(d))
			}
			side.Officers = append(side.Officers, j)
		}
		for _, k := range h.Keys(now.Party) {
			side.Keys = append(side.Keys, RosterKey{
				Role: string(k.Role), Name: k.Name, ID: k.KeyID().String(), Key: base64.StdEncoding.EncodeToString(k.Key),
				From: k.From, To: k.To, Seen: k.Seen, Doubt: k.Doubt,
			})
		}
		for _, g := range h.Generations(now.Party) {
			side.Generations = append(side.Generations, Generation{
				Log: g.Log.String(), From: g.From, Renewed: optional(g.Renewed), Key: roster.KeyID(roster.RoleLog, g.Key).String(),
			})
		}
		out.Sides = append(out.Sides, side)
	}
	return out, nil
}
