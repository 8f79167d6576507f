package station

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/release"
	"parley/roster"
	"parley/wire"
)

// Errors that a caller of the drafts decides on.
var (
	// ErrNoDraft is returned for a draft that does not stand, or no more.
	ErrNoDraft = errors.New("no such draft")
	// ErrSigned is returned when an officer approves a draft twice.
	ErrSigned = errors.New("this officer has approved this draft already")
)

// Draft is a text on its way to be released. What officers sign is Content,
// byte for byte: a draft never changes, it is replaced by another (R22).
type Draft struct {
	ID       parley.DraftID
	Line     parley.LineID
	Created  parley.Time
	Content  []byte // as wire.AppendContent writes it
	Approved []string
	Quorum   int

	signatures []wire.Signature
}

// Draft keeps a text for its officers. Line and, if it is zero, Draft of c are
// filled in.
func (l *Line) Draft(ctx context.Context, c wire.Content) (Draft, error) {
	c.Line = l.id
	if c.Draft == (parley.DraftID{}) {
		if _, err := rand.Read(c.Draft[:]); err != nil {
			return Draft{}, err
		}
	}
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		return Draft{}, err
	}
	if err := l.fits(content); err != nil {
		return Draft{}, err
	}
	d := journal.Draft{
		ID: c.Draft, Line: l.id, At: parley.TimeOf(l.cfg.Now()),
		Precedence: c.Precedence, Status: c.Status, Content: content,
	}
	if err := l.commitDraft(c.Precedence)(ctx, func(tx *journal.Tx) error { return tx.PutDraft(d) }); err != nil {
		return Draft{}, fmt.Errorf("the draft was not stored: %w", err)
	}
	l.tellDraft(EventDraft, d.ID)
	return l.draftOf(d)
}

// tellDraft tells what became of a draft.
func (l *Line) tellDraft(k EventKind, id parley.DraftID) {
	l.cfg.Notify(Event{Kind: k, Line: l.id, At: parley.TimeOf(l.cfg.Now()), Text: id.String()})
}

// commitDraft is how a draft becomes durable: a Flash takes the room that is
// kept for it on a full disk from the first word on.
func (l *Line) commitDraft(p parley.Precedence) func(context.Context, func(*journal.Tx) error) error {
	if p == parley.Flash {
		return l.journal.CommitUrgent
	}
	return l.journal.Commit
}

// draftOf reads a draft as the journal keeps it.
func (l *Line) draftOf(d journal.Draft) (Draft, error) {
	c, err := wire.ParseContent(d.Content)
	if err != nil {
		return Draft{}, fmt.Errorf("draft %s in the journal: %w", d.ID, err)
	}
	out := Draft{ID: d.ID, Line: d.Line, Created: d.At, Content: d.Content, Quorum: l.roster.QuorumFor(c.Precedence, c.Kind)}
	signatures, err := parseSignatures(d.Approvals)
	if err != nil {
		return Draft{}, fmt.Errorf("draft %s in the journal: %w", d.ID, err)
	}
	now := l.persons()
	for _, s := range signatures {
		if o, ok := now.Officer(l.cfg.Party, s.Key); ok { // not those who have left since
			out.signatures = append(out.signatures, s)
			out.Approved = append(out.Approved, o.Name)
		}
	}
	return out, nil
}

// rosterNow is the roster that is in force for our next entry.
func (l *Line) rosterNow() *roster.Roster { return l.History().At(l.cfg.Party, wire.MaxNumber) }

// fits says what could not be released of a content whoever signs it.
func (l *Line) fits(content []byte) error {
	log, err := l.journal.Log(l.self.Log)
	if err != nil {
		return err
	}
	return release.Check(content, l.History(), l.cfg.Party, log.Size+1)
}

