package journal

import (
	"fmt"

	"parley"
)

// PutSingle stores the single receipt of an entry, issued or received. The
// first one stays: it has the time that lead times count from. ErrNotFound: there
// is no such log.
func (t *Tx) PutSingle(log parley.LogID, n uint64, receipt []byte) error {
	number, err := number("number", n)
	if err == nil {
		err = t.c.run(`INSERT INTO single (log, number, bytes) VALUES (`+idOf+`,?,?) ON CONFLICT DO NOTHING`, log[:], number, blob(receipt))
	}
	return wrap(noLog(err), "put receipt of %d of log %v", n, log)
}

// Single returns the single receipt of an entry. ErrNotFound: there is none.
func (v *View) Single(log parley.LogID, n uint64) (receipt []byte, err error) {
	err = v.c.one(`SELECT bytes FROM single WHERE log = `+idOf+` AND number = ?`,
		func(r row) error { receipt = r.bytes(0); return nil }, log[:], clamp(n))
	return receipt, wrap(err, "receipt of %d of log %v", n, log)
}

// Refusal is the refusal of one entry, issued or received.
type Refusal struct {
	Seq    uint64 // counts the refusals of this log from 1, without gaps, in order of arrival
	Number uint64 // the entry refused
	Bytes  []byte
}

// PutRefusal stores the refusal of an entry. There is at most one for an entry:
// the first one stays, and a later one is not counted. ErrNotFound: there is no
// such log.
func (t *Tx) PutRefusal(log parley.LogID, n uint64, refusal []byte) error {
	number, err := number("number", n)
	if err == nil {
		err = t.c.run(`INSERT INTO refusal (log, seq, number, bytes)
			SELECT `+idOf+`, coalesce(max(seq), 0) + 1, ?2, ?3 FROM refusal WHERE log = `+idOf+`
			ON CONFLICT (log, number) DO NOTHING`, log[:], number, blob(refusal))
	}
	return wrap(noLog(err), "put refusal of %d of log %v", n, log)
}

// Refusals returns at most limit refusals of the entries of a log with a Seq
// above after, in order.
func (v *View) Refusals(log parley.LogID, after uint64, limit int) (list []Refusal, err error) {
	err = v.c.query(`SELECT seq, number, bytes FROM refusal WHERE log = `+idOf+` AND seq > ? ORDER BY seq LIMIT ?`, func(r row) error {
		list = append(list, Refusal{Seq: r.uint(0), Number: r.uint(1), Bytes: r.bytes(2)})
		return nil
	}, log[:], clamp(after), int64(limit))
	return list, wrap(err, "refusals of log %v", log)
}

// Refusal returns the refusal of an entry. ErrNotFound: there is none.
func (v *View) Refusal(log parley.LogID, n uint64) (r Refusal, err error) {
	err = v.c.one(`SELECT seq, number, bytes FROM refusal WHERE log = `+idOf+` AND number = ?`, func(row row) error {
		r = Refusal{Seq: row.uint(0), Number: row.uint(1), Bytes: row.bytes(2)}
		return nil
	}, log[:], clamp(n))
	return r, wrap(err, "refusal of %d of log %v", n, log)
}

// RefusalCount returns how many refusals of the entries of a log are held,
// which is the Seq of the latest.
func (v *View) RefusalCount(log parley.LogID) (uint64, error) {
	n, err := v.c.oneInt(`SELECT coalesce(max(seq), 0) FROM refusal WHERE log = `+idOf, log[:])
	return uint64(n), wrap(err, "count refusals of log %v", log)
}

// Fork is the proof that the owner of a log signed two histories of it.
type Fork struct {
	Line  parley.LineID
	Log   parley.LogID
	Bytes []byte
}

// PutFork stores a proof; the same proof once. ErrNotFound: there is no such log.
func (t *Tx) PutFork(line parley.LineID, log parley.LogID, proof []byte) error {
	err := t.c.run(`INSERT INTO fork (log, line, bytes) VALUES (`+idOf+`,?,?) ON CONFLICT DO NOTHING`, log[:], line[:], blob(proof))
	return wrap(noLog(err), "put fork of log %v", log)
}

// Forks returns the proofs of a line in order of arrival.
func (v *View) Forks(line parley.LineID) (list []Fork, err error) {
	err = v.c.query(`SELECT log.name, bytes FROM fork JOIN log ON log.id = fork.log WHERE fork.line = ? ORDER BY seq`, func(r row) error {
		f := Fork{Line: line, Bytes: r.bytes(1)}
		err := r.fill(0, f.Log[:])
		list = append(list, f)
		return err
	}, line[:])
	if err != nil {
		return nil, fmt.Errorf("forks of line %v: %w", line, err)
	}
	return list, nil
}

// Statement is what was signed about one entry.
type Statement struct {
	Number uint64
	Bytes  []byte
}

// Singles returns all single receipts of the entries first to last of a log, in order
// of number.
func (v *View) Singles(log parley.LogID, first, last uint64) ([]Statement, error) {
	return v.statements(`SELECT number, bytes FROM single WHERE log = `+idOf+` AND number >= ?2 AND number <= ?3 ORDER BY number`, log, first, last)
}

// RefusalsOf returns all refusals of the entries first to last of a log, in order of
// number.
func (v *View) RefusalsOf(log parley.LogID, first, last uint64) ([]Statement, error) {
	return v.statements(`SELECT number, bytes FROM refusal WHERE log = `+idOf+` AND number >= ?2 AND number <= ?3 ORDER BY number`, log, first, last)
}

func (v *View) statements(sql string, log parley.LogID, first, last uint64) (list []Statement, err error) {
	err = v.c.query(sql, func(r row) error {
		list = append(list, Statement{r.uint(0), r.bytes(1)})
		return nil
	}, log[:], clamp(first), clamp(last))
	return list, wrap(err, "statements about log %v", log)
}
