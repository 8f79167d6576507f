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

// ChangeTitle is the first line of a change document.
const ChangeTitle = "parley-change v1"

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
	Role Role // hop, log, receipt, root or station
	Key  ed25519.PublicKey
}

// Compromise says that somebody else may have used a key (spec/CHANGE.md §5).
type Compromise struct {
	Role  Role // RoleOfficer, or a role that a change can bring a key of
	Key   parley.KeyID
	Since uint64 // number of the party's entry from which on the key is in doubt
	Name  string // of the officer, which stands in Doubt; empty for other roles
}

// Doubt says what can no longer be relied on, in the words that the officers
// sign. p is the party whose key it was.
func (c Compromise) Doubt(p parley.Party) string {
	switch c.Role {
	case RoleHop:
		return fmt.Sprintf("who stood at the far end of channels that this key opened since entry %d of %s", c.Since, p)
	case RoleStation:
		return fmt.Sprintf("whether %[2]s refused what this key refused; and since entry %[1]d of %[2]s: who opened epochs and proved channels with it, and who read what was sealed to its prekeys", c.Since, p)
	case RoleReceipt:
		return fmt.Sprintf("when %[2]s received what this key receipted since entry %[1]d of %[2]s, and whether it received what no entry of %[2]s says it has seen", c.Since, p)
	case RoleLog:
		return fmt.Sprintf("whether %[2]s signed the checkpoints that this key signed since entry %[1]d of %[2]s, but for those that the other party cosigned", c.Since, p)
	case RoleRoot:
		return fmt.Sprintf("whether %[2]s made the cards that this key signed since entry %[1]d of %[2]s, but for the card of this line", c.Since, p)
	}
	return doubtBefore + c.Name + c.doubtBehind(p)
}

const doubtBefore = "whether officer "

func (c Compromise) doubtBehind(p parley.Party) string {
	return fmt.Sprintf(" approved what this key signed in entries %d and later of %s", c.Since, p)
}

// Stays says what can be relied on in spite of it.
func (c Compromise) Stays(p parley.Party) string {
	switch c.Role {
	case RoleHop:
		return "every message, receipt and secret: none depends on a hop key"
	case RoleStation:
		return "every message and receipt: none is signed by a station key; and that every entry a cosigned checkpoint covers stands where it stands"
	case RoleReceipt:
		return fmt.Sprintf("every message; and that %[1]s received what an entry of %[1]s says it has seen", p)
	case RoleLog:
		return "every message and receipt: none is signed by a log key; and that every entry a cosigned checkpoint covers stands where it stands"
	case RoleRoot:
		return "everything on this line: its roster was compared in words, and this key signs nothing on it"
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
	p := newPrinter(ChangeTitle)
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
