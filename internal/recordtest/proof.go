package recordtest

import (
	"slices"

	"parley"
	"parley/proof"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// Proof returns the proof of the entries first to last of a party, as its peer or
// itself exports it: with everything that a proof can hold.
func (r *Record) Proof(party parley.Party, first, last uint64) *proof.Proof {
	r.t.Helper()
	l := r.log(party)
	peer := r.log(l.peer.Party)
	p := &proof.Proof{Party: party, Peer: l.peer.Party, Note: l.file.Checkpoint}
	p.Entries = slices.Clone(l.file.Entries[first-1 : last])
	size := l.chain.Size()
	if c, err := transcript.ReadCheckpoint(l.file.Cosigned); err == nil && c.Size >= last {
		p.Note, size = l.file.Cosigned, c.Size
	}
	among := func(s transcript.Statement) bool { return s.Number < first || s.Number > last }
	p.Receipts = slices.DeleteFunc(slices.Clone(l.file.Receipts), among)
	p.Refusals = slices.DeleteFunc(slices.Clone(l.file.Refusals), among)
	h := roster.NewHistory(r.Line.Roster)
	var hashes leaves
	for i, e := range l.file.Entries[:size] {
		n := uint64(i + 1)
		hashes = append(hashes, transcript.LeafHash(e))
		if after, ok := changed(h, party, e); ok {
			h = after
			if n < first || n > last {
				p.Changes = append(p.Changes, e)
			}
		}
	}
	var seen uint64
	for _, e := range p.Entries {
		header, err := wire.ParseEntryHeader(e)
		r.must(err)
		for _, s := range header.Seen {
			seen = max(seen, s.Size)
		}
	}
	if c, err := transcript.ReadCheckpoint(peer.file.Cosigned); err == nil && seen > 0 && c.Size >= seen {
		p.Other = peer.file.Cosigned
		for _, e := range peer.file.Entries[:c.Size] {
			if after, ok := changed(h, peer.file.Party, e); ok {
				h, p.OtherChanges = after, append(p.OtherChanges, e)
			}
		}
	}
	r.must(p.Renew(l.file.Generations, peer.file.Generations))
	var others leaves
	for _, e := range peer.file.Entries {
		others = append(others, transcript.LeafHash(e))
	}
	r.must(p.Fill(hashes, others, h))
	return p
}

// changed returns the history behind entry n, if that holds a change.
func changed(h *roster.History, party parley.Party, entry []byte) (*roster.History, bool) {
	e, err := wire.ParseEntry(entry)
	if err != nil {
		return h, false
	}
	s, err := wire.ParseSigned(e.Signed)
	if err != nil {
		return h, false
	}
	content, err := wire.ParseContent(s.Content)
	if err != nil || content.Kind != parley.Change {
		return h, false
	}
	c, err := roster.ParseChange([]byte(content.Body))
	if err != nil {
		return h, false
	}
	after, err := h.Apply(party, h.Place(party, e.Header), c)
	return after, err == nil
}

type leaves []parley.Hash

func (l leaves) Leaf(i uint64) (parley.Hash, error) { return l[i], nil }
