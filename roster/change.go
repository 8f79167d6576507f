package roster

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"

	"parley"
	"parley/wire"
)

// Limits of changes (spec/CHANGE.md §2).
const (
	MaxChanges = 1024         // changes of a party on a line
	maxChange  = wire.MaxBody // bytes of a change document
	maxActs    = 16           // leave, join or compromised lines of one change
)

const changeTitle = "parley-change v1"

// Change is what a party changes of its own side of the roster: the body of
// content of kind change (spec/CHANGE.md §2). History.Apply says whether it may.
type Change struct {
	Line   parley.LineID
	Party  parley.Party
	Number uint64 // 1 in the first change of the party
	Before parley.Hash
	Leave  []Leave      // sorted by name
	Join   []Officer    // sorted by name
	Keys   []NewKey     // each role once
	Thefts []Compromise // sorted by key id
	After  parley.Hash
}

// Leave ends an officer's key.
type Leave struct {
	Key  parley.KeyID
	Name string
}

// NewKey is a key that comes in the place of the side's key of its role.
type NewKey struct {
	Role Role // RoleHop
	Key  ed25519.PublicKey
}

// Compromise says that somebody else may have used a key (spec/CHANGE.md §5).
type Compromise struct {
	Role  Role // RoleOfficer or RoleHop
	Key   parley.KeyID
	Since uint64 // number of the party's entry from which on the key is in doubt
	Name  string // of the officer, which stands in Doubt; empty for a hop key
}

// Doubt says what can no longer be relied on, in the words that the officers
// sign. p is the party whose key it was.
func (c Compromise) Doubt(p parley.Party) string {
	if c.Role == RoleHop {
		return fmt.Sprintf("who stood at the far end of channels that this key opened since entry %d of %s", c.Since, p)
	}
	return doubtBefore + c.Name + c.doubtBehind(p)
}

const doubtBefore = "whether officer "

func (c Compromise) doubtBehind(p parley.Party) string {
	return fmt.Sprintf(" approved what this key signed in entries %d and later of %s", c.Since, p)
}

// Stays says what can be relied on in spite of it.
func (c Compromise) Stays(p parley.Party) string {
	if c.Role == RoleHop {
		return "every message, receipt and secret: none depends on a hop key"
	}
	return fmt.Sprintf("everything before entry %d of %s; and that every entry a cosigned checkpoint covers stands where it stands", c.Since, p)
}

// Hash returns the hash of the side as a roster has it, which a change names
// as what it changes and what it makes (spec/CHANGE.md §1).
func (s Side) Hash() parley.Hash {
	p := new(printer)
	p.side(s)
	h := sha256.New()
	h.Write([]byte("parley/v1/side\x00"))
	h.Write(p.Bytes())
	return parley.Hash(h.Sum(nil))
}

// Text returns the change document, in the only form ParseChange accepts.
func (c *Change) Text() []byte {
	p := newPrinter(changeTitle)
	p.Line("line", c.Line.String())
	p.Line("party", string(c.Party))
	p.Line("number", strconv.FormatUint(c.Number, 10))
	p.Line("before", c.Before.String())
	for _, l := range c.Leave {
		p.Line("leave", l.Key.String(), l.Name)
	}
	for _, o := range c.Join {
		p.officer("join", o)
	}
	for _, k := range c.Keys {
		p.Line("key", string(k.Role), base64.StdEncoding.EncodeToString(k.Key))
	}
	for _, t := range c.Thefts {
		p.Line("compromised", string(t.Role), t.Key.String(), strconv.FormatUint(t.Since, 10))
		p.Line("doubt", t.Doubt(c.Party))
		p.Line("stays", t.Stays(c.Party))
	}
	p.Line("after", c.After.String())
	return p.end()
}

// Ends reports whether the change ends the officer's key with this id.
func (c *Change) Ends(id parley.KeyID) bool {
	return slices.ContainsFunc(c.Leave, func(l Leave) bool { return l.Key == id })
}
