package station

import (
	"parley"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// verdicts are what was found of the parts of a turn's frames before any was
// taken: the signatures are most of the work of a turn, and are looked at on
// all cores, until something presses.
type verdicts struct {
	entries     map[int]seen      // by place, under the history in which the turn began
	checkpoints map[string]opened // by note
	until       int               // as many parts of the turn were looked at; what follows is left to the next
	place       int               // of the part that is taken, among all of the turn
}

// seen is what was found of one entry.
type seen struct {
	header  wire.Header
	leaf    parley.Hash
	verdict *verdict // nil: nobody asks for it
}

// verdict is what release.Verify says of an entry, and the journal of its draft.
type verdict struct {
	released *release.Released
	err      error
	used     bool  // the draft was released before this turn; looked up to be sure only
	journal  error // the journal could not be read
}

// opened is what transcript.OpenCheckpoint returned.
type opened struct {
	signed transcript.Signed
	err    error
}

// judge looks at the entries and checkpoints of all deliveries.
func (t *turn) judge(got []delivery) verdicts {
	var parts []wire.Part
	var places []int // of the parts, among all
	all := 0
	for _, d := range got {
		for _, p := range d.parts {
			if judged(p) {
				parts, places = append(parts, p), append(places, all)
			}
			all++
		}
	}
	if len(parts) < 2 {
		return verdicts{until: all}
	}
	least := t.least(got)
	found := make([]struct {
		entry *seen
		check *opened
	}, len(parts))
	shut := t.shut(0)
	enough := func(i int) bool { return places[i] >= least && t.presses() }
	called := parallel(len(parts), t.sparedCores(), enough, func(i int) {
		b := parts[i].Bytes
		if parts[i].Type == wire.PartCheckpoint {
			o := t.l.openCheckpoint(t.l.st.history, b)
			found[i].check = &o
			return
		}
		e, err := wire.ParseEntry(b)
		if err != nil {
			return // it is looked at in its turn
		}
		s := &seen{header: e.Header, leaf: transcript.LeafHash(b)}
		found[i].entry = s
		if e.Number <= t.l.st.peer.size || shut && !claimsFlash(b) {
			return // a copy, or it will be held back
		}
		v := t.l.verifyParsed(t.l.st.history, e, t.sure)
		s.verdict = &v
	})
	v := verdicts{entries: map[int]seen{}, checkpoints: map[string]opened{}, until: all}
	if called < len(parts) {
		v.until = places[called]
	}
	for i, f := range found {
		if f.entry != nil {
			v.entries[places[i]] = *f.entry
		}
		if f.check != nil {
			v.checkpoints[string(parts[i].Bytes)] = *f.check
		}
	}
	return v
}

// header returns the header and the leaf of the entry that is taken.
func (v verdicts) header(entry []byte) (wire.Header, parley.Hash, error) {
	if s, ok := v.entries[v.place]; ok {
		return s.header, s.leaf, nil
	}
	h, err := wire.ParseEntryHeader(entry)
	return h, transcript.LeafHash(entry), err
}

// entry returns the verdict on the entry that is taken, judging it now if that
// was not done, or was done before a change that this turn applied.
func (v verdicts) entry(t *turn, entry []byte) verdict {
	if s, ok := v.entries[v.place]; ok && s.verdict != nil && t.next.history == t.l.st.history {
		return *s.verdict
	}
	return t.l.verify(t.next.history, entry, t.sure)
}

// checkpoint returns an opened checkpoint, opening it now if that was not done.
func (v verdicts) checkpoint(l *Line, note []byte) (transcript.Signed, error) {
	done, ok := v.checkpoints[string(note)]
	if !ok {
		done = l.openCheckpoint(l.st.history, note)
	}
	return done.signed, done.err
}

// verify judges one entry of the other side under a history of the line; to be
// sure, it asks the journal whether the draft was released before.
func (l *Line) verify(h *roster.History, entry []byte, sure bool) verdict {
	e, err := wire.ParseEntry(entry)
	if err != nil {
		return verdict{err: err}
	}
	return l.verifyParsed(h, e, sure)
}

func (l *Line) verifyParsed(h *roster.History, e wire.Entry, sure bool) (v verdict) {
	v.released, v.err = release.Verify(e.Signed, h, l.peer.Party, l.cfg.Party, h.Place(l.peer.Party, e.Header))
	if v.err == nil && sure {
		v.used, v.journal = l.journal.DraftUsed(l.id, l.peer.Party, v.released.Content().Draft)
	}
	return v
}

// openCheckpoint opens a checkpoint of the other side's log.
func (l *Line) openCheckpoint(h *roster.History, note []byte) (o opened) {
	claimed, err := transcript.ReadCheckpoint(note)
	if err != nil {
		return opened{err: err}
	}
	g, _ := h.Generation(l.peer.Party, claimed.Size)
	o.signed, o.err = transcript.OpenCheckpoint(note, l.id, g.Log, g.Key)
	return o
}
