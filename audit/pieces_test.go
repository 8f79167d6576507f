package audit_test

import (
	"bytes"
	"strings"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/transcript"
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

// TestMessagesAreToldOrKept: whoever is told the messages as they come does not get them
// once more at the end.
func TestMessagesAreToldOrKept(t *testing.T) {
	r := conversation(t)
	text, err := transcript.AppendFile(nil, r.File("south"))
	if err != nil {
		t.Fatal(err)
	}
	read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var told []audit.Message
	a := audit.New(read, r.Line.Roster, audit.Options{Most: 9, Message: func(_ parley.Party, m audit.Message) { told = append(told, m) }})
	for w := a.Next(); w != nil; w = a.Next() {
		w.Do()
		a.Take(w)
	}
	report, err := a.Report()
	if err != nil {
		t.Fatal(err)
	}
	kept := audit.Audit(r.File("south"), r.Line.Roster)
	for i := range kept.Logs {
		if len(report.Logs[i].Believed) > 0 {
			t.Errorf("%s: messages that were told are kept", kept.Logs[i].Party)
		}
		for _, m := range kept.Logs[i].Believed {
			if len(told) == 0 || told[0].Number != m.Number || !bytes.Equal(told[0].Released.Signed(), m.Released.Signed()) {
				t.Fatalf("%s, entry %d: it was not told in order", kept.Logs[i].Party, m.Number)
			}
			told = told[1:]
		}
	}
	if len(told) > 0 {
		t.Errorf("%d messages were told too many", len(told))
	}
}
