package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"parley"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/proof"
	"parley/roster"
	"parley/transcript"
)

// TestSentencesAreQuoted holds the sentences that docs/sentences.md explains to those
// that the program prints: a row of a table begins with one, in which … stands for
// a time, a name or a number.
func TestSentencesAreQuoted(t *testing.T) {
	b, err := os.ReadFile("../../docs/sentences.md")
	if err != nil {
		t.Fatal(err)
	}
	said := saidOfEverything(t)
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(b), -1)
	if len(rows) < 20 {
		t.Fatalf("docs/sentences.md explains %d sentences; has the form of its tables changed?", len(rows))
	}
	for _, row := range rows {
		parts := strings.Split(row[1], "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		if !regexp.MustCompile(strings.Join(parts, "[^\n]*")).MatchString(said) {
			t.Errorf("docs/sentences.md explains %q, which parley-verify does not print", row[1])
		}
	}
	if t.Failed() {
		t.Logf("it prints\n%s", said)
	}
}

// saidOfEverything returns what the program prints of files of every kind.
func saidOfEverything(t *testing.T) string {
	var said strings.Builder
	f := newFiles(t)
	tell := func(args ...string) {
		_, out, errs := call(append([]string{"--roster"}, args...)...)
		said.WriteString(out + errs)
	}
	file := f.record.File("south")
	text := f.text(file)
	tell(f.roster, "--show", f.write("transcript.txt", text))
	tell(f.roster, f.write("altered.txt", []byte(strings.Replace(string(text), "entry 1 ", "entry 1 A", 1))))
	file.Logs[0].Refusals = nil
	tell(f.roster, f.write("unrefused.txt", f.text(file)))
	tell(f.roster, f.proofs(2, 2)[proof.Text])
	message := f.proofs(1, 2)[proof.Text]
	tell(f.roster, message)
	b, err := os.ReadFile(message)
	if err != nil {
		t.Fatal(err)
	}
	tell(f.roster, f.write("reworded.txt", []byte(strings.Replace(string(b), "at noon", "at dusk", 1))))
	tell(f.roster, f.write("fork.txt", f.fork()))
	tell(f.write("other-roster.txt", rostertest.New(t).Roster.Text()), f.write("transcript-again.txt", text))

	early := recordtest.New(t, rostertest.New(t, rostertest.Seed("docs/evidence.md")))
	early.Say("south", "one")
	early.Say("north", "seen")
	file = early.File("north")
	file.Logs[1] = transcript.FileLog{Party: file.Logs[1].Party, Log: file.Logs[1].Log}
	tell(f.write("early-roster.txt", early.Line.Roster.Text()), f.write("early.txt", f.text(file)))

	stolen := recordtest.New(t, rostertest.New(t, rostertest.Seed("docs/evidence.md")))
	stolen.Say("north", "one")
	stolen.Receipt("north", 1)
	stolen.Enter("south", stolen.Sign("south", stolen.Content("south", "by a stolen key"), "south b"))
	compromise(t, stolen)
	stolen.Cosign("north")
	tell(f.write("stolen-roster.txt", stolen.Line.Roster.Text()), f.write("stolen.txt", f.text(stolen.File("north"))))

	quantum := recordtest.New(t, rostertest.New(t, rostertest.PostQuantum()))
	quantum.Say("north", "one")
	quantum.Cosign("north")
	quantum.CosignPQ("north")
	quantum.Say("north", "two")
	tell(f.write("quantum-roster.txt", quantum.Line.Roster.Text()), f.write("quantum.txt", f.text(quantum.File("north"))))

	restored, text := renewed(t)
	tell(restored.roster, restored.write("restored.txt", text))
	tell(restored.roster, restored.write("denied.txt", restored.text(denied(t, restored.record.Line))))
	file = restored.record.File("south")
	file.Logs[0].Generations = append(file.Logs[0].Generations, file.Logs[0].Generations...)
	tell(restored.roster, restored.write("twice.txt", restored.text(file)))

	for _, seen := range []bool{true, false} {
		rolled := recordtest.New(t, rostertest.New(t, rostertest.Seed("docs/sentences.md")))
		rolled.Say("north", "one")
		rolled.Rekey("north", 1)
		if seen {
			rolled.Say("north", "three")
		}
		compromise(t, rolled)
		tell(f.write("rolled-roster.txt", rolled.Line.Roster.Text()), f.write("rolled.txt", f.text(rolled.File("north"))))
	}

	seen, w1, _ := witnessed(t)
	file = seen.File("north")
	seenRoster := f.write("seen-roster.txt", seen.Line.Roster.Text())
	tell(seenRoster, "--witness", w1, "--witness", recordtest.NewWitness("witness.example/w3").Key(), f.write("seen.txt", f.text(file)))
	file.Logs[0].Witnessed[0] = strangely(t, file.Logs[0].Witnessed[0])
	tell(seenRoster, "--witness", w1, f.write("unseen.txt", f.text(file)))

	deniable := rostertest.New(t, rostertest.Evidence(roster.Deniable))
	tell(f.write("deniable-roster.txt", deniable.Roster.Text()))
	return said.String()
}

// compromise has south say that its receipt key and the key of its officer b were
// in other hands from its first message on, and take another receipt key.
func compromise(t *testing.T, r *recordtest.Record) {
	south := r.Line.South
	fresh := south.Hire(t, "receipts")
	id, _ := south.Officer(t, "south b")
	change := roster.Change{
		Leave: []roster.Leave{{Key: id, Name: "south b"}},
		Keys:  []roster.NewKey{{Role: roster.RoleReceipt, Key: fresh.Key}},
		Thefts: []roster.Compromise{
			{Role: roster.RoleOfficer, Key: id, Since: 1, Name: "south b"},
			{Role: roster.RoleReceipt, Key: roster.KeyID(roster.RoleReceipt, south.Side.Receipt), Since: 1},
		},
	}
	full, err := roster.NewHistory(r.Line.Roster).Draft("south", 100, change)
	if err != nil {
		t.Fatal(err)
	}
	south.ReceiptKey = south.Officers["receipts"]
	content := r.Content("south", string(full.Text()))
	content.Kind = parley.Change
	r.Enter("south", r.Sign("south", content, "south a", "south c"))
}

// fork returns the proof that north signed two histories.
func (f *files) fork() []byte {
	f.t.Helper()
	told := recordtest.New(f.t, f.record.Line)
	told.Say("north", "Something else.")
	a, b := f.record.File("north").Logs[0], told.File("north").Logs[0]
	var hashes leaves
	for _, e := range a.Entries {
		hashes = append(hashes, transcript.LeafHash(e))
	}
	fork, err := transcript.ProveFork(b.Checkpoint, a.Checkpoint, hashes, f.record.Line.Roster)
	if err != nil {
		f.t.Fatal(err)
	}
	text, err := transcript.AppendFork(nil, fork)
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}
