package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// renewed is a conversation in which north was restored behind its entry 2, south
// before it had said anything, and north again behind entry 3.
func renewed(t testing.TB, line *rostertest.Line) *recordtest.Record {
	t.Helper()
	r := recordtest.New(t, line)
	r.Say("north", "The first.")
	r.Say("north", "The second, before the backup was lost.")
	r.Receipt("north", 2)
	r.Renew("south")
	r.Say("south", "Nothing was said before.")
	r.Renew("north")
	r.Say("north", "The third, after the restore.")
	r.Renew("north")
	r.Say("north", "The fourth, after another.")
	r.Refuse("north", 4, wire.ReasonAddressee)
	r.Say("south", "All received.")
	r.Cosign("north")
	r.Cosign("south")
	return r
}

// TestGenerations: a history across generations is one, to whoever has the roster and
// to whoever has a verifier key.
func TestGenerations(t *testing.T) {
	r := renewed(t, rostertest.New(t))
	for _, exporter := range []parley.Party{"north", "south"} {
		report := audit.Audit(r.File(exporter), r.Line.Roster)
		if report.Wrong != nil {
			t.Fatalf("exported by %s: %v", exporter, report.Wrong)
		}
		north, south := report.Logs[0], report.Logs[1]
		if g := north.Generations; len(g) != 3 || g[0].From != 1 || g[1].From != 3 || g[2].From != 4 || g[1].Renewed == 0 || g[1].Closed != g[1].Renewed+500 || g[2].Log != r.Name("north") {
			t.Errorf("north: %+v", g)
		}
		if g := south.Generations; len(g) != 2 || g[1].From != 1 {
			t.Errorf("south: %+v", g)
		}
		if north.Size != 4 || north.Receipted != 4 || north.Counts.Believed != 3 || north.Counts.Refused != 1 || south.Size != 2 || south.Counts.Believed != 2 {
			t.Errorf("%+v", report.Logs)
		}
		names := []string{north.Name(2), north.Name(3), north.Name(4), north.Name(9), south.Name(1)}
		if !slices.Equal(names, []string{"north/2", "north/2.3", "north/3.4", "north/3.9", "south/2.1"}) {
			t.Error(names)
		}
	}
	keys := byKeys(t, r.File("north"), keyOf(r.Line, r.Line.North), keyOf(r.Line, r.Line.South))
	if keys.Wrong != nil || keys.Logs[0].Size != 4 || len(keys.Logs[0].Generations) != 3 || keys.Logs[1].Size != 2 {
		t.Errorf("by keys: %v, %+v", keys.Wrong, keys.Logs)
	}
}

// TestGenerationsKnown: an audit that is repeated with what the first one found of the
// roster finds the same.
func TestGenerationsKnown(t *testing.T) {
	r := renewed(t, rostertest.New(t))
	text, err := transcript.AppendFile(nil, r.File("north"))
	if err != nil {
		t.Fatal(err)
	}
	var known *roster.History
	for range 2 {
		read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		a := audit.New(read, r.Line.Roster, audit.Options{Most: 9, Known: known})
		for w := a.Next(); w != nil; w = a.Next() {
			w.Do()
			a.Take(w)
		}
		report, err := a.Report()
		if err != nil || report.Wrong != nil || len(report.Logs[0].Generations) != 3 {
			t.Fatal(report.Wrong, err)
		}
		known = a.History()
	}
}

