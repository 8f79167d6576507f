package journal

import (
	"fmt"

	"parley"
)

// Stray is an entry that has no place in its log any more, or never had one: its
// party was restored from a backup, and its log closed before it
// (spec/GENERATION.md §6).
type Stray struct {
	Line  parley.LineID
	Party parley.Party // whose log it was of
	Draft parley.DraftID
	Shown bool // it was believed under its old number, and told to people
	Entry []byte
}

// PutStray keeps a stray. There is one of a draft and a party on a line: the first
// one stays, and has no number again.
func (t *Tx) PutStray(s Stray) error {
	err := t.c.run(`INSERT INTO stray (line, party, draft, shown, place, bytes) VALUES (?,?,?,?,0,?) ON CONFLICT DO UPDATE SET place = 0, shown = max(shown, excluded.shown)`,
		s.Line[:], string(s.Party), s.Draft[:], flag(s.Shown), blob(s.Entry))
	return wrap(err, "put stray")
}

// PlaceStray says that the content of a stray has the number n now. One that is not
// kept is no error.
func (t *Tx) PlaceStray(line parley.LineID, party parley.Party, draft parley.DraftID, n uint64) error {
	err := t.c.run(`UPDATE stray SET place = ?4 WHERE line = ?1 AND party = ?2 AND draft = ?3`, line[:], string(party), draft[:], clamp(n))
	return wrap(err, "place stray")
}

// DeleteStray forgets a stray. One that is not kept is no error.
func (t *Tx) DeleteStray(line parley.LineID, party parley.Party, draft parley.DraftID) error {
	err := t.c.run(`DELETE FROM stray WHERE line = ? AND party = ? AND draft = ?`, line[:], string(party), draft[:])
	return wrap(err, "delete stray")
}

// Strays returns at most limit strays of a party on a line that have no number yet, in
// order of arrival.
func (v *View) Strays(line parley.LineID, party parley.Party, limit int) (list []Stray, err error) {
	err = v.c.query(`SELECT draft, shown, bytes FROM stray WHERE line = ? AND party = ? AND place = 0 ORDER BY seq LIMIT ?`, func(r row) error {
		s := Stray{Line: line, Party: party, Shown: r.bool(1), Entry: r.bytes(2)}
		err := r.fill(0, s.Draft[:])
		list = append(list, s)
		return err
	}, line[:], string(party), int64(limit))
	return list, wrap(err, "strays of line %v", line)
}

// Stray returns the stray whose content has the number that a message with this draft
// id has. ErrNotFound: it never strayed.
func (v *View) Stray(line parley.LineID, party parley.Party, draft parley.DraftID) (s Stray, err error) {
	found := false
	err = v.c.query(`SELECT shown, bytes FROM stray WHERE line = ? AND party = ? AND draft = ? AND place > 0`, func(r row) error {
		found, s = true, Stray{Line: line, Party: party, Draft: draft, Shown: r.bool(0), Entry: r.bytes(1)}
		return nil
	}, line[:], string(party), draft[:])
	if err == nil && !found {
		err = ErrNotFound
	}
	return s, wrap(err, "stray of line %v", line)
}

// Generation is a generation statement of a log (spec/GENERATION.md §3).
type Generation struct {
	Party     parley.Party // whose log it is of
	Statement []byte
}

// PutGeneration keeps a generation statement behind those of the line that are kept.
func (t *Tx) PutGeneration(line parley.LineID, g Generation) error {
	err := t.c.run(`INSERT INTO generation (line, party, bytes) VALUES (?,?,?)`, line[:], string(g.Party), blob(g.Statement))
	return wrap(err, "put generation")
}

// Generations returns the generation statements of both logs of a line, in the order
// in which they were put: those of one log are so in the order of its generations.
func (v *View) Generations(line parley.LineID) (list []Generation, err error) {
	err = v.c.query(`SELECT party, bytes FROM generation WHERE line = ? ORDER BY seq`, func(r row) error {
		list = append(list, Generation{Party: parley.Party(r.text(0)), Statement: r.bytes(1)})
		return nil
	}, line[:])
	return list, wrap(err, "generations of line %v", line)
}

// CutLog takes the entries above size out of a log, with all that is known of
// them, and replaces what may change of the log as PutLog does. Nothing else ever
// takes out an entry: those were not proved to be held by both sides when the log
// was closed (spec/GENERATION.md §3).
func (t *Tx) CutLog(l Log) error {
	size := clamp(l.Size)
	for _, table := range []string{"entry", "single", "fate", "refusal"} {
		if err := t.c.run(`DELETE FROM `+table+` WHERE log = `+idOf+` AND number > ?2`, l.ID[:], size); err != nil {
			return fmt.Errorf("cut log %v: %w", l.ID, err)
		}
	}
	if err := t.c.run(`DELETE FROM subtree WHERE log = `+idOf+` AND (place + 1) << level > ?2`, l.ID[:], size); err != nil {
		return fmt.Errorf("cut log %v: %w", l.ID, err)
	}
	// Refusals are counted without gaps.
	kept, err := t.Refusals(l.ID, 0, -1)
	if err != nil {
		return err
	}
	for i, r := range kept {
		if err := t.c.run(`UPDATE refusal SET seq = ?3 WHERE log = `+idOf+` AND number = ?2`, l.ID[:], clamp(r.Number), int64(i+1)); err != nil {
			return fmt.Errorf("cut log %v: %w", l.ID, err)
		}
	}
	return t.PutLog(l)
}
