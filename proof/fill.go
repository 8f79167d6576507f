package proof

import (
	"bytes"
	"slices"

	"parley"
	"parley/roster"
	"parley/transcript"
)

// Fill makes Hashes and Officers of what else stands in p: from the leaves of the
// log, of which it reads as few as the proof of a set needs, and from the roster as
// the changes of the log left it. Of what the peer refused it names nobody: who signed
// it is not certain. The error is that of Claims, of transcript.ProveSet, or of l.
//
// other is the leaves of the other log, of which it reads none where p shows no change
// of the other party.
func (p *Proof) Fill(l, other transcript.Leaves, h *roster.History) error {
	p.Hashes, p.OtherHashes, p.Officers = nil, nil, nil
	c, err := p.Claims()
	if err != nil {
		return err
	}
	var indexes []uint64
	for _, n := range c.Changes {
		indexes = append(indexes, n-1)
	}
	names := make(map[parley.KeyID]string)
	for _, v := range h.Versions(p.Party) {
		for _, o := range v.Side.Officers {
			names[o.KeyID()] = o.Name
		}
	}
	for _, m := range c.Messages {
		indexes = append(indexes, m.Header.Number-1)
		for _, id := range m.Signers {
			if name, ok := names[id]; ok && m.Refusal == nil {
				p.Officers = append(p.Officers, Officer{id, name})
				delete(names, id)
			}
		}
	}
	slices.Sort(indexes)
	slices.SortFunc(p.Officers, func(a, b Officer) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	if p.Hashes, err = transcript.ProveSet(c.Note.Size, indexes, l); err != nil || len(c.Others) == 0 {
		return err
	}
	indexes = nil
	for _, n := range c.Others {
		indexes = append(indexes, n-1)
	}
	p.OtherHashes, err = transcript.ProveSet(c.Other.Size, indexes, other)
	return err
}
