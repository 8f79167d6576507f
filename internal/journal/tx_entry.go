package journal

import (
	"cmp"
	"errors"
	"fmt"

	"parley"
)

// State says whether an entry is believed. Storage and belief are separate: an
// entry in any state is held, and receipted.
type State uint8

// The states.
const (
	Held     State = 1 // stored, not yet verified
	Believed State = 2 // verified; may be presented
	Refused  State = 3 // stored and answered by a refusal; never presented
)

func (s State) String() string {
	switch s {
	case Held:
		return "held"
	case Believed:
		return "believed"
	case Refused:
		return "refused"
	}
	return fmt.Sprintf("unknown(%d)", uint8(s))
}

// Record is one entry as it is held.
type Record struct {
	Seq        uint64 // the place in this journal in order of arrival, from 1; Append assigns it
	Log        parley.LogID
	Number     uint64         // from 1
	Leaf       parley.Hash    // leaf hash of Entry
	Entry      []byte         // the bytes of the leaf
	At         parley.Time    // when this station stored it
	Draft      parley.DraftID // zero: none, or an entry that must not count as use of its draft
	Precedence parley.Precedence
	Status     parley.Status
	Kind       parley.Kind
	State      State
	Reason     uint8 // of the refusal; 0: none
	Ahead      bool  // it arrived ahead of a gap
}

// recordColumns are what scan reads, from entry joined with log.
const recordColumns = `entry.seq, log.name, entry.number, entry.leaf, entry.at, entry.draft, entry.precedence,
	entry.status, entry.kind, entry.state, entry.reason, entry.ahead, entry.bytes`

// Append stores an entry of a log that was created. ErrExists: the number is
// taken in that log. ErrDraftUsed: the draft is, by its party. ErrNotFound: there is no such log.
func (t *Tx) Append(r Record) error {
	n, err := number("number", r.Number)
	if err != nil {
		return fmt.Errorf("append %d of log %v: %w", r.Number, r.Log, err)
	}
	var draft any
	if r.Draft != (parley.DraftID{}) {
		draft = r.Draft[:]
	}
	used, err := t.draftUsedBeside(r.Log, draft)
	if err != nil || used {
		return wrap(cmp.Or(err, t.whyNot(r, ErrDraftUsed)), "append %d of log %v", r.Number, r.Log)
	}
	err = t.c.run(`INSERT INTO entry (log, number, leaf, at, draft, precedence, status, kind, state, reason, ahead, bytes) VALUES (`+idOf+`,?,?,?,?,?,?,?,?,?,?,?)`,
		r.Log[:], n, r.Leaf[:], int64(r.At), draft, int64(r.Precedence), int64(r.Status), int64(r.Kind),
		int64(r.State), int64(r.Reason), flag(r.Ahead), blob(r.Entry))
	if isConstraint(err) {
		err = t.whyNot(r, err)
	}
	return wrap(err, "append %d of log %v", r.Number, r.Log)
}

// draftUsedBeside reports whether the party of a log has an entry of the draft
// in another of its logs on the line. In the log itself an index sees to it.
func (t *Tx) draftUsedBeside(log parley.LogID, draft any) (bool, error) {
	if draft == nil {
		return false, nil
	}
	n, err := t.c.oneInt(`SELECT count(*) FROM entry CROSS JOIN log ON log.id = entry.log CROSS JOIN log AS mine
		WHERE entry.draft = ?2 AND mine.name = ?1 AND log.id <> mine.id AND log.line = mine.line AND log.party = mine.party`, log[:], draft)
	return n > 0, err
}

// whyNot says which rule the refused row broke.
func (t *Tx) whyNot(r Record, err error) error {
	if _, logErr := t.Log(r.Log); logErr != nil {
		return logErr
	}
	_, numberErr := t.Record(r.Log, r.Number)
	switch {
	case numberErr == nil:
		return ErrExists
	case !errors.Is(numberErr, ErrNotFound):
		return numberErr
	case r.Number == 0:
		return ErrLimit
	case r.Draft != (parley.DraftID{}):
		return ErrDraftUsed
	}
	return err
}

// Judge changes what is thought of an entry that is held: State, Reason, and,
// of content that is believed, Draft, Precedence, Status and Kind. The rest of r
// only names the entry. ErrNotFound: it is not held. ErrDraftUsed: the draft is,
// by its party.
func (t *Tx) Judge(r Record) error {
	var draft any
	if r.Draft != (parley.DraftID{}) {
		draft = r.Draft[:]
	}
	if _, err := t.Record(r.Log, r.Number); err != nil {
		return wrap(err, "judge %d of log %v", r.Number, r.Log)
	}
	used, err := t.draftUsedBeside(r.Log, draft)
	if err == nil && used {
		err = ErrDraftUsed
	}
	if err == nil {
		err = t.c.run(`UPDATE entry SET state = ?2, reason = ?3, draft = ?4, precedence = ?5, status = ?6, kind = ?7
			WHERE log = `+idOf+` AND number = ?8`,
			r.Log[:], int64(r.State), int64(r.Reason), draft, int64(r.Precedence), int64(r.Status), int64(r.Kind), clamp(r.Number))
	}
	if isConstraint(err) {
		err = ErrDraftUsed
	}
	return wrap(err, "judge %d of log %v", r.Number, r.Log)
}

// DraftUsed reports whether party has an entry of this draft in any of its
// logs on the line.
func (v *View) DraftUsed(line parley.LineID, party parley.Party, draft parley.DraftID) (bool, error) {
	n, err := v.c.oneInt(`SELECT count(*) FROM entry JOIN log ON log.id = entry.log
		WHERE log.line = ? AND log.party = ? AND entry.draft = ?`, line[:], string(party), draft[:])
	return n > 0, wrap(err, "look for draft on line %v", line)
}

// Record returns an entry. ErrNotFound: it is not held.
func (v *View) Record(log parley.LogID, n uint64) (rec Record, err error) {
	err = v.c.one(`SELECT `+recordColumns+` FROM log JOIN entry ON entry.log = log.id WHERE log.name = ? AND number = ?`,
		func(r row) error { return rec.scan(r) }, log[:], clamp(n))
	return rec, wrap(err, "entry %d of log %v", n, log)
}

func (rec *Record) scan(r row) error {
	rec.Seq, rec.Number, rec.At = r.uint(0), r.uint(2), parley.Time(r.uint(4))
	rec.Precedence, rec.Status, rec.Kind = parley.Precedence(r.int(6)), parley.Status(r.int(7)), parley.Kind(r.int(8))
	rec.State, rec.Reason, rec.Ahead = State(r.int(9)), uint8(r.int(10)), r.bool(11)
	rec.Entry = r.bytes(12)
	return firstError(r.fill(1, rec.Log[:]), r.fill(3, rec.Leaf[:]), r.fill(5, rec.Draft[:]))
}
