package audit

import (
	"parley/transcript"
	"parley/wire"
)

// altered names the entry that was altered where entry i of w does not follow the
// entry before it: one of the two is not what it was. If entry i would be what
// the next entry (or the checkpoint) holds to, but for its previous hash, it is
// the one; otherwise the entry before it is.
func (l *logAudit) altered(w *Work, i int) uint64 {
	n := w.first + uint64(i)
	if n == 1 || l.mended(w, i) {
		return n
	}
	return n - 1
}

func (l *logAudit) mended(w *Work, i int) bool {
	e, err := wire.ParseEntry(w.found[i].entry)
	if err != nil {
		return false
	}
	e.Previous = l.chain.Last()
	mended, err := wire.AppendEntry(nil, e)
	if err != nil {
		return false
	}
	if next := w.behind(i); next != nil {
		h, err := wire.ParseEntryHeader(next)
		return err == nil && h.Previous == transcript.LeafHash(mended)
	}
	_, err = l.chain.Append(mended)
	return err == nil && l.chain.Root() == l.checkpoint.Root
}

// behind returns the entry behind entry i, if it can be read; nil if there is none.
func (w *Work) behind(i int) []byte {
	if i+1 < len(w.found) {
		return w.found[i+1].entry
	}
	batch, err := w.after.Next(nil)
	if err != nil || batch.Count == 0 {
		return nil
	}
	entries, err := batch.Statements()
	if err != nil {
		return nil
	}
	return entries[0].Bytes
}
