package release

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"slices"

	"parley"
	"parley/roster"
	"parley/wire"
)

// Released is content that the right officers signed, for a party that is
// addressed. It cannot be made but by Release and Verify.
type Released struct {
	content  wire.Content
	signed   []byte
	officers []string
}

// Content returns what was signed. The caller does not change what its slices
// share.
func (r *Released) Content() wire.Content { return r.content }

// Signed returns the bytes for the entry: the content with its signatures.
func (r *Released) Signed() []byte { return slices.Clone(r.signed) }

// Officers returns the names of the officers who signed, as the roster has
// them, sorted.
func (r *Released) Officers() []string { return slices.Clone(r.officers) }

// Approve signs content with an officer's key. It signs only what ParseContent
// reads, so that an officer cannot be given bytes that no screen can show.
func Approve(content []byte, officer crypto.Signer) (wire.Signature, error) {
	if _, err := wire.ParseContent(content); err != nil {
		return wire.Signature{}, fmt.Errorf("approve: %w", err)
	}
	pub, ok := officer.Public().(ed25519.PublicKey)
	if !ok {
		return wire.Signature{}, fmt.Errorf("approve: the officer's key is a %T, want Ed25519", officer.Public())
	}
	id := roster.KeyID(roster.RoleOfficer, pub)
	sig, err := officer.Sign(nil, wire.ToBeSigned(wire.DomainContent, id, content), crypto.Hash(0)) // Ed25519 draws nothing
	if err != nil {
		return wire.Signature{}, fmt.Errorf("approve: %w", err)
	}
	if len(sig) != ed25519.SignatureSize {
		return wire.Signature{}, fmt.Errorf("approve: the key made a signature of %d bytes, want %d", len(sig), ed25519.SignatureSize)
	}
	return wire.Signature{Key: id, Sig: [ed25519.SignatureSize]byte(sig)}, nil
}

// Release lets content of party by leave: to the other party of the line,
// under the signatures of exactly the quorum, in any order. The addressee's
// Verify comes to the same answer; its errors are those of Release.
func Release(content []byte, sigs []wire.Signature, r *roster.Roster, by parley.Party) (*Released, error) {
	to, ok := r.Peer(by)
	if !ok {
		return nil, fmt.Errorf("release: party %s is not of this line: %w", by, ErrDesk)
	}
	sorted := slices.SortedFunc(slices.Values(sigs), func(a, b wire.Signature) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	if one := slices.CompactFunc(slices.Clone(sorted), func(a, b wire.Signature) bool { return a.Key == b.Key }); len(one) < len(sorted) {
		return nil, fmt.Errorf("release: one officer signed twice: %w", ErrQuorum)
	}
	c, err := wire.ParseContent(content)
	if err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	s := wire.Signed{Content: content, Signatures: sorted}
	officers, err := judge(c, s, r, by, to.Party)
	if err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	signed, err := wire.AppendSigned(nil, s)
	if err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	return &Released{c, signed, officers}, nil
}

// Verify returns what party from released to party to, from the bytes that
// stand in an entry of from's log. The error wraps one of the sentinels of this
// package or of wire; Reason has the refusal for each.
func Verify(signed []byte, r *roster.Roster, from, to parley.Party) (*Released, error) {
	s, err := wire.ParseSigned(signed)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	c, err := wire.ParseContent(s.Content)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	officers, err := judge(c, s, r, from, to)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return &Released{c, slices.Clone(signed), officers}, nil
}

// judge is the one rule of both directions (spec/MESSAGE.md §6). It returns
// the names of the officers who signed.
func judge(c wire.Content, s wire.Signed, r *roster.Roster, from, to parley.Party) ([]string, error) {
	if err := fits(c, r, from, to); err != nil {
		return nil, err
	}
	if want := r.QuorumFor(c.Precedence, c.Kind); want < 1 || len(s.Signatures) != want {
		return nil, fmt.Errorf("%d signed, %s %s needs %d: %w", len(s.Signatures), c.Precedence, c.Kind, want, ErrQuorum)
	}
	var names []string
	for _, sig := range s.Signatures {
		o, ok := r.Officer(from, sig.Key)
		if !ok {
			return nil, fmt.Errorf("key %s, party %s: %w", sig.Key, from, ErrOfficer)
		}
		if !ed25519.Verify(o.Key, wire.ToBeSigned(wire.DomainContent, sig.Key, s.Content), sig.Sig[:]) {
			return nil, fmt.Errorf("officer %q: %w", o.Name, ErrSignature)
		}
		if !o.Speaks(c.From) {
			return nil, fmt.Errorf("officer %q, from %s: %w", o.Name, c.From, ErrDesk)
		}
		names = append(names, o.Name)
	}
	slices.Sort(names)
	return names, nil
}

// fits is the part of the rule that needs no signature.
func fits(c wire.Content, r *roster.Roster, from, to parley.Party) error {
	if c.Line != r.Line {
		return fmt.Errorf("line %s: %w", c.Line, ErrLine)
	}
	side, ok := r.Side(from)
	if !ok || c.From.Party() != from || !side.HasDesk(c.From) {
		return fmt.Errorf("from %s, sent by party %s: %w", c.From, from, ErrDesk)
	}
	return addressed(c.To, r, from, to)
}

// addressed says whether desks are all known on the line and one is a desk of
// party to, which is the other one.
func addressed(desks []parley.Desk, r *roster.Roster, from, to parley.Party) error {
	peer, ok := r.Peer(from)
	if !ok || peer.Party != to {
		return fmt.Errorf("party %s: %w", to, ErrAddressee)
	}
	found := false
	for _, d := range desks {
		side, ok := r.Side(d.Party())
		if !ok || !side.HasDesk(d) {
			return fmt.Errorf("to %s, which the roster does not know: %w", d, ErrAddressee)
		}
		found = found || d.Party() == to
	}
	if !found {
		return fmt.Errorf("party %s: %w", to, ErrAddressee)
	}
	return nil
}
