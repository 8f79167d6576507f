package journal

import (
	"fmt"

	"parley"
)

// View reads one state of the journal. It belongs to the closure that it was
// given to, and is not used after that returns, nor from another goroutine.
type View struct{ c *conn }

// Tx writes, and reads what it wrote. It belongs to its closure as a View does.
type Tx struct{ View }

// Log is one generation of one party's log on one line, as far as it is held
// (spec/TRANSCRIPT.md §1).
type Log struct {
	ID    parley.LogID  // never changes
	Line  parley.LineID // never changes
	Party parley.Party  // never changes
	Mine  bool          // the log of this station's own party; never changes

	Size     uint64      // entries 1…Size are held, without a gap
	Head     parley.Hash // leaf hash of entry Size; zero when Size is 0
	Frontier []byte      // the compact range of Size leaves

	Checkpoint     []byte // the owner's latest signed checkpoint that is held
	CheckpointSize uint64 // its size; 0: none
	Cosigned       []byte // the latest checkpoint with the addressee's cosignature
	CosignedSize   uint64 // its size; 0: none

	Halted       string // why nothing is signed in it any more; "": it goes on
	RefusalsSeen uint64 // how many of the refusals of this log the peer says it holds
}

// idOf is the id within the file of the log whose name is the first argument; NULL, which no
// column takes, when there is none.
const idOf = `(SELECT id FROM log WHERE name = ?1)`

const logColumns = `name, line, party, mine, size, head, frontier, checkpoint, checkpoint_size, cosigned, cosigned_size, halted, refusals_seen`

// CreateLog adds a log. ErrExists: there is one of that name.
func (t *Tx) CreateLog(l Log) error {
	size, checkpoint, cosigned, seen, err := l.sizes()
	if err != nil {
		return fmt.Errorf("create log %v: %w", l.ID, err)
	}
	err = t.c.run(`INSERT INTO log (`+logColumns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		l.ID[:], l.Line[:], string(l.Party), flag(l.Mine), size, l.Head[:], blob(l.Frontier),
		blob(l.Checkpoint), checkpoint, blob(l.Cosigned), cosigned, l.Halted, seen)
	if isConstraint(err) {
		err = ErrExists
	}
	return wrap(err, "create log %v", l.ID)
}

// PutLog replaces what may change of a log; its entries 1…Size are held. ErrNotFound: there is none of that name.
func (t *Tx) PutLog(l Log) error {
	size, checkpoint, cosigned, seen, err := l.sizes()
	if err != nil {
		return fmt.Errorf("put log %v: %w", l.ID, err)
	}
	n, err := t.c.changes(`UPDATE log SET size = ?, head = ?, frontier = ?, checkpoint = ?, checkpoint_size = ?,
		cosigned = ?, cosigned_size = ?, halted = ?, refusals_seen = ? WHERE name = ?`,
		size, l.Head[:], blob(l.Frontier), blob(l.Checkpoint), checkpoint,
		blob(l.Cosigned), cosigned, l.Halted, seen, l.ID[:])
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err == nil {
		err = t.fillSubtrees(l.ID, l.Size)
	}
	return wrap(err, "put log %v", l.ID)
}

// Log returns a log. ErrNotFound: there is none of that name.
func (v *View) Log(id parley.LogID) (l Log, err error) {
	err = v.c.one(`SELECT `+logColumns+` FROM log WHERE name = ?`, func(r row) error { return l.scan(r) }, id[:])
	return l, wrap(err, "log %v", id)
}

// Logs returns the logs of a line, every generation of both parties, in order of name.
func (v *View) Logs(line parley.LineID) (logs []Log, err error) {
	err = v.c.query(`SELECT `+logColumns+` FROM log WHERE line = ? ORDER BY name`, func(r row) error {
		var l Log
		if err := l.scan(r); err != nil {
			return err
		}
		logs = append(logs, l)
		return nil
	}, line[:])
	return logs, wrap(err, "logs of line %v", line)
}

func (l *Log) scan(r row) error {
	l.Party, l.Mine = parley.Party(r.text(2)), r.bool(3)
	l.Size, l.Frontier = r.uint(4), r.bytes(6)
	l.Checkpoint, l.CheckpointSize = r.bytes(7), r.uint(8)
	l.Cosigned, l.CosignedSize = r.bytes(9), r.uint(10)
	l.Halted, l.RefusalsSeen = r.text(11), r.uint(12)
	return firstError(r.fill(0, l.ID[:]), r.fill(1, l.Line[:]), r.fill(5, l.Head[:]))
}

func (l *Log) sizes() (size, checkpoint, cosigned, seen int64, err error) {
	size, e1 := number("size", l.Size)
	checkpoint, e2 := number("checkpoint size", l.CheckpointSize)
	cosigned, e3 := number("cosigned size", l.CosignedSize)
	seen, e4 := number("refusals seen", l.RefusalsSeen)
	return size, checkpoint, cosigned, seen, firstError(e1, e2, e3, e4)
}

// noLog is err, where a row that names its log by idOf can break no rule but
// that there is such a log.
func noLog(err error) error {
	if isConstraint(err) {
		return ErrNotFound
	}
	return err
}
