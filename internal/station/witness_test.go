package station_test

import (
	"context"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/transcript"
)

// What witnesses cosigned of our log stands in our transcript, each size once with all
// of them, the first cosignature of each; and in that of the other side not at all.
func TestWitnessedExport(t *testing.T) {
	w := stationtest.New(t, two)
	north, south := w.North, w.South
	w1, w2 := recordtest.NewWitness("witness.example/w1"), recordtest.NewWitness("witness.example/w2")
	var known []transcript.WitnessKey
	for _, one := range []recordtest.Witness{w1, w2} {
		k, err := transcript.ParseWitnessKey(one.Key())
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, k)
	}
	if note, err := north.Line.OwnCheckpoint(); err != nil || note != nil {
		t.Fatalf("an empty log has the checkpoint %q, %v", note, err)
	}
	const at = parley.Time(1_790_000_000_000)
	see := func(i int, by recordtest.Witness, at parley.Time) {
		t.Helper()
		note, err := north.Line.OwnCheckpoint()
		if err != nil {
			t.Fatal(err)
		}
		if err := north.Line.KeepWitnessed(context.Background(), known[i], note, by.Cosign(note, at)); err != nil {
			t.Fatal(err)
		}
	}
	north.Proved(north.Say(parley.Routine, "one"))
	see(1, w2, at)
	see(0, w1, at+1000)
	see(0, w1, at+9000) // later, of the same
	south.Proved(south.Say(parley.Routine, "heard"))
	north.Proved(north.Say(parley.Routine, "two"))
	north.Proved(north.Say(parley.Routine, "three"))
	see(0, w1, at+3000)

	of, c, ok, err := north.Line.Witnessed(known[0])
	if err != nil || !ok || of.Size != 3 || c.At() != at+3000 {
		t.Errorf("the newest is of %d at %d, %v, %v", of.Size, c.At(), ok, err)
	}
	if proof, err := north.Line.OwnConsistency(1, 3); err != nil || len(proof) == 0 {
		t.Errorf("the proof is %v, %v", proof, err)
	}
	key := north.Line.OwnLogKey()
	if side, _ := w.Roster().Side("north"); key.Log != side.Log || !key.Key.Equal(side.LogKey) {
		t.Errorf("the key is %s", key)
	}

	file := transcriptOf(t, north.Line)
	report := audit.Audit(file, w.Roster())
	if report.Wrong != nil {
		t.Fatal(report.Wrong)
	}
	type sight struct {
		size uint64
		name string
		at   parley.Time
	}
	want := []sight{{1, "witness.example/w1", at + 1000}, {1, "witness.example/w2", at}, {3, "witness.example/w1", at + 3000}}
	got := report.Logs[0].Witnessed
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || (sight{got[i].Size, got[i].Name, got[i].At}) != want[i] {
			t.Fatalf("the transcript has %+v, want %+v", got, want)
		}
	}
	for _, l := range transcriptOf(t, south.Line).Logs {
		if len(l.Witnessed) > 0 {
			t.Errorf("south's transcript has what witnesses cosigned of the log of %s", l.Party)
		}
	}
}

func transcriptOf(t *testing.T, l *station.Line) transcript.File {
	t.Helper()
	text, err := l.Export()
	if err != nil {
		t.Fatal(err)
	}
	f, err := transcript.ParseFile(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
