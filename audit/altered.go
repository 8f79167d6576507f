package audit

import (
	"parley/transcript"
	"parley/wire"
)

// altered names the entry that was altered where entry i+1 of the file does not
// follow entry i: one of the two is not what it was. If entry i+1 would be what
// the next entry (or the checkpoint) holds to, but for its previous hash, it is
// the one; otherwise the entry before it is.
func (a *auditor) altered(i int) uint64 {
	n := uint64(i + 1)
	if n == 1 || a.mended(i) {
		return n
	}
	return n - 1
}

func (a *auditor) mended(i int) bool {
	e, err := wire.ParseEntry(a.file.Entries[i])
	if err != nil {
		return false
	}
	e.Previous = a.chain.Last()
	mended, err := wire.AppendEntry(nil, e)
	if err != nil {
		return false
	}
	if next := i + 1; next < len(a.file.Entries) {
		h, err := wire.ParseEntryHeader(a.file.Entries[next])
		return err == nil && h.Previous == transcript.LeafHash(mended)
	}
	_, err = a.chain.Append(mended)
	return err == nil && a.chain.Root() == a.checkpoint.Root
}
