package roster_test

import (
	"errors"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
)

// A number belongs to the generation that was open when it was given, and a
// generation that closes below the one before it, or takes a name that is in use,
// cannot follow.
func TestGenerations(t *testing.T) {
	line := rostertest.New(t)
	h := roster.NewHistory(line.Roster)
	second, third := parley.LogID{2, 2}, parley.LogID{3, 3}
	at := func(h *roster.History, n uint64, want parley.LogID, which int) {
		t.Helper()
		if g, k := h.Generation("north", n); g.Log != want || k != which {
			t.Errorf("entry %d is of %s, the %d., want %s, the %d.", n, g.Log, k, want, which)
		}
	}
	at(h, 99, line.North.Log, 1)
	two, err := h.Renew("north", roster.Generation{From: 6, Log: second, Renewed: 1000})
	if err != nil {
		t.Fatal(err)
	}
	at(h, 6, line.North.Log, 1) // the history before is as it was
	at(two, 0, line.North.Log, 1)
	at(two, 5, line.North.Log, 1)
	at(two, 6, second, 2)
	three, err := two.Renew("north", roster.Generation{From: 6, Log: third, Renewed: 2000}) // nothing was said in the second
	if err != nil {
		t.Fatal(err)
	}
	at(three, 6, third, 3)
	if p, which := three.LogOf(second); p != "north" || which != 2 {
		t.Errorf("the second is of %q, the %d.", p, which)
	}
	for name, err := range map[string]error{
		"closes below the one before": failed(two.Renew("north", roster.Generation{From: 5, Log: third, Renewed: 2000})),
		"a name in use":               failed(two.Renew("north", roster.Generation{From: 10, Log: second, Renewed: 2000})),
		"the name of the other log":   failed(two.Renew("north", roster.Generation{From: 10, Log: line.South.Log, Renewed: 2000})),
		"not later":                   failed(two.Renew("north", roster.Generation{From: 10, Log: third, Renewed: 1000})),
		"of nobody":                   failed(two.Renew("east", roster.Generation{From: 10, Log: third, Renewed: 2000})),
	} {
		if !errors.Is(err, roster.ErrGeneration) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range roster.MaxGenerations - 1 {
		if h, err = h.Renew("north", roster.Generation{From: 1, Log: parley.LogID{9, byte(n)}, Renewed: parley.Time(n + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Renew("north", roster.Generation{From: 1, Log: third, Renewed: 1000}); !errors.Is(err, roster.ErrGeneration) {
		t.Errorf("one too many: %v", err)
	}
}

// What was written beside a generation that was closed means, and has seen, nothing
// of what came in its place (spec/GENERATION.md §1).
func TestBesideAGeneration(t *testing.T) {
	h := roster.NewHistory(rostertest.New(t).Roster)
	second, third := parley.LogID{2, 2}, parley.LogID{3, 3}
	h, err := h.Renew("north", roster.Generation{From: 5, Log: second, Renewed: 1000, Beside: 10})
	if err != nil {
		t.Fatal(err)
	}
	if h, err = h.Renew("north", roster.Generation{From: 8, Log: third, Renewed: 2000, Beside: 20}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		n, m  uint64 // south's entry n on north's m
		meant int
		saw   uint64
	}{
		{10, 4, 1, 4}, {10, 5, 1, 4}, {10, 9, 1, 4},
		{11, 4, 1, 4}, {11, 5, 2, 5}, {11, 7, 2, 7}, {20, 8, 2, 7},
		{21, 7, 2, 7}, {21, 8, 3, 8}, {21, 99, 3, 99},
	} {
		if meant, saw := h.Meant("south", c.n, c.m), h.Saw("south", c.n, c.m); meant != c.meant || saw != c.saw {
			t.Errorf("entry %d of south on north's %d: generation %d, seen %d; want %d, %d", c.n, c.m, meant, saw, c.meant, c.saw)
		}
		if meant, saw := h.Meant("north", c.n, c.m), h.Saw("north", c.n, c.m); meant != 1 || saw != c.m {
			t.Errorf("entry %d of north on south's %d: generation %d, seen %d", c.n, c.m, meant, saw)
		}
	}
	if h.Meant("east", 1, 1) != 0 {
		t.Error("a party that is not of this line")
	}
}

func failed(_ *roster.History, err error) error { return err }