// Drafts returns the drafts that wait for officers, oldest first.
func (l *Line) Drafts() ([]Draft, error) {
	rows, err := l.journal.Drafts(l.id)
	if err != nil {
		return nil, err
	}
	out := make([]Draft, 0, len(rows))
	for _, r := range rows {
		d, err := l.draftOf(r)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// DraftOf returns one draft, or ErrNoDraft.
func (l *Line) DraftOf(id parley.DraftID) (Draft, error) {
	r, err := l.journal.Draft(id)
	if errors.Is(err, journal.ErrNotFound) || err == nil && r.Line != l.id {
		return Draft{}, fmt.Errorf("draft %s: %w", id, ErrNoDraft)
	}
	if err != nil {
		return Draft{}, err
	}
	return l.draftOf(r)
}

// Withdraw forgets a draft. It uses no number.
func (l *Line) Withdraw(ctx context.Context, id parley.DraftID) error {
	if _, err := l.DraftOf(id); err != nil {
		return err
	}
	// Between two turns, so that it is either withdrawn or released.
	var err error
	if asked := l.do(ctx, func() {
		err = l.journal.Commit(ctx, func(tx *journal.Tx) error { return tx.DeleteDraft(id) })
	}); asked != nil {
		return asked
	}
	if errors.Is(err, journal.ErrNotFound) {
		return fmt.Errorf("draft %s: %w", id, ErrNoDraft)
	}
	if err == nil {
		l.tellDraft(EventWithdrawn, id)
	}
	return err
}

// Approve adds one officer's signature to a draft. With the last that the
// charter asks for, the draft is released, and its place in the log returned.
// That last one is stored with the entry or not at all: a station that dies
// leaves either a released message or a draft that waits for this officer.
func (l *Line) Approve(ctx context.Context, id parley.DraftID, s wire.Signature) (Draft, *parley.Ref, error) {
	d, err := l.DraftOf(id)
	if err != nil {
		return Draft{}, nil, err
	}
	if l.off != nil {
		return d, nil, fmt.Errorf("draft %s is deniable: %w", id, ErrDeniable)
	}
	officer, err := l.person(s.Key)
	if err != nil {
		return d, nil, err
	}
	if !ed25519.Verify(officer.Key, wire.ToBeSigned(wire.DomainContent, s.Key, d.Content), s.Sig[:]) {
		return d, nil, fmt.Errorf("officer %s: %w", officer.Name, release.ErrSignature)
	}
	if c, err := changeIn(d.Content); err == nil && c.Ends(s.Key) {
		return d, nil, fmt.Errorf("officer %s, whose key this change ends: %w", officer.Name, release.ErrOfficer)
	}
	return l.approved(ctx, d, officer.Name, s)
}

// person returns the officer who may approve now with the key that is named.
func (l *Line) person(key parley.KeyID) (roster.Officer, error) {
	o, ok := l.persons().Officer(l.cfg.Party, key)
	if !ok {
		return o, fmt.Errorf("key %s: %w", key, release.ErrOfficer)
	}
	return o, nil
}

// approved takes an officer's approval that was found good, and releases the
// draft if it is the last.
func (l *Line) approved(ctx context.Context, d Draft, officer string, s wire.Signature) (Draft, *parley.Ref, error) {
	c, err := wire.ParseContent(d.Content)
	if err != nil {
		return d, nil, err
	}
	if err := l.fits(d.Content); err != nil {
		return d, nil, err // the side of the roster changed since it was drafted
	}
	d, err = l.addApproval(ctx, d.ID, c.Precedence, officer, s)
	if err != nil {
		return d, nil, err
	}
	if len(d.signatures) < d.Quorum {
		l.tellDraft(EventDraft, d.ID)
		return d, nil, nil
	}
	log, err := l.journal.Log(l.self.Log)
	if err != nil {
		return d, nil, err
	}
	signatures, err := l.signatures(d)
	if err != nil {
		return d, nil, err
	}
	r, err := release.Release(d.Content, signatures, l.History(), l.cfg.Party, roster.Place{Number: log.Size + 1})
	if err != nil {
		return d, nil, err
	}
	ref, err := l.release(ctx, r, true)
	if err != nil {
		return d, nil, err
	}
	return d, &ref, nil
}

// addApproval puts an approval beside those that stand, which another officer
// may have added since the draft was read, and keeps it unless it completes
// the quorum.
func (l *Line) addApproval(ctx context.Context, id parley.DraftID, p parley.Precedence, name string, s wire.Signature) (d Draft, err error) {
	err = l.commitDraft(p)(ctx, func(tx *journal.Tx) error {
		row, err := tx.Draft(id)
		if errors.Is(err, journal.ErrNotFound) {
			return fmt.Errorf("draft %s: %w", id, ErrNoDraft)
		}
		if err != nil {
			return err
		}
		if d, err = l.draftOf(row); err != nil {
			return err
		}
		if slices.ContainsFunc(d.signatures, func(have wire.Signature) bool { return have.Key == s.Key }) {
			return fmt.Errorf("officer %s: %w", name, ErrSigned)
		}
		row.Approvals = appendSignatures(row.Approvals, []wire.Signature{s})
		if d, err = l.draftOf(row); err != nil || len(d.signatures) >= d.Quorum {
			return err
		}
		return tx.PutDraft(row)
	})
	if err != nil {
		return d, fmt.Errorf("the approval was not stored: %w", err)
	}
	return d, nil
}

// signatureBytes is a key id and a signature, as a draft's row keeps them.
const signatureBytes = 8 + 64

func appendSignatures(dst []byte, sigs []wire.Signature) []byte {
	for _, s := range sigs {
		dst = append(dst, s.Key[:]...)
		dst = append(dst, s.Sig[:]...)
	}
	return dst
}

func parseSignatures(b []byte) ([]wire.Signature, error) {
	if len(b)%signatureBytes != 0 {
		return nil, fmt.Errorf("%d bytes are not whole signatures", len(b))
	}
	var out []wire.Signature
	for ; len(b) > 0; b = b[signatureBytes:] {
		out = append(out, wire.Signature{Key: parley.KeyID(b[:8]), Sig: [64]byte(b[8:signatureBytes])})
	}
	return out, nil
}
