package audit_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/transcript"
)

// quantumProof is a conversation of which north's log is cosigned by ML-DSA-44 up
// to 2, and once more as a whole, and of south's log nothing.
func quantumProof(t testing.TB) (r *recordtest.Record, before transcript.File) {
	r = recordtest.New(t, rostertest.New(t, rostertest.PostQuantum()))
	r.Say("north", "one")
	r.Say("north", "two")
	r.Cosign("north")
	r.CosignPQ("north")
	r.Say("south", "heard")
	r.Cosign("south")
	r.Say("north", "three")
	r.Cosign("north")
	before = r.File("north")
	r.CosignPQ("north")
	return r, before
}

func TestPostQuantum(t *testing.T) {
	r, before := quantumProof(t)
	report := audit.Audit(before, r.Line.Roster)
	if report.Wrong != nil || !report.PostQuantum {
		t.Fatalf("%v, keys %v", report.Wrong, report.PostQuantum)
	}
	if l := report.Logs[0]; l.PostQuantum != 2 || l.PostQuantumAt != recordtest.Start+4000 || l.Receipted != 3 {
		t.Errorf("covered to %d since %d, receipted to %d", l.PostQuantum, l.PostQuantumAt, l.Receipted)
	}
	if l := report.Logs[1]; l.PostQuantum != 0 || l.PostQuantumAt != 0 || l.Receipted != 1 {
		t.Errorf("covered to %d since %d, receipted to %d", l.PostQuantum, l.PostQuantumAt, l.Receipted)
	}
	if l := audit.Audit(r.File("south"), r.Line.Roster).Logs[0]; l.PostQuantum != 3 {
		t.Errorf("covered to %d", l.PostQuantum)
	}
	without := r.File("north")
	without.Logs[0].CosignedPQ = nil
	if report := audit.Audit(without, r.Line.Roster); report.Wrong != nil || report.Logs[0].PostQuantum != 0 {
		t.Errorf("left out: %v, covered to %d", report.Wrong, report.Logs[0].PostQuantum)
	}
	old := conversation(t)
	if report := audit.Audit(old.File("north"), old.Line.Roster); report.Wrong != nil || report.PostQuantum {
		t.Errorf("a line without keys: %v, %v", report.Wrong, report.PostQuantum)
	}
}

// TestPostQuantumWrong: where a log has signatures of both kinds, nothing in it is
// accepted by one of them alone.
func TestPostQuantumWrong(t *testing.T) {
	r, before := quantumProof(t)
	good := r.File("south")
	other := recordtest.New(t, r.Line) // the same keys have signed another history
	other.Say("north", "one")
	other.Say("north", "another")
	other.Cosign("north")
	other.CosignPQ("north")
	forged := other.File("south").Logs[0]
	elsewhere, _ := quantumProof(t)
	for _, tt := range []struct {
		name  string
		spoil func(l *transcript.FileLog)
		entry uint64
		want  error
	}{
		{"a bit of the answer", func(l *transcript.FileLog) { l.CosignedPQ = changed(l.CosignedPQ, 7) }, 0, receipt.ErrSignature},
		{"a bit of the owner's", func(l *transcript.FileLog) { l.CosignedPQ = changed(l.CosignedPQ, 6) }, 0, receipt.ErrSignature},
		{"a bit of the cosignature of Ed25519", func(l *transcript.FileLog) { l.CosignedPQ = changed(l.CosignedPQ, 5) }, 0, receipt.ErrSignature},
		{"a bit of the log key's signature", func(l *transcript.FileLog) { l.CosignedPQ = changed(l.CosignedPQ, 4) }, 0, receipt.ErrSignature},
		{"an offer that was not answered", func(l *transcript.FileLog) {
			l.CosignedPQ = l.CosignedPQ[:bytes.LastIndexByte(l.CosignedPQ[:len(l.CosignedPQ)-1], '\n')+1]
		}, 0, receipt.ErrMalformed},
		{"the cosigned in its place", func(l *transcript.FileLog) { l.CosignedPQ = l.Cosigned }, 0, receipt.ErrMalformed},
		{"of another history", func(l *transcript.FileLog) { l.CosignedPQ = forged.CosignedPQ }, 2, audit.ErrAltered},
		{"of a line of other keys", func(l *transcript.FileLog) { l.CosignedPQ = elsewhere.File("south").Logs[0].CosignedPQ }, 0, transcript.ErrLog},
		{"the cosigned is older", func(l *transcript.FileLog) { l.Cosigned = receipt.CosignedIn(before.Logs[0].CosignedPQ) }, 0, audit.ErrMissing},
		{"the cosigned is left out", func(l *transcript.FileLog) { l.Cosigned = nil }, 0, audit.ErrMissing},
		{"the last entry dropped", func(l *transcript.FileLog) { l.Entries = l.Entries[:2] }, 3, audit.ErrMissing},
	} {
		f := good
		tt.spoil(&f.Logs[0])
		report := audit.Audit(f, r.Line.Roster)
		w := report.Wrong
		if w == nil || w.Party != "north" || w.Entry != tt.entry || !errors.Is(w, tt.want) {
			t.Errorf("%s: got %v, want %v at entry %d", tt.name, w, tt.want, tt.entry)
		}
		if !errors.Is(w, audit.ErrPostQuantum) && tt.entry != 3 {
			t.Errorf("%s: %v does not say that it is about ML-DSA-44", tt.name, w)
		}
		if l := report.Logs[0]; tt.entry == 0 && l.Counts.Believed+l.Receipted+l.Size+l.PostQuantum != 0 {
			t.Errorf("%s: something is proved of the log all the same: %+v", tt.name, l)
		}
	}
}

