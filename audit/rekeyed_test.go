package audit_test

import (
	"crypto/ed25519"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/roster"
)

// TestRekeyedLog: it is told which generations another log key opened, and which change
// brought it.
func TestRekeyedLog(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	r.Say("north", "The first.")
	r.Renew("north")
	r.Rekey("north", 1) // entry 2
	id := roster.KeyID(roster.RoleLog, r.Line.North.LogKey.Public().(ed25519.PublicKey))
	r.Say("north", "The third, by the next key.")
	r.Renew("north")
	r.Say("north", "The fourth, by the same.")
	r.Cosign("north")
	for report := range byBoth(t, r) {
		g := report.Logs[0].Generations
		if len(g) != 4 || g[1].Change != 0 || g[2].Key != id || g[2].Change != 2 || g[3].Change != 0 || g[2].ClosedDoubt != audit.NoDoubt {
			t.Errorf("%+v", g)
		}
	}
	if report := audit.Proof(r.Proof("north", 3, 4), r.Line.Roster); report.Wrong != nil || report.Generations[2].Key != id || report.Generations[2].Change != 2 {
		t.Errorf("a proof: %v, %+v", report.Wrong, report.Generations)
	}
}

// byBoth audits a record as both parties export it, and fails where something is wrong.
func byBoth(t *testing.T, r *recordtest.Record) func(func(*audit.Report) bool) {
	t.Helper()
	return func(yield func(*audit.Report) bool) {
		north, south := audit.Audit(r.File("north"), r.Line.Roster), audit.Audit(r.File("south"), r.Line.Roster)
		for _, report := range []*audit.Report{north, south} {
			if report.Wrong != nil {
				t.Fatal(report.Wrong)
			}
			if !yield(report) {
				return
			}
		}
	}
}

// TestClosingInDoubt: a closing by a compromised receipt key is in doubt as a receipt by
// it is: its time always, and that it was closed unless the closer's log has seen what follows.
func TestClosingInDoubt(t *testing.T) {
	for name, c := range map[string]struct {
		stolen, seen bool
		want         audit.InDoubt
	}{
		"not compromised":     {false, false, audit.NoDoubt},
		"what follows seen":   {true, true, audit.DoubtTime},
		"nothing of it seen":  {true, false, audit.DoubtFact},
		"seen, and no notice": {false, true, audit.NoDoubt},
	} {
		r := recordtest.New(t, rostertest.New(t))
		r.Say("north", "The first.")
		r.Renew("north")
		if c.seen {
			r.Say("north", "The second.")
		}
		roll(t, r, c.stolen)
		r.Say("north", "Behind it.")
		r.Cosign("north")
		r.Cosign("south")
		for report := range byBoth(t, r) {
			if g := report.Logs[0].Generations; g[1].ClosedDoubt != c.want {
				t.Errorf("%s: %+v", name, g)
			}
		}
		last := uint64(len(r.File("north").Logs[0].Entries))
		report := audit.Proof(r.Proof("north", last, last), r.Line.Roster)
		if report.Wrong != nil || report.Generations[1].ClosedDoubt != c.want {
			t.Errorf("%s, a proof: %v, %+v", name, report.Wrong, report.Generations)
		}
	}
}
