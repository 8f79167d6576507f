package roster

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"parley"
	"parley/lines"
	"parley/wire"
)

// ParseChange reads a change document. Errors wrap ErrMalformed. Whether the
// change may be made is for History.Apply to say.
func ParseChange(text []byte) (*Change, error) {
	if len(text) > maxChange {
		return nil, fmt.Errorf("change: %w: %d bytes are more than the %d allowed", ErrMalformed, len(text), maxChange)
	}
	d, err := newReader("change", text, 0)
	if err != nil {
		return nil, err
	}
	c := d.change()
	d.Finish()
	if d.Err() != nil {
		return nil, d.Err()
	}
	return c, d.same(c.Text())
}

func (d *reader) change() *Change {
	c := new(Change)
	d.Title(ChangeTitle)
	c.Line = parley.LineID(d.Hex("line", len(c.Line)))
	c.Party = d.Party("party")
	c.Number = d.Number("number", d.Word("number"), 1, MaxChanges)
	c.Before = parley.Hash(d.Hex("before", len(c.Before)))
	for d.Next("leave") {
		c.Leave = append(c.Leave, d.leave())
		d.ordered("leave", len(c.Leave), func(i int) string { return c.Leave[i].Name })
	}
	for d.Next("join") {
		o := d.officer("join")
		c.Join = append(c.Join, o)
		if d.Err() == nil {
			d.FailWith("join", checkOfficer(c.Party, o))
		}
		d.ordered("join", len(c.Join), func(i int) string { return c.Join[i].Name })
	}
	for d.Next("key") {
		c.Keys = append(c.Keys, d.newKey())
		d.ordered("key", len(c.Keys), func(i int) string { return string(c.Keys[i].Role) })
	}
	for d.Next("compromised") {
		c.Thefts = append(c.Thefts, d.theft(c.Party))
		d.ordered("compromised", len(c.Thefts), func(i int) string { return c.Thefts[i].Key.String() })
	}
	c.After = parley.Hash(d.Hex("after", len(c.After)))
	if d.Err() == nil && len(c.Leave)+len(c.Join)+len(c.Keys)+len(c.Thefts) == 0 {
		d.Fail("after", "nothing changes; a change has a line of leave, join, key or compromised")
	}
	return c
}

// ordered checks line n of a kind against the one before it and the limit.
func (d *reader) ordered(keyword string, n int, name func(int) string) {
	switch {
	case d.Err() != nil:
	case n > maxActs:
		d.Fail(keyword, "there are more than %d", maxActs)
	case n > 1 && name(n-1) <= name(n-2):
		d.Fail(keyword, "%q stands twice or out of order; sort these lines", lines.Clip(name(n-1)))
	}
}

func (d *reader) leave() (l Leave) {
	id, name, ok := strings.Cut(d.Rest("leave"), " ")
	if d.Err() == nil && !ok {
		d.Fail("leave", "write: leave KEYID NAME")
	}
	l.Key, l.Name = d.keyID("leave", id), name
	if d.Err() == nil {
		d.FailWith("leave", checkName(name))
	}
	return l
}

func (d *reader) newKey() (k NewKey) {
	w := d.Words("key", 2)
	k.Role = Role(w[0])
	if d.Err() == nil && !k.Role.changes() {
		d.Fail("key", "%q is not a role whose key can become another on a line: that is hop, log, receipt, root or station", lines.Clip(w[0]))
	}
	k.Key = d.Decode("key", w[1], ed25519.PublicKeySize)
	if d.Err() == nil {
		d.FailWith("key", checkKey(k.Key))
	}
	return k
}

// theft takes a compromised line and the two lines that say what it means.
func (d *reader) theft(p parley.Party) (t Compromise) {
	w := d.Words("compromised", 3)
	t.Role = Role(w[0])
	if d.Err() == nil && t.Role != RoleOfficer && !t.Role.changes() {
		d.Fail("compromised", "%q is not a role whose compromise can be told here: that is hop, log, officer, receipt, root or station", lines.Clip(w[0]))
	}
	t.Key = d.keyID("compromised", w[1])
	t.Since = d.Number("compromised", w[2], 1, wire.MaxNumber)
	doubt := d.Rest("doubt")
	if t.Role == RoleOfficer {
		t.Name = strings.TrimSuffix(strings.TrimPrefix(doubt, doubtBefore), t.doubtBehind(p))
		if d.Err() == nil {
			d.FailWith("doubt", checkName(t.Name))
		}
	}
	if d.Err() == nil && doubt != t.Doubt(p) {
		d.Fail("doubt", "these are not the words for this role: %s", t.Doubt(p))
	}
	if stays := d.Rest("stays"); d.Err() == nil && stays != t.Stays(p) {
		d.Fail("stays", "these are not the words for this role: %s", t.Stays(p))
	}
	return t
}

// keyID reads a key id.
func (d *reader) keyID(keyword, s string) (id parley.KeyID) {
	if d.Err() != nil {
		return id
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) || hex.EncodeToString(b) != s {
		d.Fail(keyword, "%q is not a key id: 16 digits of lower-case hexadecimal", lines.Clip(s))
		return id
	}
	return parley.KeyID(b)
}

// checkOfficer says what is wrong with an officer of a party by itself.
func checkOfficer(p parley.Party, o Officer) error {
	s := Side{Party: p, Officers: []Officer{o}}
	for _, d := range slices.Compact(slices.Sorted(slices.Values(o.Desks))) {
		s.Desks = append(s.Desks, d)
		if err := s.checkDesk(len(s.Desks) - 1); err != nil {
			return err
		}
	}
	return s.checkOfficer(0)
}
