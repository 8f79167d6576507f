package audit_test

import (
	"strings"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
)

// TestLateChange: a change is found in the midst of a log of many pieces, too.
func TestLateChange(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	many := func() {
		for range 60 {
			r.Say("south", strings.Repeat("All quiet. ", 400))
		}
	}
	r.Say("north", "before")
	many()
	roll(t, r, false)
	many()
	r.Cosign("north")
	r.Receipt("north", 1)
	report := audit.Audit(r.File("north"), r.Line.Roster)
	if report.Wrong != nil || report.Logs[0].Receipted != 1 || report.Logs[1].Counts.Believed != 121 {
		t.Errorf("%v, %+v", report.Wrong, report.Logs[1].Counts)
	}
}
