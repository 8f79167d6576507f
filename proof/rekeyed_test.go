package proof_test

import (
	"bytes"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/proof"
)

// TestAnotherLogKey: messages before and behind the change of a log key, and across it, are
// proved by the roster that the line began with, in every form but tlog-proof; and by
// none without the change, or the statement that the log went on.
func TestAnotherLogKey(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t, rostertest.Seed("rekeyed")))
	r.Say("north", "The first.")
	r.Say("south", "Noted.")
	r.Rekey("north", 1) // entry 2
	r.Receipt("north", r.Say("north", "The third, by the next key."))
	r.Cosign("north")
	r.Cosign("south")
	for _, span := range [][2]uint64{{1, 1}, {3, 3}, {1, 3}} {
		p := r.Proof("north", span[0], span[1])
		for _, f := range forms {
			if f == proof.Tlog {
				continue
			}
			file := inForm(t, p, f)
			back, err := proof.Parse(file, r.Line.Roster)
			if err != nil {
				t.Fatalf("%d as %s: %v", span, f, err)
			}
			if again := inForm(t, back, f); !bytes.Equal(again, file) {
				t.Errorf("%d as %s is read and written otherwise", span, f)
			}
			report := audit.Proof(back, r.Line.Roster)
			if report.Wrong != nil || len(report.Generations) != 2 || report.Generations[1].Change != 2 {
				t.Errorf("%d as %s: %v, %+v", span, f, report.Wrong, report.Generations)
			}
		}
	}
	for name, spoil := range map[string]func(*proof.Proof){
		"the change left out":    func(p *proof.Proof) { p.Changes = nil },
		"the statement left out": func(p *proof.Proof) { p.Generations = nil },
		"no statement":           func(p *proof.Proof) { p.Generations[0] = bytes.Repeat([]byte{1}, 9) },
	} {
		p := r.Proof("north", 3, 3)
		spoil(p)
		if audit.Proof(p, r.Line.Roster).Wrong == nil {
			t.Errorf("%s: all proved", name)
		}
	}
}
