package audit_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/transcript"
)

// byKeys audits a file with verifier keys alone.
func byKeys(t *testing.T, f transcript.File, keys ...transcript.LogKey) *audit.Report {
	t.Helper()
	text, err := transcript.AppendFile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	a := audit.NewWithKeys(read, keys, audit.Options{Most: 10})
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

func keyOf(line *rostertest.Line, p *rostertest.Party) transcript.LogKey {
	return transcript.LogKey{Line: line.Roster.Line, Log: p.Log, Key: p.Side.LogKey}
}

// TestByKey: a verifier key proves the checkpoint and the entries below it, and
// nothing of the other log.
func TestByKey(t *testing.T) {
	r := conversation(t)
	report := byKeys(t, r.File("south"), keyOf(r.Line, r.Line.North))
	north, south := report.Logs[0], report.Logs[1]
	if report.Wrong != nil || north.Basis != audit.ByKey || north.Size != 4 || north.Root == [32]byte{} || north.Checked != 4 {
		t.Errorf("%v, %+v", report.Wrong, north)
	}
	if n := north.Counts; north.Receipted != 0 || n.Believed != 0 || n.Receipts != 0 || n.Refused != 0 || len(north.Keys) != 0 {
		t.Errorf("a key proves what it cannot: %+v", north)
	}
	if south.Basis != audit.ByNothing || south.Size != 0 || south.Checked != 0 {
		t.Errorf("something is proved of a log without a key: %+v", south)
	}
	both := byKeys(t, r.File("south"), keyOf(r.Line, r.Line.South), keyOf(r.Line, r.Line.North))
	if both.Wrong != nil || both.Logs[0].Size != 4 || both.Logs[1].Size != 1 {
		t.Errorf("both: %v, %+v", both.Wrong, both.Logs)
	}
}

func TestByKeyWrong(t *testing.T) {
	r, other := conversation(t), conversation(t)
	north, south := keyOf(r.Line, r.Line.North), keyOf(r.Line, r.Line.South)
	mixed := north
	mixed.Key = south.Key
	told := recordtest.New(t, r.Line)
	told.Say("north", "Another first entry.")
	for _, tt := range []struct {
		name  string
		key   transcript.LogKey
		spoil func(f *transcript.File)
		entry uint64
		want  error
	}{
		{"the key of another line", keyOf(other.Line, other.Line.North), nil, 0, audit.ErrKey},
		{"the other party's key", mixed, nil, 0, transcript.ErrSignature},
		{"an entry altered", north, func(f *transcript.File) {
			f.Logs[0].Entries[1] = bytes.Replace(f.Logs[0].Entries[1], []byte("Hold"), []byte("Fold"), 1)
		}, 2, audit.ErrAltered},
		{"an entry dropped", north, func(f *transcript.File) { f.Logs[0].Entries = slices.Delete(f.Logs[0].Entries, 0, 1) }, 1, transcript.ErrNumber},
		{"an entry of another history", north, func(f *transcript.File) { f.Logs[0].Entries[0] = told.File("north").Logs[0].Entries[0] }, 1, audit.ErrAltered},
		{"cut short", north, func(f *transcript.File) {
			f.Logs[0].Entries, f.Logs[0].Refusals = f.Logs[0].Entries[:2], nil
		}, 3, audit.ErrMissing},
		{"no checkpoint", north, func(f *transcript.File) { f.Logs[0].Checkpoint = nil }, 1, audit.ErrMissing},
		{"the cosigned note of another log", north, func(f *transcript.File) { f.Logs[0].Cosigned = f.Logs[1].Cosigned }, 0, transcript.ErrLog},
	} {
		f := r.File("south")
		if tt.spoil != nil {
			tt.spoil(&f)
		}
		report := byKeys(t, f, tt.key)
		if w := report.Wrong; w == nil || w.Entry != tt.entry || !errors.Is(w, tt.want) {
			t.Errorf("%s: got %v, want %v at entry %d", tt.name, w, tt.want, tt.entry)
		}
	}
}

// TestStranger: a file that another line's keys made, with this line's names on it, is
// refused at its first signature; and so is one entry of it.
func TestStranger(t *testing.T) {
	r := conversation(t)
	stranger := conversation(t)
	f := stranger.File("south")
	f.Line = r.Line.Roster.Line
	for i := range f.Logs {
		f.Logs[i].Log = r.File("south").Logs[i].Log
	}
	if w := audit.Audit(f, r.Line.Roster).Wrong; w == nil || w.Entry != 0 || !errors.Is(w, transcript.ErrLog) {
		t.Errorf("all of a stranger's: %v", w)
	}
	c := r.Content("north", "Signed by somebody else's officer.")
	r.Enter("north", stranger.Sign("north", c, "north a"))
	if w := audit.Audit(r.File("south"), r.Line.Roster).Wrong; w == nil || w.Entry != 5 {
		t.Errorf("an entry signed by a stranger: %v", w)
	}
}
