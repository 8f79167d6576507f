package journal

import "parley"

// Witnessed is what a neutral witness cosigned of a log of this station's own party
// (spec/WITNESS.md §2).
type Witnessed struct {
	Line        parley.LineID
	Log         parley.LogID // as the origin of the checkpoint names it
	Size        uint64
	Witness     string // its verifier key
	Checkpoint  []byte // the note that the log key signed
	Cosignature []byte // the line below it
}

// witnessedMost is how many sizes of a log are kept with their cosignatures. Where there
// are more, every second one goes: so the older ones lie further apart.
const witnessedMost = 240

// PutWitnessed stores what a witness cosigned. What it cosigned first of a size stays:
// it has the earlier time.
func (t *Tx) PutWitnessed(w Witnessed) error {
	size, err := number("size", w.Size)
	if err == nil {
		err = t.c.run(`INSERT INTO witnessed (line, log, size, witness, checkpoint, cosignature) VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
			w.Line[:], w.Log[:], size, w.Witness, blob(w.Checkpoint), blob(w.Cosignature))
	}
	if err == nil {
		err = t.thinWitnessed(w.Line, w.Log)
	}
	return wrap(err, "put what a witness cosigned of log %v", w.Log)
}

// thinWitnessed drops every second size, but for the newest of each witness.
func (t *Tx) thinWitnessed(line parley.LineID, log parley.LogID) error {
	sizes, err := t.c.oneInt(`SELECT count(DISTINCT size) FROM witnessed WHERE line = ? AND log = ?`, line[:], log[:])
	if err != nil || sizes <= witnessedMost {
		return err
	}
	return t.c.run(`DELETE FROM witnessed WHERE line = ?1 AND log = ?2
		AND size IN (SELECT size FROM (
			SELECT size, row_number() OVER (ORDER BY size) AS place FROM
				(SELECT DISTINCT size FROM witnessed WHERE line = ?1 AND log = ?2)) WHERE place % 2 = 0)
		AND size < (SELECT max(size) FROM witnessed AS newest
			WHERE newest.line = ?1 AND newest.log = ?2 AND newest.witness = witnessed.witness)`, line[:], log[:])
}

// Witnessed returns what is kept of what witnesses cosigned of this party's log on a line,
// under all its names, sorted by size, by name, and by the key of the witness.
func (v *View) Witnessed(line parley.LineID) (list []Witnessed, err error) {
	err = v.c.query(`SELECT log, size, witness, checkpoint, cosignature FROM witnessed WHERE line = ? ORDER BY size, log, witness`, func(r row) error {
		w := Witnessed{Line: line, Size: r.uint(1), Witness: r.text(2), Checkpoint: r.bytes(3), Cosignature: r.bytes(4)}
		err := r.fill(0, w.Log[:])
		list = append(list, w)
		return err
	}, line[:])
	return list, wrap(err, "what witnesses cosigned on line %v", line)
}
