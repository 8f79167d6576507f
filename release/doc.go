// Package release decides when content may leave, and when it is believed.
//
// Only Release and Verify make a Released: exactly the quorum of officers, of
// the right party and of the desk the content comes from, signed these very
// bytes, for this line and for a desk of this addressee. The addressee is part
// of the check because a party could otherwise seal again, to us, what was
// meant for another, and have us believe it.
//
// It refuses everything else with a sentinel, and each sentinel has the reason
// that a signed refusal gives (Reason). It does not know what was said before:
// a repeated draft (ErrReplay) is for the receiver's journal to find.
//
// Officers come and go: who counts is what the history of the roster says at
// the entry, and content of kind change is judged here, too (spec/CHANGE.md).
//
// Its spec is spec/MESSAGE.md §6.
package release

import (
	"errors"

	"parley/roster"
	"parley/wire"
)

var (
	// ErrSignature: a signature does not verify.
	ErrSignature = wire.ErrSignature

	// ErrQuorum: not exactly as many officers signed as the terms ask for.
	ErrQuorum = errors.New("not exactly the quorum")

	// ErrOfficer: a key signed that is no officer's of the sending party.
	ErrOfficer = errors.New("not an officer of the sender")

	// ErrDesk: the desk the content comes from is not the sender's, or an
	// officer may not release for it.
	ErrDesk = errors.New("not a desk this may be released for")

	// ErrAddressee: no desk of the addressee is among those addressed, or a
	// desk is that the line does not know.
	ErrAddressee = errors.New("not addressed to this party")

	// ErrLine: the content is of another line.
	ErrLine = errors.New("of another line")

	// ErrChange: a change of the sender's side that cannot be made there.
	ErrChange = roster.ErrChange

	// ErrSeen: what an entry says it has seen of the other log cannot be. Verify does
	// not look at it: CheckSeen does.
	ErrSeen = errors.New("impossible statement of what was seen")

	// ErrReplay: the draft was sent before. Verify does not know; the receiver,
	// who holds what came before, does.
	ErrReplay = errors.New("a draft that was sent before")
)
