package keyring

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Keys that came later are kept as the station's are, in their order, and are gone
// when they are destroyed; numbers do not come again while a later one is there.
func TestLater(t *testing.T) {
	for name, protect := range map[string]Protection{"plain": PlainFile(), "sealed": SealedBy(pass(t, "of the station, long enough"))} {
		dir := t.TempDir()
		w := workshop{disk: osDisk{}, cost: cost{memory: 64, time: 1, lanes: 1}}
		if none, err := w.unlockLater(dir, protect); err != nil || len(none) != 0 {
			t.Errorf("%s: %d keys before any was made, %v", name, len(none), err)
		}
		for _, bad := range []string{"hop", "root", ""} {
			if _, err := w.createLater(dir, bad, protect, nil); err == nil {
				t.Errorf("%s: a key of role %q was made", name, bad)
			}
		}
		var made []Later
		for _, role := range []string{"receipt", "receipt", "receipt", "station"} {
			l, err := w.createLater(dir, role, protect, made)
			if err != nil {
				t.Fatal(name, err)
			}
			made = append(made, l)
		}
		same := func(want ...Later) {
			t.Helper()
			got, err := w.unlockLater(dir, protect)
			if err != nil || len(got) != len(want) {
				t.Fatalf("%s: %d keys, %v; want %d", name, len(got), err, len(want))
			}
			for i := range got {
				if got[i].name() != want[i].name() || !got[i].Key().Equal(want[i].Key()) {
					t.Errorf("%s: key %d is %s, want %s", name, i, got[i].name(), want[i].name())
				}
			}
		}
		same(made...)
		for range 2 {
			if err := w.destroyLater(dir, made[0]); err != nil {
				t.Fatal(name, err)
			}
		}
		same(made[1:]...)
		// A crash between the two steps of destroying.
		path := laterPath(dir, made[1].name())
		if err := os.Rename(path, path+goneSuffix); err != nil {
			t.Fatal(err)
		}
		same(made[2:]...)
		if left, err := os.ReadDir(filepath.Join(dir, LaterDir)); err != nil || len(left) != 2 {
			t.Errorf("%s: %d files are left, %v", name, len(left), err)
		}
		if next, err := w.createLater(dir, "receipt", protect, made[2:]); err != nil || next.name() != "receipt-5" {
			t.Errorf("%s: the next is %s, %v", name, next.name(), err)
		}
		if err := os.Rename(laterPath(dir, "receipt-5"), laterPath(dir, "receipt-6")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.unlockLater(dir, protect); !errors.Is(err, ErrWrongName) {
			t.Errorf("%s: a renamed file: %v", name, err)
		}
	}
}

// What is destroyed of the station's file is its one key; the others stay.
func TestSupersede(t *testing.T) {
	dir := t.TempDir()
	protect := SealedBy(pass(t, "of the station, long enough"))
	w := workshop{disk: osDisk{}, cost: cost{memory: 64, time: 1, lanes: 1}}
	was, err := w.createStation(dir, protect)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.supersede(dir, "receipt", protect); err != nil {
		t.Fatal(err)
	}
	s, err := w.unlockStation(dir, protect)
	if err != nil {
		t.Fatal(err)
	}
	now := s.Public()
	if now.Receipt.Equal(was.Receipt) || !now.Station.Equal(was.Station) || !now.Log.Equal(was.Log) || !now.Hop.Equal(was.Hop) {
		t.Error("another key than the receipt key was superseded")
	}
	if err := w.supersede(dir, "log", protect); err != nil {
		t.Fatal(err)
	}
	if s, err = w.unlockStation(dir, protect); err != nil || s.Public().Log.Equal(was.Log) || !s.Public().Hop.Equal(was.Hop) {
		t.Errorf("the log key was not superseded, or another was: %v", err)
	}
	for _, bad := range []string{"root", "hop", ""} {
		if err := w.supersede(dir, bad, protect); err == nil {
			t.Errorf("the %q key was superseded", bad)
		}
	}
	if err := w.supersede(dir, "station", PlainFile()); !errors.Is(err, ErrProtection) {
		t.Errorf("without the secret: %v", err)
	}
}
