package journal

import (
	"fmt"

	"parley"
	"parley/transcript"
)

// Every levelStep levels of a log's tree the roots of complete subtrees are kept.
const (
	levelStep = 8
	group     = 1 << levelStep // roots, or leaves, under one root of the next level kept
	topLevel  = 32             // trees of a log are below 2^40 leaves

	// fillMost bounds how many roots of the lowest level a transaction makes: in a
	// journal that was written before they were kept, it catches up bit by bit.
	fillMost = 16
)

// PutSubtree stores the root of the complete subtree of 2^level leaves, level 8, 16,
// 24 or 32, that begins at leaf place·2^level. PutLog stores those of the entries that
// it counts; ErrNotFound: there is no such log.
func (t *Tx) PutSubtree(log parley.LogID, level int, place uint64, root parley.Hash) error {
	err := t.c.run(`INSERT OR REPLACE INTO subtree (log, level, place, hash) VALUES (`+idOf+`, ?2, ?3, ?4)`, log[:], int64(level), clamp(place), root[:])
	return wrap(noLog(err), "subtree %d of log %v", place, log)
}

// fillSubtrees stores the roots that the first size entries complete, or some of them.
func (t *Tx) fillSubtrees(log parley.LogID, size uint64) error {
	if size < group {
		return nil
	}
	have, err := t.subtrees(log, levelStep)
	if err != nil {
		return err
	}
	for place := have; place < size/group && place < have+fillMost; place++ {
		if err := t.fillSubtree(log, levelStep, place); err != nil {
			return err
		}
	}
	return nil
}

// subtrees returns how many roots of a level are kept: those from the first on.
func (v *View) subtrees(log parley.LogID, level int) (uint64, error) {
	n, err := v.c.oneInt(`SELECT coalesce(max(place) + 1, 0) FROM subtree WHERE log = `+idOf+` AND level = ?2`, log[:], int64(level))
	return uint64(n), wrap(err, "subtrees of log %v", log)
}

// fillSubtree makes one root of what is kept below it, and those above it that it
// completes.
func (t *Tx) fillSubtree(log parley.LogID, level int, place uint64) error {
	below, err := t.group(log, level-levelStep, place)
	if err != nil {
		return err
	}
	if len(below) != group {
		return nil // nothing is lost by a root that is not kept
	}
	var f transcript.Frontier
	for _, h := range below {
		f.Append(h)
	}
	if err := t.PutSubtree(log, level, place, f.Root()); err != nil {
		return err
	}
	if (place+1)%group != 0 || level == topLevel {
		return nil
	}
	return t.fillSubtree(log, level+levelStep, place/group)
}

// group returns the roots of a level, or the leaves if it is 0, from place·group on,
// at most group of them.
func (v *View) group(log parley.LogID, level int, place uint64) (hashes []parley.Hash, err error) {
	sql, base := `SELECT hash FROM subtree WHERE log = `+idOf+` AND level = ?2 AND place >= ?3 AND place < ?4 ORDER BY place`, place*group
	if level == 0 {
		// Leaf i is that of entry i+1.
		sql = `SELECT leaf FROM entry WHERE log = ` + idOf + ` AND ?2 = 0 AND number > ?3 AND number <= ?4 ORDER BY number`
	}
	hashes = make([]parley.Hash, 0, group)
	err = v.c.query(sql, func(r row) error {
		var h parley.Hash
		err := r.fill(0, h[:])
		hashes = append(hashes, h)
		return err
	}, log[:], int64(level), clamp(base), clamp(base+group))
	return hashes, wrap(err, "hashes of log %v", log)
}

// Leaves gives the leaves of a log for proofs, with the roots that are kept besides
// (transcript.Subtrees). It is used within the View that it is of.
type Leaves struct {
	view *View
	log  parley.LogID
	read map[groupID][]parley.Hash
}

type groupID struct {
	level int
	place uint64
}

// Leaves returns the leaves of a log.
func (v *View) Leaves(log parley.LogID) *Leaves {
	return &Leaves{v, log, make(map[groupID][]parley.Hash)}
}

// Leaf returns the leaf of entry index+1. ErrNotFound: it is not held.
func (l *Leaves) Leaf(index uint64) (parley.Hash, error) {
	h, ok, err := l.hash(0, index)
	if err == nil && !ok {
		err = fmt.Errorf("leaf of entry %d of log %v: %w", index+1, l.log, ErrNotFound)
	}
	return h, err
}

// Subtree returns the root of a complete subtree of 2^level leaves, and false if it
// is not kept.
func (l *Leaves) Subtree(level int, index uint64) (parley.Hash, bool, error) {
	if level%levelStep != 0 {
		return parley.Hash{}, false, nil
	}
	return l.hash(level, index)
}

func (l *Leaves) hash(level int, index uint64) (parley.Hash, bool, error) {
	id := groupID{level, index / group}
	hashes, ok := l.read[id]
	if !ok {
		var err error
		if hashes, err = l.view.group(l.log, level, id.place); err != nil {
			return parley.Hash{}, false, err
		}
		l.read[id] = hashes
	}
	at := index % group
	if at >= uint64(len(hashes)) {
		return parley.Hash{}, false, nil
	}
	return hashes[at], true, nil
}
