package station_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/proof"
)

// TestProofs has both sides prove what was said, to whoever has the roster that the
// line began with: one message, several, and across a change of officers.
func TestProofs(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Proved(w.North.Say(parley.Flash, "one"))
	w.South.Proved(w.South.Say(parley.Routine, "two"))
	w.North.Proved(w.North.Say(parley.Routine, "three"))
	prove := func(s *stationtest.Side, party parley.Party, first, last uint64) *audit.ProofReport {
		t.Helper()
		p, err := s.Line.Proof(party, first, last)
		if err != nil {
			t.Fatal(err)
		}
		file, err := proof.AppendText(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		if p, err = proof.Parse(file, w.Line.Roster); err != nil {
			t.Fatal(err)
		}
		report := audit.Proof(p, w.Line.Roster)
		if report.Wrong != nil {
			t.Fatal(report.Wrong)
		}
		return report
	}
	for _, s := range []*stationtest.Side{w.North, w.South} {
		one := prove(s, "north", 1, 1)
		if !one.Cosigned || len(one.Believed) != 1 || one.Believed[0].Released.Content().Body != "one" || len(one.Receipts) != 1 || one.Seen[0] != 0 {
			t.Errorf("entry 1: %+v", one)
		}
		if r := prove(s, "north", 1, 2); r.First != 1 || r.Last != 2 || !slices.Equal(r.Seen, []uint64{0, 1}) {
			t.Errorf("entries 1 and 2: %+v", r)
		}
		if r := prove(s, "south", 1, 1); r.Seen[0] != 1 || r.PeerSize == 0 {
			t.Errorf("entry 1 of south: %+v", r)
		}
	}
	change := w.North.Change(replace(t, w.Line.North, w.North.Line.History(), "north a", "north a2"))
	ref, err := w.North.Line.Release(t.Context(), w.North.Released(change))
	if err != nil {
		t.Fatal(err)
	}
	w.North.Proved(ref.Number)
	w.North.Proved(w.North.Say(parley.Flash, "by the new ones"))
	for _, n := range []uint64{1, 4} {
		if r := prove(w.South, "north", n, n); !slices.Equal(r.Changes, []uint64{ref.Number}) {
			t.Errorf("entry %d is proved with changes %v", n, r.Changes)
		}
	}
	if r := prove(w.South, "north", 2, 4); len(r.Changes) != 0 || len(r.Believed) != 3 {
		t.Errorf("a change among the messages: %+v", r)
	}
}

// TestProofsThatCannotBe asks for what is not here.
func TestProofsThatCannotBe(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Proved(w.North.Say(parley.Routine, "one"))
	for _, c := range []struct {
		party       parley.Party
		first, last uint64
		want        error
	}{
		{"west", 1, 1, station.ErrNoMessage}, {"north", 2, 2, station.ErrNoMessage}, {"south", 1, 1, station.ErrNoMessage},
		{"north", 0, 1, station.ErrRange}, {"north", 2, 1, station.ErrRange}, {"north", 1, 1 + proof.MaxEntries, station.ErrRange},
	} {
		if _, err := w.North.Line.Proof(c.party, c.first, c.last); !errors.Is(err, c.want) {
			t.Errorf("%s %d to %d: %v", c.party, c.first, c.last, err)
		}
	}
}

// TestProofHides looks for another message in the proof of one.
func TestProofHides(t *testing.T) {
	w := stationtest.New(t, two)
	for _, body := range []string{"the secret", "what is shown", "the other secret"} {
		w.North.Proved(w.North.Say(parley.Routine, body))
	}
	p, err := w.South.Line.Proof("north", 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []proof.Form{proof.Text, proof.CBOR, proof.Page, proof.Tlog} {
		file, err := proof.Append(nil, p, form)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(file, []byte("secret")) || form != proof.Tlog && !bytes.Contains(file, []byte("what is shown")) {
			t.Errorf("%s shows what it shall not, or not what it shall", form)
		}
	}
}
