package roster

import (
	"cmp"
	"crypto/ed25519"
	"slices"

	"parley"
)

// Validity says when a key of a party was valid (spec/CHANGE.md §4).
type Validity struct {
	Role Role
	Name string // of an officer; empty for other roles
	Key  ed25519.PublicKey
	// From is the first entry of the party's log that is judged with the key,
	// and To the last; To is 0 while the key is valid. From 1 it was agreed. A log key is
	// valid for the generations that it signs; one that a change put on record, and that
	// signs none as far as is known, has neither (spec/GENERATION.md §8).
	From, To uint64
	// Seen is up to which entry of the other party's log the key counts, where To
	// is not 0: for what a receipt or station key says of that log
	// (spec/CHANGE.md §6).
	Seen uint64
	// Doubt is the entry from which on the key is in doubt because it was
	// compromised; 0 if nothing was said of that.
	Doubt uint64
}

// KeyID returns the identifier of the key.
func (v Validity) KeyID() parley.KeyID { return KeyID(v.Role, v.Key) }

// Keys returns every key that party p ever had on the line, and when each was
// valid: the keys of the station, and then the officers by when they came, those
// of one time by name.
func (h *History) Keys(p parley.Party) []Validity {
	versions := h.Versions(p)
	if versions == nil {
		return nil
	}
	s := versions[0].Side
	keys := []Validity{
		{Role: RoleRoot, Key: s.Root, From: 1}, {Role: RoleLog, Key: s.LogKey, From: 1}, {Role: RoleStation, Key: s.Station, From: 1},
		{Role: RoleReceipt, Key: s.Receipt, From: 1}, {Role: RoleHop, Key: s.Hop, From: 1},
	}
	for _, o := range s.Officers {
		keys = append(keys, Validity{Role: RoleOfficer, Name: o.Name, Key: o.Key, From: 1})
	}
	at := func(id parley.KeyID) *Validity {
		return &keys[slices.IndexFunc(keys, func(v Validity) bool { return v.KeyID() == id })]
	}
	side := s
	for _, v := range versions[1:] {
		for _, l := range v.Change.Leave {
			at(l.Key).To = v.From - 1
		}
		for _, k := range v.Change.Keys {
			old := at(KeyID(k.Role, side.Key(k.Role)))
			old.To, old.Seen = v.From-1, v.Seen
			keys = append(keys, Validity{Role: k.Role, Key: k.Key, From: v.From})
		}
		side = v.Side
		for _, t := range v.Change.Thefts {
			at(t.Key).Doubt = t.Since
		}
		for _, o := range v.Change.Join {
			keys = append(keys, Validity{Role: RoleOfficer, Name: o.Name, Key: o.Key, From: v.From})
		}
	}
	h.signing(p, keys)
	slices.SortStableFunc(keys, func(a, b Validity) int { return cmp.Compare(a.From, b.From) })
	return keys
}

// signing says of the log keys among those of p for which generations they are.
func (h *History) signing(p parley.Party, keys []Validity) {
	all := h.Generations(p)
	for i := range keys {
		k := &keys[i]
		if k.Role != RoleLog {
			continue
		}
		k.From, k.To, k.Seen = 0, 0, 0
		for n, g := range all {
			if !g.Key.Equal(k.Key) {
				continue
			}
			if k.From == 0 {
				k.From = g.From
			}
			if k.To = 0; n+1 < len(all) {
				k.To = all[n+1].From - 1
			}
		}
	}
}
