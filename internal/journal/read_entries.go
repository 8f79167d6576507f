package journal

import (
	"parley"
)

// pageRows bounds what one reading holds in memory (64 entries of the largest
// size are 3 MB) and how long it holds one state of the journal.
const pageRows = 64

// Entries gives fn at most limit entries of a log in order of number, from
// number from on; limit 0 means all. An error of fn ends it and is returned.
// fn may use the transaction.
func (v *View) Entries(log parley.LogID, from uint64, limit int, fn func(Record) error) error {
	return pages(from, limit, fn, func(from uint64, rows int) ([]Record, error) { return v.entries(log, from, rows) })
}

// Aheads gives fn, in order of number, the entries with numbers above size:
// what is held beyond the gap, for the moment in which the gap is closed.
func (v *View) Aheads(log parley.LogID, size uint64, fn func(Record) error) error {
	return v.Entries(log, size+1, 0, fn)
}

// Changes gives fn, in order of number, the entries 1 to size of a log that
// hold a change of its party's side that is in force: those that are kept under
// that kind, believed or not.
func (v *View) Changes(log parley.LogID, size uint64, fn func(Record) error) error {
	return pages(1, 0, fn, func(from uint64, rows int) ([]Record, error) { return v.changes(log, from, size, rows) })
}

// changes returns one page.
func (v *View) changes(log parley.LogID, from, size uint64, rows int) ([]Record, error) {
	return v.records(`SELECT `+recordColumns+` FROM log JOIN entry ON entry.log = log.id
		WHERE log.name = ? AND entry.kind = 3 AND number >= ? AND number <= ? ORDER BY number LIMIT ?`,
		log[:], clamp(from), clamp(size), int64(rows))
}

// entries returns one page.
func (v *View) entries(log parley.LogID, from uint64, rows int) ([]Record, error) {
	return v.records(`SELECT `+recordColumns+` FROM log JOIN entry ON entry.log = log.id
		WHERE log.name = ? AND number >= ? ORDER BY number LIMIT ?`,
		log[:], clamp(from), int64(rows))
}

func (v *View) records(sql string, args ...any) (recs []Record, err error) {
	err = v.c.query(sql, func(r row) error {
		var rec Record
		if err := rec.scan(r); err != nil {
			return err
		}
		recs = append(recs, rec)
		return nil
	}, args...)
	return recs, wrap(err, "read entries")
}

// pages reads page by page and gives every record to fn outside of the reading,
// so that fn may write, or take its time.
func pages(from uint64, limit int, fn func(Record) error, page func(from uint64, rows int) ([]Record, error)) error {
	for left := limit; limit <= 0 || left > 0; {
		rows := pageRows
		if limit > 0 {
			rows = min(rows, left)
		}
		recs, err := page(from, rows)
		if err != nil {
			return err
		}
		for _, rec := range recs {
			if err := fn(rec); err != nil {
				return err
			}
		}
		if len(recs) < rows {
			return nil
		}
		left -= len(recs)
		from = recs[len(recs)-1].Number + 1
	}
	return nil
}

// Pending is an entry of one's own that is not yet known to be held by the addressee.
type Pending struct {
	Number     uint64
	Precedence parley.Precedence
	Bytes      []byte
}

// Pending returns at most limit entries of a log with this precedence that
// nothing receipts, in order of number: numbers above both after (where the
// reader stopped) and above (the log's cosigned size), without a single
// receipt. It costs what it returns, not what the log holds.
func (v *View) Pending(log parley.LogID, p parley.Precedence, after, above uint64, limit int) (list []Pending, err error) {
	err = v.c.query(`SELECT number, bytes FROM entry INDEXED BY entry_leaving
		WHERE log = `+idOf+` AND precedence = ?2 AND number > ?3
		AND NOT EXISTS (SELECT 1 FROM single WHERE single.log = entry.log AND single.number = entry.number)
		ORDER BY number LIMIT ?4`, func(r row) error {
		list = append(list, Pending{Number: r.uint(0), Precedence: p, Bytes: r.bytes(1)})
		return nil
	}, log[:], int64(p), clamp(max(after, above)), int64(limit))
	return list, wrap(err, "pending of log %v", log)
}
