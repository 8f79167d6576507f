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
	err = v.c.query(`SELECT log.mine, count(*),
			count(*) FILTER (WHERE entry.state = 1), count(*) FILTER (WHERE entry.state = 3)
		FROM log JOIN entry ON entry.log = log.id WHERE log.line = ? GROUP BY log.mine`, func(r row) error {
		if r.bool(0) {
			n.Mine = r.uint(1)
		} else {
			n.Theirs = r.uint(1)
		}
		n.Held += r.uint(2)
		n.Refused += r.uint(3)
		return nil
	}, line[:])
	if err != nil {
		return Counts{}, wrap(err, "count entries of line %v", line)
	}
	n.Believed = n.Mine + n.Theirs - n.Held - n.Refused
	err = v.c.one(`SELECT (SELECT count(*) FROM draft WHERE line = ?1), (SELECT count(*) FROM fork WHERE line = ?1)`, func(r row) error {
		n.Drafts, n.Forks = r.uint(0), r.uint(1)
		return nil
	}, line[:])
	return n, wrap(err, "count drafts of line %v", line)
}