// TestPostQuantumByKey: whoever has the key of the log alone compares roots, and
// claims nothing of cosignatures.
func TestPostQuantumByKey(t *testing.T) {
	r, _ := quantumProof(t)
	audited := func(f transcript.File) *audit.Report {
		text, err := transcript.AppendFile(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		a := audit.NewWithKeys(read, []transcript.LogKey{{Line: r.Line.Roster.Line, Log: r.Line.North.Log, Key: r.Line.North.Side.LogKey}}, audit.Options{})
		for w := a.Next(); w != nil; w = a.Next() {
			w.Do()
			a.Take(w)
		}
		report, err := a.Report()
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	f := r.File("south")
	if report := audited(f); report.Wrong != nil || report.PostQuantum || report.Logs[0].PostQuantum != 0 || report.Logs[0].Size != 3 {
		t.Errorf("%v, %+v", report.Wrong, report.Logs[0])
	}
	f.Logs[0].CosignedPQ = changed(f.Logs[0].CosignedPQ, 4)
	if w := audited(f).Wrong; !errors.Is(w, audit.ErrPostQuantum) || !errors.Is(w, transcript.ErrSignature) {
		t.Errorf("the log key's signature is changed: %v", w)
	}
}

// changed is a note in which one line is another by a character of its base64.
func changed(note []byte, line int) []byte {
	rows := strings.SplitAfter(string(note), "\n")
	at := len(rows[line]) - 20
	with := "A"
	if rows[line][at] == 'A' {
		with = "B"
	}
	rows[line] = rows[line][:at] + with + rows[line][at+1:]
	return []byte(strings.Join(rows, ""))
}

// TestPostQuantumMutations puts another byte in the place of one in 67 of a note
// with four signatures, takes it out, and puts one before it: all are refused.
func TestPostQuantumMutations(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t, rostertest.Seed("mutations"), rostertest.PostQuantum()))
	r.Say("north", "All is quiet.")
	r.Cosign("north")
	r.CosignPQ("north")
	text, err := transcript.AppendFile(nil, r.File("south"))
	if err != nil {
		t.Fatal(err)
	}
	if err := refused(text, r.Line.Roster); err != nil {
		t.Fatal(err)
	}
	body := text[:bytes.LastIndex(text, []byte("END "))]
	at := bytes.Index(body, []byte("cosigned-pq\n"))
	end := at + bytes.Index(body[at:], []byte("\nlog "))
	step := 67
	if testing.Short() {
		step = 499
	}
	for ; at < end; at += step {
		for what, mutated := range map[string][]byte{
			"another byte": append(append(bytes.Clone(body[:at]), body[at]^1), body[at+1:]...),
			"a byte less":  append(bytes.Clone(body[:at]), body[at+1:]...),
			"a byte more":  append(append(bytes.Clone(body[:at]), 'A'), body[at:]...),
		} {
			if refused(withEnd(string(mutated)), r.Line.Roster) == nil {
				t.Fatalf("%s at byte %d, all proved:\n%s", what, at, mutated)
			}
		}
	}
}
