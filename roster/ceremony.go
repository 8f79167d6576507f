package roster

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"parley"
	"parley/lines"
)

// The ceremony (spec/ROSTER.md §5), of which the two files may travel by any
// way, even an open one:
//
//  1. each party    NewCard            with its root key, offline
//  2. the inviter   Invite             its card and the terms, for one party
//  3. the invited   Accept             answers with its card; has the roster
//  4. the inviter   Confirm            has the same roster
//  5. people        CheckWords         read the twelve words to each other, by
//                                      voice or face to face; only now is it a line

const (
	inviteTitle = "parley-invite v1"
	acceptTitle = "parley-accept v1"
)

// Invite returns the invite to party to: the inviter's card and the terms
// (spec/ROSTER.md §5).
func Invite(card []byte, to parley.Party, t Terms) ([]byte, error) {
	from, err := ParseCard(card)
	if err != nil {
		return nil, fmt.Errorf("invite %s: %w", to, err)
	}
	if _, err := parley.ParseParty(string(to)); err != nil {
		return nil, fmt.Errorf("invite: %w: %w", ErrMalformed, err)
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("invite %s: terms: %w", to, err)
	}
	text := printInvite(card, to, t)
	if _, err := ParseInvite(text); err != nil {
		return nil, fmt.Errorf("invite %s from %s: %w", to, from.Party, err)
	}
	return text, nil
}

func printInvite(card []byte, to parley.Party, t Terms) []byte {
	p := newPrinter(inviteTitle)
	p.Line("to", string(to))
	p.terms(t)
	p.Text(card)
	return p.end()
}

// Invited is what an invite says. It is for people to read before they accept.
type Invited struct {
	To    parley.Party
	From  Side
	Terms Terms
}

// ParseInvite reads an invite (spec/ROSTER.md §5).
func ParseInvite(text []byte) (Invited, error) {
	d, err := newReader("invite", text, 0)
	if err != nil {
		return Invited{}, err
	}
	d.Title(inviteTitle)
	i := Invited{To: d.Party("to"), Terms: d.terms()}
	var card []byte
	if i.From, card, err = d.inner(); err != nil {
		return Invited{}, err
	}
	if err := d.same(printInvite(card, i.To, i.Terms)); err != nil {
		return Invited{}, err
	}
	if err := i.check(); err != nil {
		return Invited{}, d.Wrap(err)
	}
	return i, nil
}

// check says what is wrong with an invite that can be said before the invited
// party's card is known.
func (i *Invited) check() error {
	if i.To == i.From.Party {
		return fmt.Errorf("to: %w: %s invites itself; name the other party", ErrParty, i.To)
	}
	for _, c := range i.Terms.Channels {
		if c.Dialled() && c.Listener != i.To && c.Listener != i.From.Party {
			return fmt.Errorf("channel %s: %w: listener %q is neither %s nor %s", c.Name, ErrParty, lines.Clip(string(c.Listener)), i.From.Party, i.To)
		}
	}
	if err := i.From.fitsEvidence(i.Terms); err != nil {
		return err
	}
	return i.From.reach(i.Terms)
}

// inner reads the card that fills the rest of a file up to its END, and
// returns its text as well.
func (d *reader) inner() (Side, []byte, error) {
	if d.Err() != nil {
		return Side{}, nil, d.Err()
	}
	card := bytes.Clone(d.Left())
	in, err := newReader("card in the "+d.what, card, d.At())
	if err != nil {
		return Side{}, nil, err
	}
	s, err := in.card()
	return s, card, err
}

// Accept answers an invite with the card of the party it is addressed to, and
// returns the file for the inviter and the roster (spec/ROSTER.md §5).
func Accept(invite, card []byte) (accept []byte, r *Roster, err error) {
	i, err := ParseInvite(invite)
	if err != nil {
		return nil, nil, fmt.Errorf("accept: %w", err)
	}
	from, err := ParseCard(card)
	if err != nil {
		return nil, nil, fmt.Errorf("accept: %w", err)
	}
	if r, err = i.meet(from); err != nil {
		return nil, nil, fmt.Errorf("accept: %w", err)
	}
	return printAccept(card, inviteHash(invite)), r, nil
}

// Confirm reads the answer to an invite and returns the roster, the same to
// the byte as the one Accept returned. The invite must be the inviter's own
// copy, not one that came back with the answer (spec/ROSTER.md §5).
func Confirm(invite, accept []byte) (*Roster, error) {
	i, err := ParseInvite(invite)
	if err != nil {
		return nil, fmt.Errorf("confirm: %w", err)
	}
	a, err := ParseAccept(accept)
	if err != nil {
		return nil, fmt.Errorf("confirm: %w", err)
	}
	if a.Invite != inviteHash(invite) {
		return nil, fmt.Errorf("confirm: accept of %s: %w; take the invite that was sent to %s, or invite again", a.From.Party, ErrInvite, i.To)
	}
	r, err := i.meet(a.From)
	if err != nil {
		return nil, fmt.Errorf("confirm: %w", err)
	}
	return r, nil
}

// meet makes the roster of an invite and the card that answers it, for both
// parties alike.
func (i *Invited) meet(answer Side) (*Roster, error) {
	if answer.Party != i.To {
		return nil, fmt.Errorf("card: %w: it is the card of %s, the invite is for %s", ErrParty, answer.Party, i.To)
	}
	return agree(i.From, answer, i.Terms)
}

func printAccept(card []byte, invite parley.Hash) []byte {
	p := newPrinter(acceptTitle)
	p.Line("invite", invite.String())
	p.Text(card)
	return p.end()
}

// Accepted is what an accept says.
type Accepted struct {
	Invite parley.Hash // of the invite it answers
	From   Side
}

// ParseAccept reads an accept (spec/ROSTER.md §5).
func ParseAccept(text []byte) (Accepted, error) {
	d, err := newReader("accept", text, 0)
	if err != nil {
		return Accepted{}, err
	}
	d.Title(acceptTitle)
	a := Accepted{Invite: parley.Hash(d.Hex("invite", sha256.Size))}
	var card []byte
	if a.From, card, err = d.inner(); err != nil {
		return Accepted{}, err
	}
	if err := d.same(printAccept(card, a.Invite)); err != nil {
		return Accepted{}, err
	}
	return a, nil
}

func inviteHash(invite []byte) parley.Hash {
	h := sha256.New()
	h.Write([]byte("parley/v1/invite\x00"))
	h.Write(invite)
	return parley.Hash(h.Sum(nil))
}
