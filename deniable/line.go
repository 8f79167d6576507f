package deniable

import (
	"crypto"
	"crypto/ecdh"
	"fmt"
	"slices"

	"parley"
	"parley/roster"
	"parley/wire"
)

// Key is the private half of a deniable key. An *ecdh.PrivateKey of X25519 is
// one.
type Key interface {
	// ECDH returns what this key and another have in common.
	ECDH(*ecdh.PublicKey) ([]byte, error)
}

// Line is the deniable line of two parties, with the keys of both.
type Line struct {
	agreed, derived *roster.Roster
	secret          secret
}

// Keys are the signing keys of a party's station on the line.
type Keys struct{ log, station, receipt crypto.Signer }

// Log signs checkpoints.
func (k Keys) Log() crypto.Signer { return k.log }

// Station signs openings, prekeys, line checks, refusals and closings.
func (k Keys) Station() crypto.Signer { return k.station }

// Receipt signs cosignatures and single receipts.
func (k Keys) Receipt() crypto.Signer { return k.receipt }

// New derives the deniable line of a roster that both parties agreed on. own is
// the private half of the deniable key of party me (spec/DENIABLE.md §2). The
// error wraps roster.ErrDeniable where the terms have no deniable traffic,
// roster.ErrParty where me is not of the line, or ErrSecret.
func New(agreed *roster.Roster, me parley.Party, own Key) (*Line, error) {
	l, err := derive(agreed, me, own)
	if err != nil {
		return nil, fmt.Errorf("deniable line: %w", err)
	}
	return l, nil
}

func derive(agreed *roster.Roster, me parley.Party, own Key) (*Line, error) {
	if !agreed.Terms.Deniably() {
		return nil, fmt.Errorf("the terms say evidence %s: %w", agreed.Terms.Evidence, roster.ErrDeniable)
	}
	peer, ok := agreed.Peer(me)
	if !ok {
		return nil, fmt.Errorf("%s: %w", me, roster.ErrParty)
	}
	theirs, err := ecdh.X25519().NewPublicKey(peer.Deniable)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSecret, err)
	}
	shared, err := own.ECDH(theirs)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSecret, err)
	}
	l := &Line{agreed: agreed}
	if l.secret, err = newSecret(shared, agreed.Line); err != nil {
		return nil, err
	}
	r := &roster.Roster{Terms: agreed.Terms}
	r.Terms.Evidence = roster.Deniable
	for i, s := range agreed.Sides {
		if r.Sides[i], err = l.side(s); err != nil {
			return nil, err
		}
	}
	l.derived, err = roster.ParseRoster(r.Text())
	return l, err
}

// Agreed returns the roster that the parties agreed on.
func (l *Line) Agreed() *roster.Roster { return l.agreed }

// Roster returns the derived roster, the same to the byte at both sides: under
// it, and with these keys, the deniable line works as any other.
func (l *Line) Roster() *roster.Roster { return l.derived }

// Keys returns the keys of either party's station on the line.
func (l *Line) Keys(p parley.Party) (k Keys, err error) {
	for use, dst := range map[string]*crypto.Signer{"log key": &k.log, "station": &k.station, "receipt": &k.receipt} {
		if *dst, err = l.secret.key(use, p); err != nil {
			return Keys{}, err
		}
	}
	return k, nil
}

// Sign signs content of a desk of either party as the quorum of the terms. The
// keys are no person's: which persons agreed is between them and their own
// station. The error wraps what wire.ParseContent refuses, roster.ErrParty, or
// roster.ErrQuorum where the desk has fewer keys than that.
func (l *Line) Sign(content []byte) (out []wire.Signature, err error) {
	c, err := wire.ParseContent(content)
	if err != nil {
		return nil, fmt.Errorf("sign deniably: %w", err)
	}
	side, ok := l.derived.Side(c.From.Party())
	if !ok {
		return nil, fmt.Errorf("sign deniably: desk %s: %w", c.From, roster.ErrParty)
	}
	quorum := l.derived.QuorumFor(c.Precedence, c.Kind)
	for _, o := range side.Officers {
		if len(out) == quorum {
			break
		}
		if !o.Speaks(c.From) {
			continue
		}
		k, err := l.secret.key(o.Name, side.Party)
		if err != nil {
			return nil, err
		}
		sig, err := k.Sign(nil, wire.ToBeSigned(wire.DomainContent, o.KeyID(), content), crypto.Hash(0)) // Ed25519 draws nothing
		if err != nil {
			return nil, err
		}
		out = append(out, wire.Signature{Key: o.KeyID(), Sig: [64]byte(sig)})
	}
	if len(out) != quorum {
		return nil, fmt.Errorf("sign deniably: desk %s: %w: it has %d keys, not %d", c.From, roster.ErrQuorum, len(out), quorum)
	}
	return out, nil
}

// side derives one side: the names are those agreed on, the keys are new.
func (l *Line) side(s roster.Side) (roster.Side, error) {
	d := roster.Side{Party: s.Party, Language: s.Language, Desks: s.Desks, Deniable: s.Deniable}
	id, err := l.secret.derive("log", s.Party, len(d.Log))
	if err != nil {
		return d, err
	}
	d.Log = parley.LogID(id)
	for use, dst := range map[string]*[]byte{
		"root": (*[]byte)(&d.Root), "log key": (*[]byte)(&d.LogKey), "station": (*[]byte)(&d.Station),
		"receipt": (*[]byte)(&d.Receipt), "hop": (*[]byte)(&d.Hop),
	} {
		k, err := l.secret.key(use, s.Party)
		if err != nil {
			return d, err
		}
		*dst = k.public()
	}
	for desks := range slices.Chunk(s.Desks, roster.MaxSpeaks) {
		for range l.agreed.Terms.LargestQuorum() {
			name := fmt.Sprintf("officer %02d", len(d.Officers)+1)
			k, err := l.secret.key(name, s.Party)
			if err != nil {
				return d, err
			}
			d.Officers = append(d.Officers, roster.Officer{Name: name, Key: k.public(), Desks: desks})
		}
	}
	return d, nil
}
