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
	content       wire.Content
	signed        []byte
	officers      []string
	keys          []parley.KeyID
	before, after *roster.History
}

// Content returns what was signed. The caller does not change what its slices
// share.
func (r *Released) Content() wire.Content { return r.content }

// Signed returns the bytes for the entry: the content with its signatures.
func (r *Released) Signed() []byte { return slices.Clone(r.signed) }

// Officers returns the names of the officers who signed, as the roster has
// them, sorted.
func (r *Released) Officers() []string { return slices.Clone(r.officers) }

// Under reports whether it was judged by history h as it is: a turn that has
// applied a change in between has to ask Verify again.
func (r *Released) Under(h *roster.History) bool { return r.before == h }

// After returns the history in force behind the entry that it was judged for:
// with the change, if it is one, or else the same as before
// (spec/CHANGE.md §4).
func (r *Released) After() *roster.History { return r.after }

// Doubts returns what history h says of the compromise of keys that signed
// this, which stands in entry n of the sender's log, where that entry is in
// doubt. It was believed, and stays so (spec/CHANGE.md §5).
func (r *Released) Doubts(h *roster.History, n uint64) (doubts []roster.Compromise) {
	for _, key := range r.keys {
		if c, in := h.Doubt(r.content.From.Party(), key, n); in {
			doubts = append(doubts, c)
		}
	}
	return doubts
}

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

// Release lets content of party by leave, to the other party of the line, as
// the entry at a place of by's log, under the signatures of exactly the quorum, in any
// order. h is the history of the line up to that entry. The addressee's Verify
// comes to the same answer; its errors are those of Release.
func Release(content []byte, sigs []wire.Signature, h *roster.History, by parley.Party, at roster.Place) (*Released, error) {
	to, ok := h.Agreed().Peer(by)
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
	r, err := judge(c, s, h, place{by, to.Party, at})
	if err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	if r.signed, err = wire.AppendSigned(nil, s); err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	return r, nil
}

// Verify returns what party from released to party to, from the bytes that
// stand in the entry at a place of from's log. h is the history of the line up to
// that entry: whose keys count is what the roster says there. The error wraps one of
// the sentinels of this package or of wire; Reason has the refusal for each.
func Verify(signed []byte, h *roster.History, from, to parley.Party, at roster.Place) (*Released, error) {
	signed = slices.Clone(signed) // of which the content is a part
	s, err := wire.ViewSigned(signed)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	c, err := wire.ParseContent(s.Content)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	r, err := judge(c, s, h, place{from, to, at})
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	r.signed = signed
	return r, nil
}

// place is where content stands: in an entry of from's log, for to.
type place struct {
	from, to parley.Party
	at       roster.Place
}

// judge is the one rule of both directions (spec/MESSAGE.md §6). What it
// returns has no signed bytes yet.
func judge(c wire.Content, s wire.Signed, h *roster.History, p place) (*Released, error) {
	r := h.At(p.from, p.at.Number)
	if err := fits(c, r, p.from, p.to); err != nil {
		return nil, err
	}
	if want := r.QuorumFor(c.Precedence, c.Kind); want < 1 || len(s.Signatures) != want {
		return nil, fmt.Errorf("%d signed, %s %s needs %d: %w", len(s.Signatures), c.Precedence, c.Kind, want, ErrQuorum)
	}
	out := &Released{content: c, before: h}
	var room [1 << 10]byte // for most
	for _, sig := range s.Signatures {
		o, ok := r.Officer(p.from, sig.Key)
		if !ok {
			return nil, fmt.Errorf("key %s, party %s: %w", sig.Key, p.from, ErrOfficer)
		}
		if !ed25519.Verify(o.Key, wire.AppendToBeSigned(room[:0], wire.DomainContent, sig.Key, s.Content), sig.Sig[:]) {
			return nil, fmt.Errorf("officer %q: %w", o.Name, ErrSignature)
		}
		if !o.Speaks(c.From) {
			return nil, fmt.Errorf("officer %q, from %s: %w", o.Name, c.From, ErrDesk)
		}
		out.officers = append(out.officers, o.Name)
		out.keys = append(out.keys, sig.Key)
	}
	slices.Sort(out.officers)
	change, after, err := changed(c, h, p)
	if err != nil {
		return nil, err
	}
	if change != nil && slices.ContainsFunc(out.keys, change.Ends) {
		return nil, fmt.Errorf("signed by an officer whose key this change ends: %w", ErrOfficer)
	}
	out.after = after
	return out, nil
}

// changed returns the change that content makes, and the history behind it; no
// change and the same history if it makes none (spec/CHANGE.md §3; none is made on a derived line,
// spec/DENIABLE.md §2).
func changed(c wire.Content, h *roster.History, p place) (*roster.Change, *roster.History, error) {
	if c.Kind != parley.Change {
		return nil, h, nil
	}
	if r := h.Agreed(); r.Terms.Evidence == roster.Deniable {
		return nil, nil, fmt.Errorf("line %s is deniable, and its officers are no persons: %w", r.Line, ErrChange)
	}
	change, err := roster.ParseChange([]byte(c.Body))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", wire.ErrMalformed, err)
	}
	after, err := h.Apply(p.from, p.at, change)
	if err != nil {
		return nil, nil, err
	}
	return change, after, nil
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
