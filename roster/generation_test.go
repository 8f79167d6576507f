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
	two, err := h.Renew("north", 5, second, 1000)
	if err != nil {
		t.Fatal(err)
	}
	at(h, 6, line.North.Log, 1) // the history before is as it was
	at(two, 0, line.North.Log, 1)
	at(two, 5, line.North.Log, 1)
	at(two, 6, second, 2)
	three, err := two.Renew("north", 5, third, 2000) // nothing was said in the second
	if err != nil {
		t.Fatal(err)
	}
	at(three, 6, third, 3)
	if p, which := three.LogOf(second); p != "north" || which != 2 {
		t.Errorf("the second is of %q, the %d.", p, which)
	}
	for name, err := range map[string]error{
		"closes below the one before": failed(two.Renew("north", 4, third, 2000)),
		"a name in use":               failed(two.Renew("north", 9, second, 2000)),
		"the name of the other log":   failed(two.Renew("north", 9, line.South.Log, 2000)),
		"not later":                   failed(two.Renew("north", 9, third, 1000)),
		"of nobody":                   failed(two.Renew("east", 9, third, 2000)),
	} {
		if !errors.Is(err, roster.ErrGeneration) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range roster.MaxGenerations - 1 {
		if h, err = h.Renew("north", 0, parley.LogID{9, byte(n)}, parley.Time(n+1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Renew("north", 0, third, 1000); !errors.Is(err, roster.ErrGeneration) {
		t.Errorf("one too many: %v", err)
	}
}

func failed(_ *roster.History, err error) error { return err }
