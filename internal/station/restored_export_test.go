package station_test

import (
	"bytes"

	"parley"
	"parley/audit"
	"parley/internal/stationtest"
	"parley/proof"
	"parley/transcript"
)

// oneHistory fails unless both sides export one history, across all generations, and each
// proves every message of both to whoever has the roster.
func (r *rig) oneHistory() {
	r.t.Helper()
	var files []*transcript.Reader
	for _, s := range []*stationtest.Side{r.North, r.South} {
		text, err := s.Line.Export()
		if err != nil {
			r.t.Fatal(err)
		}
		read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			r.t.Fatal(err)
		}
		files = append(files, read)
		f, err := transcript.ParseFile(text)
		if err != nil {
			r.t.Fatal(err)
		}
		report := audit.Audit(f, r.Line.Roster)
		if report.Wrong != nil {
			r.t.Fatalf("what %s exports: %v", s.Line.Self().Party, report.Wrong)
		}
		for i := range report.Logs {
			r.proofs(s, &report.Logs[i])
		}
	}
	all, err := audit.Compare(files[0], files[1])
	if err != nil {
		r.t.Fatal(err)
	}
	for _, d := range all {
		if !d.Same() {
			r.t.Errorf("the two exports differ: %+v", d)
		}
	}
}

// proofs has a side prove each message of a log, and all of them together.
func (r *rig) proofs(s *stationtest.Side, l *audit.Log) {
	r.t.Helper()
	if l.Entries == 0 {
		return
	}
	spans := [][2]uint64{{1, l.Entries}}
	for n := range l.Entries {
		spans = append(spans, [2]uint64{n + 1, n + 1})
	}
	for _, span := range spans {
		p, err := s.Line.Proof(l.Party, span[0], span[1])
		if err != nil {
			r.t.Fatal(err)
		}
		file, err := proof.AppendText(nil, p)
		if err != nil {
			r.t.Fatal(err)
		}
		if p, err = proof.Parse(file, r.Line.Roster); err != nil {
			r.t.Fatal(err)
		}
		report := audit.Proof(p, r.Line.Roster)
		if report.Wrong != nil {
			r.t.Fatalf("%s proves entries %d of %s: %v", s.Line.Self().Party, span, l.Party, report.Wrong)
		}
		for _, m := range report.Believed {
			if name := parley.MessageName(l.Party, m.Generation, m.Number); name != s.Line.MessageName(l.Party, m.Number) || name != l.Name(m.Number) {
				r.t.Errorf("%s is %s to the station, %s in the transcript", name, s.Line.MessageName(l.Party, m.Number), l.Name(m.Number))
			}
		}
	}
}
