package station_test

import (
	"crypto/ed25519"
	"slices"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/roster"
	"parley/wire"
)

// A line tells at every start which keys it may still have to sign with: otherwise
// keys that nobody needs any more would stay on the disk of a station whose lines
// are quiet.
func TestNeedsAreToldAtEveryStart(t *testing.T) {
	w := stationtest.Prepare(t, two)
	var told [][]ed25519.PublicKey
	w.North.Needs = func(keys []ed25519.PublicKey) error {
		told = append(told, keys)
		return nil
	}
	for n := 1; n <= 2; n++ {
		w.North.Start()
		if len(told) != n {
			t.Fatalf("told %d times after %d starts", len(told), n)
		}
		for name, key := range map[string]ed25519.PublicKey{"station": w.Line.North.Station, "receipt": w.Line.North.Receipt} {
			if !slices.ContainsFunc(told[n-1], func(k ed25519.PublicKey) bool { return k.Equal(key) }) {
				t.Errorf("start %d: the %s key is not among those needed", n, name)
			}
		}
		w.North.Stop()
	}
}

// What a draft would bring is known at a start, before its line is added, for as long
// as the draft stands.
func TestKeysOfDrafts(t *testing.T) {
	w := stationtest.New(t, two)
	id := w.Line.Roster.Line
	drafted := func() []ed25519.PublicKey {
		t.Helper()
		keys, err := w.North.Station.Drafted(id)
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	if _, err := w.North.Line.Draft(t.Context(), w.North.Content(parley.Routine, "no change")); err != nil {
		t.Fatal(err)
	}
	if keys := drafted(); len(keys) > 0 {
		t.Errorf("%d keys of no change", len(keys))
	}
	change := rolling(t, w.Line.North, w.North.Line.History(), false, everyRole...)
	d, err := w.North.Line.DraftChange(t.Context(), change, wire.Content{Precedence: parley.Routine})
	if err != nil {
		t.Fatal(err)
	}
	w.North.Stop()
	w.North.Start()
	keys := drafted()
	for _, k := range change.Keys {
		told := slices.ContainsFunc(keys, func(key ed25519.PublicKey) bool { return key.Equal(k.Key) })
		if want := k.Role == roster.RoleStation || k.Role == roster.RoleReceipt; told != want {
			t.Errorf("the %s key of a draft is told: %v, want %v", k.Role, told, want)
		}
	}
	if err := w.North.Line.Withdraw(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
	if keys := drafted(); len(keys) > 0 {
		t.Errorf("%d keys of a draft that was withdrawn", len(keys))
	}
}

// The root keys of this side are told at every start, and when another comes; and a
// journal has them without a station.
func TestRootsAreTold(t *testing.T) {
	w := stationtest.Prepare(t, two)
	told := make(chan []ed25519.PublicKey, 4)
	w.North.Root = func(keys []ed25519.PublicKey) error {
		told <- keys
		return nil
	}
	w.North.Start()
	w.South.Start()
	if keys := <-told; len(keys) != 1 || !keys[0].Equal(w.Line.North.Root) {
		t.Errorf("told %d root keys at the first start", len(keys))
	}
	change := rolling(t, w.Line.North, w.North.Line.History(), false, roster.RoleRoot)
	ref, err := w.North.Line.Release(t.Context(), w.North.Released(w.North.Change(change)))
	if err != nil {
		t.Fatal(err)
	}
	w.North.Proved(ref.Number)
	w.North.Proved(w.North.Say(parley.Routine, "nothing to tell"))
	w.North.Stop()
	w.North.Start()
	for range 2 {
		if keys := <-told; len(keys) != 2 || !keys[1].Equal(change.Keys[0].Key) {
			t.Errorf("told %d root keys after another came", len(keys))
		}
	}
	keys, err := station.RootsIn(w.North.Journal, w.Line.Roster, "north")
	if err != nil || len(keys) != 2 || !keys[0].Equal(w.Line.North.Root) || !keys[1].Equal(change.Keys[0].Key) {
		t.Errorf("the journal has %d root keys, %v", len(keys), err)
	}
	if keys, err := station.RootsIn(w.South.Journal, w.Line.Roster, "south"); err != nil || len(keys) != 1 {
		t.Errorf("south's journal has %d root keys, %v", len(keys), err)
	}
}
