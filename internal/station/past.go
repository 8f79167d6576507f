package station

import (
	"parley"
	"parley/internal/journal"
	"parley/transcript"
)

// What they say of sizes that are long past, of our log or of theirs, is compared
// with the journal, which is read back with these bounds: so many leaves a turn,
// and once through each log in such a time, as served.
const (
	pastLeaves = 1024
	pastEvery  = parley.Time(60_000)
)

// past is the tree of a log as far as the journal was read back. It is a reading
// of what is durable, so a turn that is undone need not take it back.
type past struct {
	log   parley.LogID
	tree  transcript.Frontier
	begun parley.Time // when the reading began, by served
}

// pastRoot returns the root of a log at a size that was held when the turn began,
// if the bounds allow to know it now. What it is not known for comes again, or is
// said of a later size.
func (t *turn) pastRoot(p *past, size uint64) (root parley.Hash, known bool, err error) {
	now := t.l.served.total
	if size < p.tree.Size() {
		if now < p.begun+pastEvery {
			return parley.Hash{}, false, nil
		}
		p.tree = transcript.Frontier{}
	}
	if p.tree.Size() == 0 {
		p.begun = now
	}
	if n := min(size-p.tree.Size(), pastLeaves-t.pastRead); n > 0 {
		t.pastRead += n
		err := t.l.journal.Entries(p.log, p.tree.Size()+1, int(n), func(r journal.Record) error {
			p.tree.Append(r.Leaf)
			return nil
		})
		if err != nil {
			return parley.Hash{}, false, err
		}
	}
	return p.tree.Root(), p.tree.Size() == size, nil
}
