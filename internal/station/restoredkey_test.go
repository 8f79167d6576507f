package station_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/roster"
)

// A receipt key that was made after the backup is lost with the machine. The restored
// station starts without it, says so, and receipts again once officers brought another.
func TestReceiptKeyLost(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Proved(w.North.Say(parley.Routine, "n1"))
	w.North.Stop()
	backup := w.North.Back()
	w.North.Start()
	roll := func() {
		t.Helper()
		content := w.North.Change(rolling(t, w.Line.North, w.North.Line.History(), false, roster.RoleReceipt))
		ref, err := w.North.Line.Release(context.Background(), w.North.Released(content))
		if err != nil {
			t.Fatal(err)
		}
		w.North.Proved(ref.Number)
	}
	roll()
	w.North.Stop()
	w.North.Restored(backup)
	w.North.Lost = true
	w.North.Forget()
	w.North.Start()
	w.North.Await("the whole log", noticed("whole again"))
	troubled := func() bool {
		t.Helper()
		st, err := w.North.Line.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(st.Troubles, func(x station.Trouble) bool { return strings.Contains(x.What, "nothing of south is receipted") })
	}
	if !troubled() {
		t.Error("nobody is told that the receipt key is lost")
	}
	w.North.Stop()
	w.North.Start()
	n := w.South.Say(parley.Flash, "s1")
	w.North.Lost = false
	roll()
	if troubled() {
		t.Error("it is still told")
	}
	w.South.Proved(n)
	w.South.Proved(w.South.Say(parley.Routine, "s2"))
}
