package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parley"
	"parley/roster"
)

// The papers of a line.
const (
	paperInvite    = "invite.txt"
	paperAccept    = "accept.txt"
	paperRoster    = "roster.txt"
	paperConfirmed = "confirmed.txt"
)

func (h *Home) paper(line, name string) string { return filepath.Join(h.dir, "lines", line, name) }

// meet returns the roster that the papers of a line make, with the prekeys that
// stand on both cards.
func (h *Home) meet(line string) (*roster.Roster, error) {
	invite, err := os.ReadFile(h.paper(line, paperInvite))
	if err != nil {
		return nil, err
	}
	accept, err := os.ReadFile(h.paper(line, paperAccept))
	if err != nil {
		return nil, err
	}
	r, err := roster.Confirm(invite, accept)
	if err != nil {
		return nil, fmt.Errorf("the papers of the line with %s: %w", line, err)
	}
	return r, nil
}

// Line returns one line of this party by the other party's name.
func (h *Home) Line(name string) (LineState, error) {
	if agreed, ok := strings.CutSuffix(name, deniableSuffix); ok {
		return h.deniableLine(agreed)
	}
	s := LineState{Name: name, Step: Invited}
	if _, err := parley.ParseParty(name); err != nil {
		return s, err
	}
	text, err := os.ReadFile(h.paper(name, paperRoster))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(h.paper(name, paperInvite)); err != nil {
			return s, fmt.Errorf("%s: %w", name, ErrNoLine)
		}
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if s.Roster, err = roster.ParseRoster(text); err != nil {
		return s, fmt.Errorf("%s: %w", h.paper(name, paperRoster), err)
	}
	s.Step = Compare
	confirmed, err := os.ReadFile(h.paper(name, paperConfirmed))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	starts, ok := parseConfirmed(s, confirmed)
	if !ok {
		return s, fmt.Errorf("%s was confirmed for another roster than the one beside it: compare the words again, then remove %s",
			h.paper(name, paperRoster), h.paper(name, paperConfirmed))
	}
	s.starts = starts
	s.Step = Confirmed
	return s, nil
}

// Lines returns every line of this party, by name.
func (h *Home) Lines() ([]LineState, error) {
	entries, err := os.ReadDir(filepath.Join(h.dir, "lines"))
	if err != nil {
		return nil, err
	}
	var out []LineState
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		s, err := h.Line(e.Name())
		if errors.Is(err, ErrNoLine) {
			continue // an invite that was not finished, or papers that were removed
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// AllLines returns every line of this party and, behind them, the deniable
// lines of those that have one.
func (h *Home) AllLines() ([]LineState, error) {
	all, err := h.Lines()
	if err != nil {
		return nil, err
	}
	return h.withDeniable(all)
}

// InvitePath returns where this side keeps the invite of a line.
func (h *Home) InvitePath(line parley.Party) string { return h.paper(string(line), paperInvite) }

// AcceptPath returns where this side keeps the answer to the invite of a line.
func (h *Home) AcceptPath(line parley.Party) string { return h.paper(string(line), paperAccept) }

// RosterPath returns where this side keeps the roster of a line.
func (h *Home) RosterPath(line string) string { return h.paper(line, paperRoster) }
