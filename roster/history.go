package roster

import (
	"cmp"
	"fmt"
	"slices"

	"parley"
)

// History is the roster of a line over time: as it was agreed, and with the
// changes that each party made of its own side since. It says which roster is
// in force at an entry. It is not changed; Apply makes another
// (spec/CHANGE.md §4).
type History struct {
	agreed *Roster
	sides  [2][]Version
	logs   [2][]Generation
}

// Version is a side of the roster from one entry of its party's log on, until
// the next version.
type Version struct {
	// From is the number of the first entry that is judged by it: 1, or the one
	// after the entry of the change.
	From uint64
	// Seen is how much of the other party's log the entry of the change says it
	// has seen: the place up to which the keys that it ended count
	// (spec/CHANGE.md §6). 0 for the side as it was agreed.
	Seen uint64
	// Side is the side as it stands. Prekeys and LastResort are as agreed.
	Side Side
	// Change is what made it; nil for the side as it was agreed.
	Change *Change

	roster *Roster
	joined []NewKey // the keys that Change brought
}

// NewHistory returns the history of a line on which nothing was changed.
func NewHistory(agreed *Roster) *History {
	h := &History{agreed: agreed}
	for i, s := range agreed.Sides {
		h.sides[i] = []Version{{From: 1, Side: s, roster: agreed}}
		h.logs[i] = []Generation{{From: 1, Log: s.Log, Key: s.LogKey}}
	}
	return h
}

// Agreed returns the roster that both parties confirmed.
func (h *History) Agreed() *Roster { return h.agreed }

// Versions returns the side of p over time, the side as it was agreed first;
// none if p is not of this line. The caller does not change it.
func (h *History) Versions(p parley.Party) []Version {
	if i, ok := h.index(p); ok {
		return h.sides[i]
	}
	return nil
}

// At returns the roster by which entry n of p's log is judged: the side of p as
// its earlier entries left it. The other side is as it was agreed, because
// nothing of it is asked but its desks, which do not change. The same version
// is the same pointer. For a party that is not of this line it is the agreed one.
func (h *History) At(p parley.Party, n uint64) *Roster {
	i, ok := h.index(p)
	if !ok {
		return h.agreed
	}
	return h.sides[i][h.version(i, n)].roster
}

// Now returns the side of p after all changes that were applied, and false if p
// is not of this line.
func (h *History) Now(p parley.Party) (Side, bool) {
	i, ok := h.index(p)
	if !ok {
		return Side{}, false
	}
	return h.sides[i][len(h.sides[i])-1].Side, true
}

// Doubt returns what was said of the compromise of an officer's key, and
// whether what it signed in entry n of p's log is in doubt (spec/CHANGE.md §5).
func (h *History) Doubt(p parley.Party, key parley.KeyID, n uint64) (Compromise, bool) {
	for _, v := range slices.Backward(h.Versions(p)) { // a later notice reaches further back
		if v.Change == nil {
			continue
		}
		for _, t := range v.Change.Thefts {
			if t.Key == key {
				return t, n >= t.Since
			}
		}
	}
	return Compromise{}, false
}

func (h *History) index(p parley.Party) (int, bool) {
	i := slices.IndexFunc(h.agreed.Sides[:], func(s Side) bool { return s.Party == p })
	return i, i >= 0
}

// version returns the place of the version of side i that is in force at entry n.
func (h *History) version(i int, n uint64) int {
	at, found := slices.BinarySearchFunc(h.sides[i], n, func(v Version, n uint64) int { return cmp.Compare(v.From, n) })
	if !found {
		at--
	}
	return max(at, 0)
}

// Apply returns the history in which an entry of p's log makes change c, or says
// why that entry cannot: the errors wrap ErrChange. It does not ask who signed;
// release.Verify does. Changes that stand in that entry or behind it are left out.
func (h *History) Apply(p parley.Party, at Place, c *Change) (*History, error) {
	i, ok := h.index(p)
	if !ok {
		return nil, fmt.Errorf("change by %s: %w: it is not of this line", p, ErrChange)
	}
	if v := h.version(i, at.Number); v+1 < len(h.sides[i]) {
		before := *h
		before.sides[i] = h.sides[i][:v+1]
		h = &before
	}
	side, err := h.changed(i, at.Number, c)
	if err != nil {
		return nil, fmt.Errorf("change %d of %s: %w", c.Number, p, err)
	}
	r := &Roster{Line: h.agreed.Line, Sides: h.agreed.Sides, Terms: h.agreed.Terms}
	r.Sides[i] = side
	v := Version{From: at.Number + 1, Seen: at.Seen, Side: side, Change: c, roster: r, joined: c.brings()}
	out := *h
	out.sides[i] = append(slices.Clip(h.sides[i]), v)
	return &out, nil
}

// changed returns side i as change c of entry n makes it.
func (h *History) changed(i int, n uint64, c *Change) (Side, error) {
	versions := h.sides[i]
	was := versions[len(versions)-1].Side
	wrong := func(format string, args ...any) (Side, error) {
		return Side{}, fmt.Errorf("%w: "+format, append([]any{ErrChange}, args...)...)
	}
	switch {
	case c.Line != h.agreed.Line:
		return wrong("it is of line %s", c.Line)
	case c.Party != was.Party:
		return wrong("it changes the side of %s, and a party changes its own only", c.Party)
	case c.Number != uint64(len(versions)):
		return wrong("the next has number %d", len(versions))
	case c.Number > MaxChanges:
		return wrong("there are %d changes already; make a new line", MaxChanges)
	case c.Before != was.Hash():
		return wrong("it was made for another side than the one in force; draft it again")
	}
	side, err := c.edit(was)
	if err != nil {
		return Side{}, err
	}
	for _, k := range c.brings() {
		if h.used(i, k) {
			return wrong("the %s key %s is in use, or was; make a new key", k.Role, KeyID(k.Role, k.Key))
		}
	}
	if err := side.check(); err != nil {
		return wrong("%w", err)
	}
	if err := side.reach(h.agreed.Terms); err != nil {
		return wrong("%w", err)
	}
	for _, t := range c.Thefts {
		if err := h.stolen(i, n, c, t); err != nil {
			return Side{}, err
		}
	}
	if c.After != side.Hash() {
		return wrong("it makes another side than it says; draft it again")
	}
	return side, nil
}

