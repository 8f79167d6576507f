package journal

import (
	"fmt"
	"testing"

	"parley"
)

// However long a line lasts, what is kept of its witnesses is bounded; the first and the
// newest stay, and older ones lie further apart.
func TestWitnessedIsBounded(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	const last = 600
	put := func(w Witnessed) {
		w.Line, w.Log, w.Checkpoint = testLine, northLog, []byte("checkpoint")
		commit(t, j, func(tx *Tx) error { return tx.PutWitnessed(w) })
	}
	put(Witnessed{Size: 2, Witness: "gone", Cosignature: []byte("its only one")})
	commit(t, j, func(tx *Tx) error {
		for n := uint64(1); n <= last; n++ {
			w := Witnessed{Line: testLine, Log: northLog, Size: n, Witness: "w", Checkpoint: []byte("checkpoint"), Cosignature: fmt.Appendf(nil, "of %d", n)}
			if err := tx.PutWitnessed(w); err != nil {
				return err
			}
		}
		return nil
	})
	put(Witnessed{Size: last, Witness: "w", Cosignature: []byte("later")})
	list, err := j.Witnessed(testLine)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) > witnessedMost+1 || len(list) < witnessedMost/2 {
		t.Errorf("%d are kept", len(list))
	}
	if first := list[0]; first.Size != 1 || string(first.Cosignature) != "of 1" {
		t.Errorf("the first is %+v", first)
	}
	if newest := list[len(list)-1]; newest.Size != last || string(newest.Cosignature) != fmt.Sprintf("of %d", last) {
		t.Errorf("the newest is %+v", newest)
	}
	gone := 0
	for _, w := range list {
		if w.Witness == "gone" {
			gone++
		}
	}
	if gone != 1 {
		t.Errorf("the newest of a witness that is asked no more is kept %d times", gone)
	}
	if other, err := j.Witnessed(parley.LineID{1: 9}); err != nil || len(other) != 0 {
		t.Errorf("of another line %d are kept, %v", len(other), err)
	}
}