// TestGenerationsWrong: what a file can get wrong of the generations of a log.
func TestGenerationsWrong(t *testing.T) {
	line := rostertest.New(t)
	r := renewed(t, line)
	strange := renewed(t, rostertest.New(t))
	// A log that goes on behind entry 1, whatever was said of it.
	with := func(change func(renewal *wire.Renewal, closing *wire.Closing)) transcript.File {
		r := recordtest.New(t, line)
		r.Say("north", "The first.")
		r.Cosign("north")
		before := r.File("south").Logs[0]
		renewal := wire.Renewal{Line: line.Roster.Line, Party: "north", Log: parley.LogID{7}, Time: recordtest.Start + 9000}
		closing := wire.Closing{
			Line: line.Roster.Line, Party: "north", Closed: before.Log, Size: 1, Root: transcript.LeafHash(before.Entries[0]), Opened: renewal.Log, Time: recordtest.Start + 9500,
		}
		change(&renewal, &closing)
		r.RenewAs("north", renewal, closing)
		r.Say("north", "The second.")
		return r.File("south")
	}
	if w := audit.Audit(with(func(*wire.Renewal, *wire.Closing) {}), line.Roster).Wrong; w != nil {
		t.Fatal(w)
	}
	// North said a third that south cosigned, and lost it; south says that it holds two.
	low := recordtest.New(t, line)
	low.Say("north", "The first.")
	low.Cosign("north")
	lost := recordtest.New(t, line)
	lost.Say("north", "The first.")
	lost.Say("north", "The second, which south received.")
	lost.Cosign("north")
	low.Renew("north")
	low.Say("north", "Another second.")
	denied := low.File("north")
	denied.Logs[0].Cosigned = lost.File("north").Logs[0].Cosigned

	for _, tt := range []struct {
		name  string
		file  transcript.File
		spoil func(l *transcript.FileLog)
		entry uint64
		want  error
	}{
		{"left out", r.File("north"), func(l *transcript.FileLog) { l.Generations = l.Generations[:1] }, 0, transcript.ErrLog},
		{"all left out", r.File("north"), func(l *transcript.FileLog) { l.Generations = nil }, 0, transcript.ErrLog},
		{"the first left out", r.File("north"), func(l *transcript.FileLog) { l.Generations = l.Generations[1:] }, 0, roster.ErrGeneration},
		{"repeated", r.File("north"), func(l *transcript.FileLog) { l.Generations = append(l.Generations[:1], l.Generations...) }, 0, roster.ErrGeneration},
		{"in another order", r.File("north"), func(l *transcript.FileLog) { slices.Reverse(l.Generations) }, 0, roster.ErrGeneration},
		{"a stranger's", r.File("north"), func(l *transcript.FileLog) { l.Generations = strange.File("north").Logs[0].Generations }, 0, wire.ErrSignature},
		{"no statement", r.File("north"), func(l *transcript.FileLog) { l.Generations[0] = []byte{1} }, 0, wire.ErrMalformed},
		{"closed with another root", with(func(_ *wire.Renewal, c *wire.Closing) { c.Root[0] ^= 1 }), nil, 1, audit.ErrAltered},
		{"closed empty with another root", with(func(_ *wire.Renewal, c *wire.Closing) { c.Size = 0 }), func(l *transcript.FileLog) { l.Cosigned = nil }, 0, audit.ErrAltered},
		{"closed before what was written in it", with(func(_ *wire.Renewal, c *wire.Closing) { c.Size, c.Root = 0, emptyRoot }), nil, 0, audit.ErrClosing},
		{"the same, and cosigned nowhere", with(func(_ *wire.Renewal, c *wire.Closing) { c.Size, c.Root = 0, emptyRoot }), func(l *transcript.FileLog) { l.Cosigned = nil }, 1, transcript.ErrLog},
		{"closed behind what there is", with(func(_ *wire.Renewal, c *wire.Closing) { c.Size = 9 }), nil, 0, transcript.ErrLog},
		{"closed at what follows in the other name", with(func(_ *wire.Renewal, c *wire.Closing) { c.Size = 2 }), nil, 0, transcript.ErrLog},
		{"of the other party's log", with(func(r *wire.Renewal, c *wire.Closing) { r.Party, c.Party = "south", "south" }), nil, 0, roster.ErrGeneration},
		{"under the name of south's log", with(func(r *wire.Renewal, c *wire.Closing) { r.Log, c.Opened = line.South.Log, line.South.Log }), nil, 0, roster.ErrGeneration},
		{"an entry under the old name", underOldName(t, line), nil, 2, transcript.ErrLog},
		{"a checkpoint under the old name", r.File("north"), func(l *transcript.FileLog) { l.Checkpoint = renamed(t, r, l.Checkpoint, line.North.Log) }, 0, transcript.ErrLog},
		{"cosigned beyond the close", denied, nil, 0, audit.ErrClosing},
		{"the last entries left out", r.File("north"), func(l *transcript.FileLog) {
			l.Entries, l.Receipts, l.Refusals, l.Checkpoint, l.Cosigned = l.Entries[:1], nil, nil, nil, nil
		}, 2, audit.ErrMissing},
	} {
		if tt.spoil != nil {
			tt.spoil(&tt.file.Logs[0])
		}
		report := audit.Audit(tt.file, line.Roster)
		if w := report.Wrong; w == nil || w.Party != "north" || w.Entry != tt.entry || !errors.Is(w, tt.want) {
			t.Errorf("%s: got %v, want %v at %d", tt.name, w, tt.want, tt.entry)
		}
	}
}

