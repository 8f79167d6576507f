package station_test

import (
	"slices"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/seal"
	"parley/wire"
)

// A prekey that was used once is not used again, whichever batch names it, and after
// a restart (spec/ENVELOPE.md §1).
func TestPrekeyOfferedAgain(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Proved(w.North.Say(parley.Routine, "one"))
	spent := func() (hashes []parley.Hash) {
		b, err := w.North.Journal.Meta("prekeys-spent/" + w.Line.Roster.Line.String())
		if err != nil {
			t.Fatal(err)
		}
		for h := range slices.Chunk(b, len(parley.Hash{})) {
			hashes = append(hashes, parley.Hash(h))
		}
		return hashes
	}
	used := spent()[0]
	south := w.Line.Roster.Sides[1]
	again := slices.IndexFunc(south.Prekeys, func(k []byte) bool { return seal.PrekeyHash(k) == used })
	if again < 0 {
		t.Fatalf("what was used, %x, is not on the card", used)
	}
	f := stationtest.NewThief(w)
	part, err := receipt.IssuePrekeys(wire.Prekeys{
		Line: w.Line.Roster.Line, From: "south", Keys: [][]byte{south.Prekeys[again]}, LastResort: south.LastResort, Time: 4_000_000_000_000,
	}, f.Side.StationKey)
	if err != nil {
		t.Fatal(err)
	}
	f.Send(f.Frame(wire.Part{Type: wire.PartPrekeys, Bytes: part}, wire.Part{Type: wire.PartReport, Bytes: []byte("none")}))
	w.North.Await("the batch, with a report that is none", of(station.EventFrameLost))
	for range 2 {
		w.North.Stop()
		w.North.Start()
		w.North.Proved(w.North.Say(parley.Flash, "under a new epoch"))
	}
	if got := spent(); len(slices.Compact(slices.SortedFunc(slices.Values(got), func(a, b parley.Hash) int { return slices.Compare(a[:], b[:]) }))) < len(got) {
		t.Errorf("a prekey was used twice: %x", got)
	}
}