// edit returns the side with the officers that the change leaves it.
func (c *Change) edit(side Side) (Side, error) {
	side.Officers = slices.Clone(side.Officers)
	for _, l := range c.Leave {
		at := slices.IndexFunc(side.Officers, func(o Officer) bool { return o.KeyID() == l.Key && o.Name == l.Name })
		if at < 0 {
			return Side{}, fmt.Errorf("%w: %q with key %s is no officer of %s, and cannot leave", ErrChange, l.Name, l.Key, side.Party)
		}
		side.Officers = slices.Delete(side.Officers, at, at+1)
	}
	side.Officers = append(side.Officers, c.Join...)
	slices.SortFunc(side.Officers, func(a, b Officer) int { return cmp.Compare(a.Name, b.Name) })
	for _, k := range c.Keys {
		*side.keyOf(k.Role) = k.Key
	}
	return side, nil
}

// brings returns the keys that the change brings.
func (c *Change) brings() (keys []NewKey) {
	for _, o := range c.Join {
		keys = append(keys, NewKey{RoleOfficer, o.Key})
	}
	return append(keys, c.Keys...)
}

// used reports whether a key stands, or ever stood, in side i, or in
// the other side as the line began with it. The other side's changes are not
// asked: which of them came before is not the same at both ends.
func (h *History) used(i int, key NewKey) bool {
	id := KeyID(key.Role, key.Key)
	for _, u := range append(h.agreed.Sides[0].uses(), h.agreed.Sides[1].uses()...) {
		if key.Key.Equal(u.key) || KeyID(u.role, u.key) == id {
			return true
		}
	}
	return slices.ContainsFunc(h.sides[i], func(v Version) bool {
		return slices.ContainsFunc(v.joined, func(k NewKey) bool { return k.Key.Equal(key.Key) || KeyID(k.Role, k.Key) == id })
	})
}

// stolen says whether change c in entry n may call the key of t compromised.
func (h *History) stolen(i int, n uint64, c *Change, t Compromise) error {
	if t.Since > n {
		return fmt.Errorf("%w: a key compromised since entry %d, told in entry %d", ErrChange, t.Since, n)
	}
	name, ended := h.ended(i, c, t.Role, t.Key)
	if !ended || name != t.Name {
		return fmt.Errorf("%w: the %s key %s was not ended by this change or an earlier one; let the officer leave, or the key become another, in the same change", ErrChange, t.Role, t.Key)
	}
	for _, v := range h.sides[i] {
		if v.Change == nil {
			continue
		}
		for _, told := range v.Change.Thefts {
			if told.Key == t.Key && told.Since <= t.Since {
				return fmt.Errorf("%w: key %s is in doubt from entry %d on already", ErrChange, t.Key, told.Since)
			}
		}
	}
	return nil
}

// ended reports whether this change or an earlier one of side i ended a key, and
// whose it was.
func (h *History) ended(i int, c *Change, role Role, key parley.KeyID) (name string, ok bool) {
	changes := []*Change{c}
	for j, v := range h.sides[i] {
		next := c
		if j+1 < len(h.sides[i]) {
			next = h.sides[i][j+1].Change
		}
		if next.ends(role) && KeyID(role, *v.Side.keyOf(role)) == key {
			return "", true
		}
		if v.Change != nil {
			changes = append(changes, v.Change)
		}
	}
	for _, c := range changes {
		for _, l := range c.Leave {
			if role == RoleOfficer && l.Key == key {
				return l.Name, true
			}
		}
	}
	return "", false
}

// Draft completes a change of p's side that is to be made next: line, party,
// number, and the hashes before and after. c has what leaves, joins, comes
// and is compromised, in any order. The errors are those of Apply for an entry that is
// written now, when the log of p has size entries.
func (h *History) Draft(p parley.Party, size uint64, c Change) (*Change, error) {
	i, ok := h.index(p)
	if !ok {
		return nil, fmt.Errorf("change by %s: %w: it is not of this line", p, ErrChange)
	}
	versions := h.sides[i]
	was := versions[len(versions)-1].Side
	c.Line, c.Party, c.Number, c.Before = h.agreed.Line, p, uint64(len(versions)), was.Hash()
	c.Leave = slices.SortedFunc(slices.Values(c.Leave), func(a, b Leave) int { return cmp.Compare(a.Name, b.Name) })
	c.Join = slices.SortedFunc(slices.Values(c.Join), func(a, b Officer) int { return cmp.Compare(a.Name, b.Name) })
	c.Keys = slices.SortedFunc(slices.Values(c.Keys), func(a, b NewKey) int { return cmp.Compare(a.Role, b.Role) })
	c.Thefts = slices.SortedFunc(slices.Values(c.Thefts), func(a, b Compromise) int { return cmp.Compare(a.Key.String(), b.Key.String()) })
	side, err := c.edit(was)
	if err != nil {
		return nil, err
	}
	c.After = side.Hash()
	if _, err := h.changed(i, size+1, &c); err != nil {
		return nil, err
	}
	again, err := ParseChange(c.Text())
	if err != nil {
		return nil, err
	}
	return again, nil
}
