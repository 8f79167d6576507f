package journal

import "parley"

// Draft is a text that is not released yet. Its content and approvals are the
// station's bytes.
type Draft struct {
	ID         parley.DraftID
	Line       parley.LineID
	At         parley.Time // when it was last changed
	Precedence parley.Precedence
	Status     parley.Status
	Content    []byte // what the officers review, and sign byte for byte
	Approvals  []byte // the signatures so far
}

const draftColumns = `draft, line, at, precedence, status, content, approvals`

// PutDraft stores a draft, in place of what was stored under its ID.
func (t *Tx) PutDraft(d Draft) error {
	err := t.c.run(`INSERT INTO draft (`+draftColumns+`) VALUES (?,?,?,?,?,?,?)
		ON CONFLICT (draft) DO UPDATE SET line = excluded.line, at = excluded.at, precedence = excluded.precedence,
		status = excluded.status, content = excluded.content, approvals = excluded.approvals`,
		d.ID[:], d.Line[:], int64(d.At), int64(d.Precedence), int64(d.Status), blob(d.Content), blob(d.Approvals))
	return wrap(err, "put draft")
}

// DeleteDraft removes a draft. ErrNotFound: there is none of that ID.
func (t *Tx) DeleteDraft(id parley.DraftID) error {
	n, err := t.c.changes(`DELETE FROM draft WHERE draft = ?`, id[:])
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return wrap(err, "delete draft")
}

// Draft returns a draft. ErrNotFound: there is none of that ID.
func (v *View) Draft(id parley.DraftID) (d Draft, err error) {
	err = v.c.one(`SELECT `+draftColumns+` FROM draft WHERE draft = ?`, func(r row) error { return d.scan(r) }, id[:])
	return d, wrap(err, "draft")
}

// Drafts returns the drafts of a line, the one longest unchanged first.
func (v *View) Drafts(line parley.LineID) (list []Draft, err error) {
	err = v.c.query(`SELECT `+draftColumns+` FROM draft WHERE line = ? ORDER BY at, draft`, func(r row) error {
		var d Draft
		if err := d.scan(r); err != nil {
			return err
		}
		list = append(list, d)
		return nil
	}, line[:])
	return list, wrap(err, "drafts of line %v", line)
}

func (d *Draft) scan(r row) error {
	d.At, d.Precedence, d.Status = parley.Time(r.uint(2)), parley.Precedence(r.int(3)), parley.Status(r.int(4))
	d.Content, d.Approvals = r.bytes(5), r.bytes(6)
	return firstError(r.fill(0, d.ID[:]), r.fill(1, d.Line[:]))
}
