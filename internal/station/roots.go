package station

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"parley"
	"parley/internal/journal"
	"parley/roster"
)

// Roots returns the root keys that a party has had on a line, the one in force last.
func Roots(h *roster.History, p parley.Party) (keys []ed25519.PublicKey) {
	for _, v := range h.Versions(p) {
		if len(keys) == 0 || !keys[len(keys)-1].Equal(v.Side.Root) {
			keys = append(keys, v.Side.Root)
		}
	}
	return keys
}

// RootsIn is Roots of this party, as a journal has it while no station runs.
func RootsIn(j *journal.Journal, r *roster.Roster, p parley.Party) ([]ed25519.PublicKey, error) {
	self, ok := r.Side(p)
	peer, both := r.Peer(p)
	if !ok || !both {
		return nil, fmt.Errorf("the roster of line %s does not name %s and another", r.Line, p)
	}
	log, err := j.Log(self.Log)
	if errors.Is(err, journal.ErrNotFound) { // it was never served
		return []ed25519.PublicKey{self.Root}, nil
	}
	if err != nil {
		return nil, err
	}
	l := &Line{journal: j, id: r.Line, roster: r, self: self, peer: peer}
	h, err := l.loadHistory(log.Size, 0)
	if err != nil {
		return nil, err
	}
	return Roots(h, p), nil
}

// tellRoot tells whoever makes our cards which root keys we have had on the line, if
// that changed: one that was ended signs no card (spec/CHANGE.md §6).
func (l *Line) tellRoot() error {
	if l.root == nil {
		return nil
	}
	keys := Roots(l.st.history, l.cfg.Party)
	if len(keys) == l.roots {
		return nil
	}
	l.roots = len(keys)
	return l.root(keys)
}
