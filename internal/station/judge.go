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
	entries     map[parley.Hash]verdict // by leaf, under the history in which the turn began
	checkpoints map[string]opened       // by note
	until       int                     // as many parts of the turn were looked at; what follows is left to the next
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
		leaf  parley.Hash
		entry *verdict
		check *opened
	}, len(parts))
	shut := t.shut(0)
	enough := func(i int) bool { return places[i] >= least && t.presses() }
	called := parallel(len(parts), t.sparedCores(), enough, func(i int) {
		b := parts[i].Bytes
		if parts[i].Type == wire.PartCheckpoint {
			o := t.l.openCheckpoint(b)
			found[i].check = &o
			return
		}
		h, err := wire.ParseEntryHeader(b)
		if err != nil || h.Number <= t.l.st.peer.size {
			return // malformed, or a copy: nobody asks for a verdict
		}
		if shut && !claimsFlash(b) {
			return // it will be held back
		}
		found[i].leaf = transcript.LeafHash(b)
		v := t.l.verify(t.l.st.history, b, t.sure)
		found[i].entry = &v
	})
	v := verdicts{entries: map[parley.Hash]verdict{}, checkpoints: map[string]opened{}, until: all}
	if called < len(parts) {
		v.until = places[called]
	}
	for i, f := range found {
		if f.entry != nil {
			v.entries[f.leaf] = *f.entry
		}
		if f.check != nil {
			v.checkpoints[string(parts[i].Bytes)] = *f.check
		}
	}
	return v
}

// entry returns the verdict on an entry, judging it now if that was not done, or
// was done before a change that this turn applied.
func (v verdicts) entry(t *turn, leaf parley.Hash, entry []byte) verdict {
	if done, ok := v.entries[leaf]; ok && t.next.history == t.l.st.history {
		return done
	}
	return t.l.verify(t.next.history, entry, t.sure)
}

// checkpoint returns an opened checkpoint, opening it now if that was not done.
func (v verdicts) checkpoint(l *Line, note []byte) (transcript.Signed, error) {
	done, ok := v.checkpoints[string(note)]
	if !ok {
		done = l.openCheckpoint(note)
	}
	return done.signed, done.err
}

// verify judges one entry of the other side under a history of the line; to be
// sure, it asks the journal whether the draft was released before.
func (l *Line) verify(h *roster.History, entry []byte, sure bool) (v verdict) {
	e, err := wire.ParseEntry(entry)
	if err != nil {
		return verdict{err: err}
	}
	v.released, v.err = release.Verify(e.Signed, h, l.peer.Party, l.cfg.Party, h.Place(l.peer.Party, e.Header))
	if v.err == nil && sure {
		v.used, v.journal = l.journal.DraftUsed(l.id, l.peer.Party, v.released.Content().Draft)
	}
	return v
}

// openCheckpoint opens a checkpoint of the other side's log.
func (l *Line) openCheckpoint(note []byte) (o opened) {
	o.signed, o.err = transcript.OpenCheckpoint(note, l.id, l.peer.Log, l.peer.LogKey)
	return o
}
