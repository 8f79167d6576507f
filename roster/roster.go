// Package roster holds whom we believe: the two parties of a line, their keys,
// desks and officers, and the terms they agreed on. It makes and reads the
// files of the ceremony by which a line is agreed: card, invite, accept and
// roster.
//
// All four are canonical text: what parses prints to the same bytes, and
// anything else is refused with the line, the keyword and what to do. The
// package refuses a key that serves twice, a party on both sides, a quorum
// nobody can reach, and evidence that the cards have no keys for. It believes no
// roster by itself: people compare the twelve words aloud (R26).
//
// The specification is spec/ROSTER.md.
package roster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"parley"
)

// The errors on which a caller decides. Each is wrapped in one that says what
// failed, on what, and what to do (spec/ROSTER.md §7).
var (
	// ErrMalformed: the text is not written as the specification says.
	ErrMalformed = errors.New("malformed")
	// ErrSignature: the root signature of a card does not verify.
	ErrSignature = errors.New("bad root signature")
	// ErrKey: a key is weak, or serves twice.
	ErrKey = errors.New("key refused")
	// ErrParty: the parties do not fit: one party on both sides, or a card of
	// a party that was not invited.
	ErrParty = errors.New("wrong party")
	// ErrQuorum: the terms ask for more officers than a party has.
	ErrQuorum = errors.New("quorum out of reach")
	// ErrInvite: the accept answers another invite than the one given.
	ErrInvite = errors.New("answers another invite")
	// ErrDeniable: a card has a deniable key and the terms are attributable, or
	// the reverse; or a receipt-pq key and they are deniable (spec/DENIABLE.md §1).
	ErrDeniable = errors.New("the evidence of the terms and the keys on the cards do not fit")
	// ErrChange: a change does not fit the side that it would change, or makes
	// one that a roster could not have (spec/CHANGE.md §3).
	ErrChange = errors.New("not a change of this side as it stands")
	// ErrWords: the words typed are not those of the roster.
	ErrWords = errors.New("the words differ")
)

// Roster is the agreed list of both parties and their terms. It is not changed
// after it was made: what a party changes of its own side makes another Roster
// of the same line, which History has for every entry (spec/CHANGE.md §4).
type Roster struct {
	// Line is the hash of the roster text that the parties agreed on.
	Line parley.LineID
	// Sides are the two parties, sorted by name. Prekeys and LastResort are
	// filled by Accept and Confirm and empty after ParseRoster: prekeys are
	// consumed and are no part of the roster.
	Sides [2]Side
	// Terms are the charter of the line.
	Terms Terms
}

const rosterTitle = "parley-roster v1"

// ParseRoster reads a roster file (spec/ROSTER.md §5).
func ParseRoster(text []byte) (*Roster, error) {
	d, err := newReader("roster", text, 0)
	if err != nil {
		return nil, err
	}
	d.Title(rosterTitle)
	a := d.side()
	b := d.side()
	if d.Err() == nil && b.Party < a.Party {
		d.Whole(fmt.Errorf("party: %w: %s stands before %s; sort the parties by name", ErrMalformed, a.Party, b.Party))
	}
	t := d.terms()
	d.Finish()
	if d.Err() != nil {
		return nil, d.Err()
	}
	r, err := agree(a, b, t)
	if err != nil {
		return nil, d.Wrap(err)
	}
	if err := d.same(r.Text()); err != nil {
		return nil, err
	}
	return r, nil
}

// Text returns the roster file, in the only form ParseRoster accepts.
func (r *Roster) Text() []byte {
	p := newPrinter(rosterTitle)
	p.side(r.Sides[0])
	p.side(r.Sides[1])
	p.terms(r.Terms)
	return p.end()
}

// Hash returns the bytes of Line as a hash.
func (r *Roster) Hash() parley.Hash { return parley.Hash(r.Line) }

func lineOf(text []byte) parley.LineID {
	h := sha256.New()
	h.Write([]byte("parley/v1/roster\x00"))
	h.Write(text)
	return parley.LineID(h.Sum(nil))
}

// Side returns the side of party p, and false if p is not of this line.
func (r *Roster) Side(p parley.Party) (Side, bool) {
	for _, s := range r.Sides {
		if s.Party == p {
			return s, true
		}
	}
	return Side{}, false
}

// Peer returns the side across from party me, and false if me is not of this line.
func (r *Roster) Peer(me parley.Party) (Side, bool) {
	for i, s := range r.Sides {
		if s.Party == me {
			return r.Sides[1-i], true
		}
	}
	return Side{}, false
}

// Log returns the side that writes log id, and false if the roster names no such log.
func (r *Roster) Log(id parley.LogID) (Side, bool) {
	for _, s := range r.Sides {
		if s.Log == id {
			return s, true
		}
	}
	return Side{}, false
}

// Officer returns the officer of party p whose key has this id, and false if there is none.
func (r *Roster) Officer(p parley.Party, id parley.KeyID) (Officer, bool) {
	s, _ := r.Side(p)
	i := slices.IndexFunc(s.Officers, func(o Officer) bool { return o.KeyID() == id })
	if i < 0 {
		return Officer{}, false
	}
	return s.Officers[i], true
}

// QuorumFor returns how many officers must sign content of precedence p and
// kind k: the quorum of the kind where the terms name one, otherwise that of
// the precedence. It returns 0 for a precedence the terms do not name; no
// number of signatures satisfies 0 (spec/ROSTER.md §6).
func (r *Roster) QuorumFor(p parley.Precedence, k parley.Kind) int {
	if k == parley.Change && p.Valid() {
		return r.Terms.LargestQuorum()
	}
	if n, ok := r.Terms.QuorumKind[k]; ok && p.Valid() {
		return n
	}
	return r.Terms.Quorum[p]
}

// Decisive returns how many officers must sign the decision about a fork: as many
// as a text needs at the precedence where it needs most (spec/TRANSCRIPT.md §8).
func (r *Roster) Decisive() (most int) {
	for p := parley.Flash; p <= parley.Routine; p++ {
		most = max(most, r.QuorumFor(p, parley.Text))
	}
	return most
}

// LogOrigin returns the origin line of the checkpoints of a log, which is the
// name of its key as well (spec/TRANSCRIPT.md §3).
func LogOrigin(line parley.LineID, log parley.LogID) string {
	return "parley/v1/" + hex.EncodeToString(line[:]) + "/" + hex.EncodeToString(log[:])
}

// LogKeyName returns the name of the key that signs the checkpoints of a log.
func LogKeyName(line parley.LineID, log parley.LogID) string { return LogOrigin(line, log) }

// ReceiptKeyName returns the name of the key with which a party cosigns
// (spec/RECEIPT.md §2).
func ReceiptKeyName(line parley.LineID, p parley.Party) string {
	return "parley/v1/" + hex.EncodeToString(line[:]) + "/receipt/" + string(p)
}

// ReceiptPQKeyName returns the name of the ML-DSA-44 key with which a party
// cosigns (spec/RECEIPT.md §9).
func ReceiptPQKeyName(line parley.LineID, p parley.Party) string {
	return "parley/v1/" + hex.EncodeToString(line[:]) + "/receipt-pq/" + string(p)
}