var emptyRoot = transcript.NewChain(parley.LogID{}).Root()

// underOldName is a log that was closed behind entry 1, and whose entry 2 has the old
// name all the same.
func underOldName(t *testing.T, line *rostertest.Line) transcript.File {
	t.Helper()
	r := recordtest.New(t, line)
	r.Say("north", "The first.")
	plain := recordtest.New(t, line)
	plain.Say("north", "The first.")
	plain.Say("north", "The second.")
	r.Renew("north")
	f := r.File("north")
	second := plain.File("north").Logs[0].Entries[1]
	f.Logs[0].Entries = append(f.Logs[0].Entries, second)
	f.Logs[0].Checkpoint = renamed(t, r, plain.File("north").Logs[0].Checkpoint, r.Name("north"))
	return f
}

// renamed is a checkpoint of north's log, signed again under another name.
func renamed(t *testing.T, r *recordtest.Record, note []byte, name parley.LogID) []byte {
	t.Helper()
	c, err := transcript.ReadCheckpoint(note)
	if err != nil {
		t.Fatal(err)
	}
	c.Log = name
	s, err := transcript.SignCheckpoint(c, r.Line.North.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	return s.Note()
}

// TestMostGenerations: a log has 64 generations and no more.
func TestMostGenerations(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	for range roster.MaxGenerations - 1 {
		r.Renew("north")
	}
	r.Say("north", "The first of the last.")
	report := audit.Audit(r.File("north"), r.Line.Roster)
	if report.Wrong != nil || report.Logs[0].Name(1) != fmt.Sprintf("north/%d.1", roster.MaxGenerations) {
		t.Errorf("%v, %s", report.Wrong, report.Logs[0].Name(1))
	}
	r.Renew("north")
	if w := audit.Audit(r.File("north"), r.Line.Roster).Wrong; !errors.Is(w, transcript.ErrMalformed) {
		t.Errorf("the 65th: %v", w)
	}
}

// TestGenerationsByKey: the log key renews; whose the closing is it cannot say.
func TestGenerationsByKey(t *testing.T) {
	r := renewed(t, rostertest.New(t))
	f := r.File("north")
	pair, err := wire.ParseGeneration(f.Logs[0].Generations[0])
	if err != nil {
		t.Fatal(err)
	}
	closing, err := receipt.OpenClosing(pair.Closing, r.Line.South.Side.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := receipt.IssueClosing(closing, r.Line.North.ReceiptKey)
	if err != nil {
		t.Fatal(err)
	}
	put := func(renewal, closing []byte) transcript.File {
		b, err := wire.AppendGeneration(nil, wire.Generation{Renewal: renewal, Closing: closing})
		if err != nil {
			t.Fatal(err)
		}
		f := r.File("north")
		f.Logs[0].Generations[0] = b
		return f
	}
	north := keyOf(r.Line, r.Line.North)
	if w := byKeys(t, put(pair.Renewal, forged), north).Wrong; w != nil {
		t.Errorf("a closing by whoever: %v", w)
	}
	if w := audit.Audit(put(pair.Renewal, forged), r.Line.Roster).Wrong; !errors.Is(w, wire.ErrSignature) {
		t.Errorf("the same with the roster: %v", w)
	}
	renewal := wire.Renewal{Line: r.Line.Roster.Line, Party: "north", Log: closing.Opened, Time: 1}
	stranger, err := receipt.IssueRenewal(renewal, r.Line.South.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	if w := byKeys(t, put(stranger, pair.Closing), north).Wrong; !errors.Is(w, wire.ErrSignature) {
		t.Errorf("a renewal by another key: %v", w)
	}
}
