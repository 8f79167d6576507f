package station_test

import (
	"strings"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/transcript"
	"parley/wire"
)

// Whatever an entry says it has seen, the honest side's export verifies: what cannot
// be is refused on record (spec/MESSAGE.md §6), ahead of a gap and in its place.
func TestSeenThatCannotBe(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	for _, text := range []string{"one", "two"} {
		w.North.Say(parley.Routine, text)
	}
	north, strange := w.Line.North.Log, parley.LogID{1}
	a := f.Officer("a")
	entry := func(seen ...wire.Seen) wire.Part {
		return f.EntrySeen(f.Signed(w.South.Content(parley.Routine, "text"), a), seen...)
	}
	cases := []struct {
		seen     []wire.Seen
		believed bool
	}{
		{[]wire.Seen{{Log: north, Size: 1}}, true},
		{[]wire.Seen{{Log: north, Size: 999}}, false},
		{[]wire.Seen{{Log: strange, Size: 1}}, false},
		{[]wire.Seen{{Log: f.Side.Log, Size: 1}}, false},
		{[]wire.Seen{{Log: north, Size: 2}}, true},
		{[]wire.Seen{{Log: north, Size: 1}}, false}, // ahead of a gap, it is believed at first
		{nil, false}, // says that nothing was seen
		{[]wire.Seen{{Log: north, Size: 2}}, true},
	}
	var parts []wire.Part
	for _, c := range cases {
		parts = append(parts, entry(c.seen...))
	}
	f.Send(f.Frame(parts[5]))
	w.North.Await("an entry ahead of a gap", arrived(6))
	for i, p := range parts {
		if i != 5 {
			f.Send(f.Frame(p))
		}
	}
	f.Send(f.Frame(f.Checkpoint()))
	w.North.Await("the last entry", arrived(f.Number))
	good := entry(wire.Seen{Log: north, Size: 2})
	w.North.Stop()
	w.North.Start()
	f.Send(f.Frame(entry(wire.Seen{Log: north, Size: 1}))) // less, which a station still knows
	f.Send(f.Frame(good, f.Checkpoint()))
	w.North.Await("the refusal after a restart", func(e station.Event) bool {
		return e.Kind == station.EventRefused && e.Ref.Number == f.Number
	})
	got, err := w.North.Line.Messages(station.Filter{Theirs: true})
	if err != nil || len(got) != len(cases)+2 {
		t.Fatalf("north holds %d messages, %v; want %d", len(got), err, len(cases)+2)
	}
	for _, m := range got {
		i := int(m.Ref.Number) - 1
		believed := i == len(cases) || i < len(cases) && cases[i].believed
		if m.Believed != believed || !believed && !strings.Contains(m.Refusal, "seen") {
			t.Errorf("entry %d: believed %v, refused because %q", i+1, m.Believed, m.Refusal)
		}
	}
	text, err := w.North.Line.Export()
	if err != nil {
		t.Fatal(err)
	}
	file, err := transcript.ParseFile(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, exporter := range []parley.Party{"north", "south"} { // the same record, from either side
		file.Exporter = exporter
		if r := audit.Audit(file, w.Line.Roster); r.Wrong != nil {
			t.Errorf("the export of %s does not verify: %v", exporter, r.Wrong)
		}
	}
}
