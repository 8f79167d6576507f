package roster

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"parley"
)

// MaxGenerations bounds the generations of a log (spec/GENERATION.md §1).
const MaxGenerations = 64

// ErrGeneration: a log cannot go on so (spec/GENERATION.md §3).
var ErrGeneration = errors.New("a generation that cannot follow")

// Generation is the part of a log that is written under one name
// (spec/GENERATION.md §1).
type Generation struct {
	// From is the number of its first entry.
	From uint64
	// Log is its id, which stands in entries and checkpoints: that of the roster
	// in the first generation.
	Log parley.LogID
	// Key is the log key that signs its checkpoints, and signed the renewal that opened
	// it (spec/GENERATION.md §8).
	Key ed25519.PublicKey
	// Renewed is the time of the renewal that opened it; 0 in the first.
	Renewed parley.Time
	// Beside is how many entries the other party's log had when that party closed
	// the generation before: they were written beside that one. 0 in the first.
	Beside uint64
}

// Generations returns those of p's log that are known, the first one first; none
// if p is not of this line. The caller does not change it.
func (h *History) Generations(p parley.Party) []Generation {
	if i, ok := h.index(p); ok {
		return h.logs[i]
	}
	return nil
}

// Generation returns the generation of p's log that has entry n, or will have
// it, and which it is, counted from 1; 0 if p is not of this line. The
// checkpoint of size n is of it.
func (h *History) Generation(p parley.Party, n uint64) (Generation, int) {
	all := h.Generations(p)
	for i, g := range slices.Backward(all) {
		if n >= g.From || i == 0 {
			return g, i + 1
		}
	}
	return Generation{}, 0
}

// LogOf returns the party that writes a log, and which generation of it id names,
// counted from 1; 0 if that is no log of this line, as far as is known.
func (h *History) LogOf(id parley.LogID) (parley.Party, int) {
	for i, s := range h.agreed.Sides {
		if at := slices.IndexFunc(h.logs[i], func(g Generation) bool { return g.Log == id }); at >= 0 {
			return s.Party, at + 1
		}
	}
	return "", 0
}

// Before returns the history as it was when p's log had n generations; n is from 1 to
// how many it has.
func (h *History) Before(p parley.Party, n int) *History {
	i, ok := h.index(p)
	if !ok || n < 1 || n >= len(h.logs[i]) {
		return h
	}
	out := *h
	out.logs[i] = h.logs[i][:n:n]
	return &out
}

// Renews says whether p's log may go on behind its newest generation under the
// name id, by a renewal of that time: the errors wrap ErrGeneration.
func (h *History) Renews(p parley.Party, id parley.LogID, at parley.Time) error {
	all := h.Generations(p)
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("the log of %s: %w: %w", p, ErrGeneration, fmt.Errorf(format, args...))
	}
	if len(all) == 0 {
		return wrong("it is not of this line")
	}
	if whose, _ := h.LogOf(id); whose != "" {
		return wrong("%s is the name of a log of %s already", id, whose)
	}
	if last := all[len(all)-1]; at <= last.Renewed {
		return wrong("the renewal is not later than the one before it: it is an old one, or a clock was set back")
	}
	if len(all) == MaxGenerations {
		return wrong("there are %d already; make a new line", MaxGenerations)
	}
	return nil
}

// LogKey returns the log key that signs the generation which begins behind entry
// size of p's log, as far as the changes up to there are known
// (spec/GENERATION.md §8); nil if p is not of this line.
func (h *History) LogKey(p parley.Party, size uint64) ed25519.PublicKey {
	i, ok := h.index(p)
	if !ok {
		return nil
	}
	return h.sides[i][h.version(i, size+1)].Side.LogKey
}

// Renew returns the history in which p's log goes on with g, by the log key that
// stands in p's side behind the entry before it. The errors wrap ErrGeneration.
func (h *History) Renew(p parley.Party, g Generation) (*History, error) {
	if err := h.Renews(p, g.Log, g.Renewed); err != nil {
		return nil, err
	}
	i, _ := h.index(p)
	last := h.logs[i][len(h.logs[i])-1]
	if g.From < last.From {
		return nil, fmt.Errorf("the log of %s: %w: it would go on with entry %d, before the generation that it closes", p, ErrGeneration, g.From)
	}
	g.Key = h.LogKey(p, g.From-1)
	out := *h
	out.logs[i] = append(slices.Clip(h.logs[i]), g)
	return &out, nil
}

// Meant returns the generation of the other party's log, counted from 1, in which
// entry n of p's log means the number m of that log: what was written before its
// party closed a generation there means none of what came in its place since
// (spec/GENERATION.md §1). It is 0 if p is not of this line.
func (h *History) Meant(p parley.Party, n, m uint64) int {
	peer, ok := h.agreed.Peer(p)
	if !ok {
		return 0
	}
	all := h.Generations(peer.Party)
	for i, g := range all[1:] {
		if n <= g.Beside && m >= g.From {
			return i + 1
		}
	}
	_, which := h.Generation(peer.Party, m)
	return which
}

// Saw returns how much of the other party's log entry n of p's log has seen, where
// it says size: no more than is still there of what it can have seen
// (spec/GENERATION.md §1).
func (h *History) Saw(p parley.Party, n, size uint64) uint64 {
	if peer, ok := h.agreed.Peer(p); ok {
		for _, g := range h.Generations(peer.Party)[1:] {
			if n <= g.Beside {
				size = min(size, g.From-1)
			}
		}
	}
	return size
}
