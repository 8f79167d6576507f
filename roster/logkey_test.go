package roster_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
)

// rekeyed returns the history in which north's entry at brings another log key.
func rekeyed(t *testing.T, h *roster.History, at roster.Place, stolen ...roster.Compromise) (*roster.History, ed25519.PublicKey, error) {
	t.Helper()
	key, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := h.Draft("north", at.Number-1, roster.Change{Keys: []roster.NewKey{{Role: roster.RoleLog, Key: key}}, Thefts: stolen})
	if err != nil {
		return h, key, err
	}
	next, err := h.Apply("north", at, c)
	return next, key, err
}

// A log key that a change brings signs the generation that begins behind it, and no
// other; of two before one close the later counts (spec/GENERATION.md §8).
func TestLogKeyOfAGeneration(t *testing.T) {
	line := rostertest.New(t)
	h := roster.NewHistory(line.Roster)
	first := line.North.Side.LogKey
	h, unused, err := rekeyed(t, h, roster.Place{Number: 4})
	if err != nil {
		t.Fatal(err)
	}
	h, second, err := rekeyed(t, h, roster.Place{Number: 7})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[uint64]ed25519.PublicKey{0: first, 3: first, 4: unused, 6: unused, 7: second, 99: second} {
		if got := h.LogKey("north", size); !got.Equal(want) {
			t.Errorf("behind entry %d stands another log key", size)
		}
	}
	if h.LogKey("east", 1) != nil || !h.LogKey("south", 99).Equal(line.South.Side.LogKey) {
		t.Error("the change is of another party, too")
	}
	early, err := h.Renew("north", roster.Generation{From: 4, Log: parley.LogID{2}, Renewed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if all := early.Generations("north"); !all[1].Key.Equal(first) {
		t.Error("a change behind the close brought the key")
	}
	late, err := early.Renew("north", roster.Generation{From: 10, Log: parley.LogID{3}, Renewed: 2})
	if err != nil {
		t.Fatal(err)
	}
	if all := late.Generations("north"); !all[0].Key.Equal(first) || !all[2].Key.Equal(second) {
		t.Error("the generations are by other keys")
	}

	valid := func(h *roster.History, key ed25519.PublicKey) roster.Validity {
		t.Helper()
		keys := h.Keys("north")
		at := slices.IndexFunc(keys, func(v roster.Validity) bool { return v.Role == roster.RoleLog && v.Key.Equal(key) })
		if at < 0 {
			t.Fatal("a log key is not among the keys")
		}
		return keys[at]
	}
	for _, c := range []struct {
		name     string
		h        *roster.History
		key      ed25519.PublicKey
		from, to uint64
	}{
		{"the first, before the log was renewed", h, first, 1, 0},
		{"one on record", h, second, 0, 0},
		{"one that never signed", late, unused, 0, 0},
		{"the first, behind its last generation", late, first, 1, 9},
		{"the one in force", late, second, 10, 0},
	} {
		if v := valid(c.h, c.key); v.From != c.from || v.To != c.to {
			t.Errorf("%s: valid from %d to %d, want %d to %d", c.name, v.From, v.To, c.from, c.to)
		}
	}
}

// A stolen log key is told like any other that ends.
func TestStolenLogKey(t *testing.T) {
	line := rostertest.New(t)
	id := roster.KeyID(roster.RoleLog, line.North.Side.LogKey)
	theft := roster.Compromise{Role: roster.RoleLog, Key: id, Since: 2}
	h, second, err := rekeyed(t, roster.NewHistory(line.Roster), roster.Place{Number: 4}, theft)
	if err != nil {
		t.Fatal(err)
	}
	if told, doubt := h.Doubt("north", id, 2); !doubt || told.Since != 2 {
		t.Errorf("it is told as %+v", told)
	}
	theft.Key = roster.KeyID(roster.RoleLog, second)
	if _, err := h.Draft("north", 9, roster.Change{Thefts: []roster.Compromise{theft}}); !errors.Is(err, roster.ErrChange) {
		t.Errorf("the one in force is told as stolen: %v", err)
	}
}
