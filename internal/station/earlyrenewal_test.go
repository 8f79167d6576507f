package station_test

import (
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/roster"
	"parley/wire"
)

// A renewal by a log key whose change the station has not cosigned is refused, and the
// line goes on: it would be closed behind an entry where the other key stands.
func TestRenewalByAKeyThatIsNotCosigned(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	h := w.North.Line.History()
	c := rolling(t, w.Line.South, h, false, roster.RoleLog)
	full, err := h.Draft("south", 0, c)
	if err != nil {
		t.Fatal(err)
	}
	content := w.South.Content(parley.Routine, string(full.Text()))
	content.Kind = parley.Change
	key, _ := w.Line.South.Hired(c.Keys[0].Key)
	renewal, err := receipt.IssueRenewal(wire.Renewal{Line: w.Line.Roster.Line, Party: "south", Log: parley.LogID{1}, Time: 1}, key)
	if err != nil {
		t.Fatal(err)
	}
	f.Send(f.Frame(f.Entry(f.Signed(content, f.Officer("a"), f.Officer("b"))))) // and no checkpoint
	w.North.Await("the change", func(e station.Event) bool { return e.Kind == station.EventRoster })
	f.Send(f.Frame(wire.Part{Type: wire.PartRenewal, Bytes: renewal}))
	w.North.Await("its refusal", func(e station.Event) bool { return e.Kind == station.EventFrameLost })
	f.Send(f.Frame(f.Good("after it"), f.Checkpoint()))
	w.North.Await("what comes after it", arrived(f.Number))
	if all, err := w.North.Line.Generations("south"); err != nil || len(all) != 0 {
		t.Errorf("%d generation statements, %v", len(all), err)
	}
}
