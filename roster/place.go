package roster

import (
	"crypto/ed25519"
	"slices"

	"parley"
	"parley/wire"
)

// Place is where an entry stands: in the log of its party, and beside the log
// of the other one, as far as the entry says it has seen it (spec/CHANGE.md §6).
type Place struct {
	Number uint64
	Seen   uint64 // entries of the other party's log
}

// Place returns the place of the entry of p's log that has this header. What it has
// seen of the other log it says by the id in the roster, whatever the generation
// (spec/GENERATION.md §1); what it says of another id counts for nothing.
func (h *History) Place(p parley.Party, header wire.Header) Place {
	at := Place{Number: header.Number}
	for _, s := range header.Seen {
		if side, ok := h.agreed.Log(s.Log); ok && side.Party != p {
			at.Seen = max(at.Seen, s.Size)
		}
	}
	return at
}

// changes reports whether a change can bring another key of the role by itself
// (spec/CHANGE.md §2).
func (r Role) changes() bool {
	return r == RoleHop || r == RoleLog || r == RoleReceipt || r == RoleRoot || r == RoleStation
}

// keyOf returns where a side has its key of a role that a change can bring by
// itself.
func (s *Side) keyOf(r Role) *ed25519.PublicKey {
	switch r {
	case RoleHop:
		return &s.Hop
	case RoleLog:
		return &s.LogKey
	case RoleReceipt:
		return &s.Receipt
	case RoleRoot:
		return &s.Root
	default:
		return &s.Station
	}
}

// Key returns the side's key of a role that it has one key of; nil for officers.
func (s Side) Key(r Role) ed25519.PublicKey {
	if !r.changes() {
		return nil
	}
	return *s.keyOf(r)
}

// ends reports whether the change brings another key of a role that a side has
// one key of, and so ends the one before.
func (c *Change) ends(r Role) bool {
	return r.changes() && slices.ContainsFunc(c.Keys, func(k NewKey) bool { return k.Role == r })
}

// Term is a key of a role that a side has one key of, and how long it stood.
type Term struct {
	Key ed25519.PublicKey
	// From is the first entry of the party's log that is judged with it.
	From uint64
	// Ended is the place of the entry that ended it: zero while it is in force.
	Ended Place
}

// Terms returns the keys that p ever had in a role, the one in force first;
// none for officers, of whom there are many at a time, and for a party that is
// not of this line.
func (h *History) Terms(p parley.Party, r Role) (terms []Term) {
	if !r.changes() {
		return nil
	}
	var ended Place
	versions := h.Versions(p)
	for j := len(versions) - 1; j >= 0; j-- {
		v := &versions[j]
		if j == 0 || v.Change.ends(r) {
			terms = append(terms, Term{Key: v.Side.Key(r), From: v.From, Ended: ended})
			ended = Place{v.From - 1, v.Seen}
		}
	}
	return terms
}

// CountsFor reports whether what the key signed about an entry of the other
// party's log counts: a refusal, or a single receipt, which has a size besides
// (spec/CHANGE.md §6). at is the place of that entry in its own log and beside
// the log of the key's party.
func (t Term) CountsFor(at Place) bool {
	return t.Ended == (Place{}) || at.Number <= t.Ended.Seen || at.Seen < t.Ended.Number
}

// CountsTo reports whether the key counts for what it said of so much of the
// other party's log: a cosignature of that size, or a single receipt by which
// so much was held (spec/CHANGE.md §6).
func (t Term) CountsTo(size uint64) bool {
	return t.Ended == (Place{}) || size <= t.Ended.Seen
}
