package roster

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley"
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
	d.finish()
	if d.err != nil {
		return nil, d.err
	}
	return c, d.same(c.Text())
}

func (d *reader) change() *Change {
	c := new(Change)
	d.title(changeTitle)
	c.Line = parley.LineID(d.hex("line", len(c.Line)))
	c.Party = d.party("party")
	c.Number = d.number("number", d.word("number"), MaxChanges)
	c.Before = parley.Hash(d.hex("before", len(c.Before)))
	for d.next("leave") {
		c.Leave = append(c.Leave, d.leave())
		d.ordered("leave", len(c.Leave), func(i int) string { return c.Leave[i].Name })
	}
	for d.next("join") {
		o := d.officer("join")
		c.Join = append(c.Join, o)
		if d.err == nil {
			d.failWith("join", checkOfficer(c.Party, o))
		}
		d.ordered("join", len(c.Join), func(i int) string { return c.Join[i].Name })
	}
	for d.next("compromised") {
		c.Thefts = append(c.Thefts, d.theft(c.Party))
		d.ordered("compromised", len(c.Thefts), func(i int) string { return c.Thefts[i].Key.String() })
	}
	c.After = parley.Hash(d.hex("after", len(c.After)))
	if d.err == nil && len(c.Leave)+len(c.Join)+len(c.Thefts) == 0 {
		d.fail("after", "nothing changes; a change has a line of leave, join or compromised")
	}
	return c
}

// ordered checks line n of a kind against the one before it and the limit.
func (d *reader) ordered(keyword string, n int, name func(int) string) {
	switch {
	case d.err != nil:
	case n > maxActs:
		d.fail(keyword, "there are more than %d", maxActs)
	case n > 1 && name(n-1) <= name(n-2):
		d.fail(keyword, "%q stands twice or out of order; sort these lines", clip(name(n-1)))
	}
}

func (d *reader) leave() (l Leave) {
	id, name, ok := strings.Cut(d.rest("leave"), " ")
	if d.err == nil && !ok {
		d.fail("leave", "write: leave KEYID NAME")
	}
	l.Key, l.Name = d.keyID("leave", id), name
	if d.err == nil {
		d.failWith("leave", checkName(name))
	}
	return l
}

// theft takes a compromised line and the two lines that say what it means.
func (d *reader) theft(p parley.Party) (t Compromise) {
	w := d.words("compromised", 3)
	t.Role = Role(w[0])
	if d.err == nil && t.Role != RoleOfficer {
		d.fail("compromised", "%q is not a role whose compromise can be told here; make a new line for it", clip(w[0]))
	}
	t.Key = d.keyID("compromised", w[1])
	t.Since = d.number("compromised", w[2], wire.MaxNumber)
	doubt := d.rest("doubt")
	t.Name = strings.TrimSuffix(strings.TrimPrefix(doubt, doubtBefore), t.doubtBehind(p))
	if d.err == nil {
		d.failWith("doubt", checkName(t.Name))
	}
	if d.err == nil && doubt != t.Doubt(p) {
		d.fail("doubt", "these are not the words for this role: %s", t.Doubt(p))
	}
	if stays := d.rest("stays"); d.err == nil && stays != t.Stays(p) {
		d.fail("stays", "these are not the words for this role: %s", t.Stays(p))
	}
	return t
}

// keyID reads a key id.
func (d *reader) keyID(keyword, s string) (id parley.KeyID) {
	if d.err != nil {
		return id
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) || hex.EncodeToString(b) != s {
		d.fail(keyword, "%q is not a key id: 16 digits of lower-case hexadecimal", clip(s))
		return id
	}
	return parley.KeyID(b)
}

// number reads a number from 1 to most.
func (d *reader) number(keyword, s string, most uint64) uint64 {
	if d.err != nil {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n < 1 || n > most || strconv.FormatUint(n, 10) != s {
		d.fail(keyword, "%q is not a number from 1 to %d", clip(s), most)
	}
	return n
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
