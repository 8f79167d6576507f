package recordtest

import (
	"crypto/ed25519"

	"parley"
	"parley/roster"
)

// Rekey has owner's log go on by another log key: its next entry is the change that brings
// the key, and says since which entry the one before is compromised, if since is not 0;
// the other party closes the log behind it (spec/GENERATION.md §8).
func (r *Record) Rekey(owner parley.Party, since uint64) {
	r.t.Helper()
	l := r.log(owner)
	next := l.owner.Hire(r.t, "the next log key of "+string(owner))
	c := roster.Change{Keys: []roster.NewKey{{Role: roster.RoleLog, Key: next.Key}}}
	if since > 0 {
		old := l.owner.LogKey.Public().(ed25519.PublicKey)
		c.Thefts = []roster.Compromise{{Role: roster.RoleLog, Key: roster.KeyID(roster.RoleLog, old), Since: since}}
	}
	h := roster.NewHistory(r.Line.Roster)
	for _, e := range l.file.Entries {
		h, _ = changed(h, owner, e)
	}
	full, err := h.Draft(owner, l.chain.Size(), c)
	r.must(err)
	content := r.Content(owner, string(full.Text()))
	content.Kind = parley.Change
	r.Enter(owner, r.Sign(owner, content, string(owner)+" a", string(owner)+" b"))
	r.Cosign(owner)
	l.owner.LogKey, _ = l.owner.Hired(next.Key)
	r.renew(owner)
}
