package audit_test

import (
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/transcript"
)

// BenchmarkAudit measures an entry: reading it from the file, and all that is
// checked of it.
func BenchmarkAudit(b *testing.B) {
	const entries = 500
	r := recordtest.New(b, rostertest.New(b))
	for range entries {
		r.Say("north", "The patrol boats of the second squadron leave harbour at dawn and return before dark.")
	}
	r.Cosign("north")
	text, err := transcript.AppendFile(nil, r.File("south"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		f, err := transcript.ParseFile(text)
		if err != nil {
			b.Fatal(err)
		}
		if report := audit.Audit(f, r.Line.Roster); report.Wrong != nil {
			b.Fatal(report.Wrong)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*entries), "µs/entry")
}
