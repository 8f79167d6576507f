package journal

import "parley"

// Counts is how many entries of a line are held, by whose they are and what is
// thought of them, and what else there is.
type Counts struct {
	Mine, Theirs            uint64 // entries
	Held, Believed, Refused uint64 // the same entries, by State
	Drafts                  uint64
	Forks                   uint64
}

// Counts counts the rows of a line. It reads the line's share of an index, so
// it is for people who look, not for every message.
func (v *View) Counts(line parley.LineID) (n Counts, err error) {
	err = v.c.query(`SELECT mine, (SELECT count(*) FROM entry WHERE entry.log = log.id) FROM log WHERE line = ?`, func(r row) error {
		if r.bool(0) {
			n.Mine += r.uint(1)
		} else {
			n.Theirs += r.uint(1)
		}
		return nil
	}, line[:])
	if err != nil {
		return Counts{}, wrap(err, "count entries of line %v", line)
	}
	// state <> 2 is what the index of the undecided holds.
	err = v.c.one(`SELECT
		(SELECT count(*) FROM entry JOIN log ON log.id = entry.log WHERE state <> 2 AND state = 1 AND line = ?1),
		(SELECT count(*) FROM entry JOIN log ON log.id = entry.log WHERE state <> 2 AND state = 3 AND line = ?1),
		(SELECT count(*) FROM draft WHERE line = ?1), (SELECT count(*) FROM fork WHERE line = ?1)`, func(r row) error {
		n.Held, n.Refused, n.Drafts, n.Forks = r.uint(0), r.uint(1), r.uint(2), r.uint(3)
		return nil
	}, line[:])
	n.Believed = n.Mine + n.Theirs - n.Held - n.Refused
	return n, wrap(err, "count what is held of line %v", line)
}
