package audit_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

func conversation(t testing.TB, opts ...rostertest.Option) *recordtest.Record {
	t.Helper()
	return recordtest.Conversation(t, rostertest.New(t, opts...))
}

// spans are those with these firsts and lasts.
func spans(ends ...uint64) (s audit.Spans) {
	for at := 0; at < len(ends); at += 2 {
		s.List = append(s.List, audit.Span{First: ends[at], Last: ends[at+1]})
		s.Count += ends[at+1] - ends[at] + 1
	}
	return s
}

func TestProved(t *testing.T) {
	r := conversation(t)
	for _, exporter := range []parley.Party{"north", "south"} {
		report := audit.Audit(r.File(exporter), r.Line.Roster)
		if report.Wrong != nil {
			t.Fatalf("exported by %s: %v", exporter, report.Wrong)
		}
		if report.Line != r.Line.Roster.Line || report.Words != r.Line.Roster.Words() || report.Exporter != exporter {
			t.Errorf("line %v, words %q, exporter %q", report.Line, report.Words, report.Exporter)
		}
		said := make(map[parley.Desk][]uint64)
		for i := range report.Logs {
			if report.Logs[i].Root == (parley.Hash{}) {
				t.Errorf("no root of %s", report.Logs[i].Party)
			}
			report.Logs[i].Root = parley.Hash{}
			for _, m := range report.Logs[i].Believed {
				said[m.Released.Content().From] = append(said[m.Released.Content().From], m.Number)
			}
			report.Logs[i].Believed = nil
			for j := range report.Logs[i].Refused {
				refused := &report.Logs[i].Refused[j]
				if !errors.Is(refused.Found, release.ErrQuorum) {
					t.Errorf("the refused entry: found %v, want ErrQuorum", refused.Found)
				}
				refused.Found = nil
			}
		}
		if want := map[parley.Desk][]uint64{"north/duty": {1, 2, 4}, "south/duty": {1}}; !reflect.DeepEqual(said, want) {
			t.Errorf("believed %v, want %v", said, want)
		}
		const s = recordtest.Start
		want := [2]audit.Log{
			{
				Party: "north", Peer: "south", Log: r.Line.North.Log, Generations: []audit.Generation{{Log: r.Line.North.Log, From: 1}}, Basis: audit.ByRoster, Entries: 4, Checked: 4, Size: 4, Latest: s + 8000,
				Counts: audit.Counts{Believed: 3, Receipts: 1, Refused: 1}, Said: spans(1, 2, 4, 4), Unreceipted: spans(4, 4),
				Receipted: 3, ReceiptedAt: s + 7000, Receipts: []audit.Receipt{{Number: 2, Received: s + 4000}},
				Refused: []audit.Refused{{Number: 3, Reason: wire.ReasonQuorum, At: s + 6000}},
				Keys:    roster.NewHistory(r.Line.Roster).Keys("north"),
			},
			{
				Party: "south", Peer: "north", Log: r.Line.South.Log, Generations: []audit.Generation{{Log: r.Line.South.Log, From: 1}}, Basis: audit.ByRoster, Entries: 1, Checked: 1, Size: 1, Latest: s + 2000,
				Counts: audit.Counts{Believed: 1}, Said: spans(1, 1), Receipted: 1, ReceiptedAt: s + 9000,
				Keys: roster.NewHistory(r.Line.Roster).Keys("south"),
			},
		}
		if !reflect.DeepEqual(report.Logs, want) {
			t.Errorf("report\n%+v\nwant\n%+v", report.Logs, want)
		}
	}
}

func TestEmpty(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	if report := audit.Audit(r.File("north"), r.Line.Roster); report.Wrong != nil {
		t.Errorf("nothing was said: %v", report.Wrong)
	}
}

// TestRefusedThoughRight: a refusal is part of the record even if it is wrong.
func TestRefusedThoughRight(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	r.Refuse("north", r.Say("north", "Nothing is wrong with this."), wire.ReasonAddressee)
	report := audit.Audit(r.File("south"), r.Line.Roster)
	refused := report.Logs[0].Refused
	if report.Wrong != nil || len(report.Logs[0].Believed) != 0 || len(refused) != 1 || refused[0].Found != nil || refused[0].Reason != wire.ReasonAddressee {
		t.Errorf("%+v", report)
	}
}

// TestNamesTheFirst (R11): each entry in turn is altered, dropped or moved, in
// the file of someone who makes the rest fit as well as can be; the audit names
// the first entry that is not what it was.
func TestNamesTheFirst(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	const n = 6
	for range n {
		r.Say("north", "One of several entries.")
	}
	r.Cosign("north")
	change := func(b []byte, f func(*wire.Entry)) []byte {
		e, err := wire.ParseEntry(b)
		if err != nil {
			t.Fatal(err)
		}
		e.Signed = bytes.Clone(e.Signed)
		f(&e)
		again, err := wire.AppendEntry(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	for i := range n {
		for name, spoil := range map[string]func(*transcript.FileLog){
			"time": func(l *transcript.FileLog) {
				l.Entries[i] = change(l.Entries[i], func(e *wire.Entry) { e.Time++ })
			},
			"previous": func(l *transcript.FileLog) {
				l.Entries[i] = change(l.Entries[i], func(e *wire.Entry) { e.Previous[7] ^= 1 })
			},
			"number": func(l *transcript.FileLog) {
				l.Entries[i] = change(l.Entries[i], func(e *wire.Entry) { e.Number += 10; e.Previous[7] ^= 1 })
			},
			"signature": func(l *transcript.FileLog) {
				l.Entries[i] = change(l.Entries[i], func(e *wire.Entry) { e.Signed[len(e.Signed)-20] ^= 1 })
			},
			"content": func(l *transcript.FileLog) {
				l.Entries[i] = change(l.Entries[i], func(e *wire.Entry) { e.Signed = bytes.Replace(e.Signed, []byte("One"), []byte("Two"), 1) })
			},
			"other content": func(l *transcript.FileLog) {
				l.Entries[i] = change(l.Entries[i], func(e *wire.Entry) {
					e.Signed = r.Sign("north", r.Content("north", "Never said."), "north a")
				})
			},
			"dropped": func(l *transcript.FileLog) { l.Entries = slices.Delete(l.Entries, i, i+1) },
			"moved": func(l *transcript.FileLog) {
				e := l.Entries[i]
				l.Entries = slices.Insert(slices.Delete(l.Entries, i, i+1), n-1, e)
			},
			"repeated": func(l *transcript.FileLog) {
				l.Entries = slices.Insert(l.Entries, i, l.Entries[i])[:n]
			},
		} {
			if i == 0 && name == "previous" || i == n-1 && (name == "moved" || name == "repeated") {
				continue // the first follows none; the last stays in its place
			}
			f := r.File("south")
			spoil(&f.Logs[0])
			want := uint64(i + 1)
			if name == "repeated" {
				want++ // the first of the two is in its place
			}
			report := audit.Audit(f, r.Line.Roster)
			if report.Wrong == nil || report.Wrong.Party != "north" || report.Wrong.Entry != want {
				t.Errorf("%s of entry %d: %v, want entry %d", name, i+1, report.Wrong, want)
			}
		}
	}
}

// TestRewrittenEnd: the party that owns a log signs another end of it; the
// other side's cosignature names the entry that no longer is.
func TestRewrittenEnd(t *testing.T) {
	line := rostertest.New(t)
	said, told := recordtest.New(t, line), recordtest.New(t, line)
	for _, r := range []*recordtest.Record{said, told} {
		r.Say("north", "The first.")
		r.Say("north", "The second.")
	}
	said.Say("north", "We fired.")
	said.Cosign("north")
	told.Say("north", "We did not fire.")
	f := told.File("north")
	f.Logs[0].Cosigned = said.File("south").Logs[0].Cosigned
	report := audit.Audit(f, line.Roster)
	if report.Wrong == nil || report.Wrong.Entry != 3 || !errors.Is(report.Wrong, audit.ErrAltered) {
		t.Errorf("got %v, want entry 3 altered", report.Wrong)
	}
}

func TestWrong(t *testing.T) {
	r := conversation(t)
	other := conversation(t)
	invalid := recordtest.New(t, r.Line)
	flash := invalid.Content("north", "One officer is not enough.")
	flash.Precedence = parley.Flash
	invalid.Enter("north", invalid.Sign("north", flash, "north a"))
	twice := recordtest.New(t, r.Line)
	draft := twice.Sign("north", twice.Content("north", "Once is enough."), "north a")
	twice.Enter("north", draft)
	twice.Enter("north", draft)

	for _, tt := range []struct {
		name  string
		file  transcript.File
		spoil func(f *transcript.File)
		party parley.Party
		entry uint64
		want  error
	}{
		{"another line", other.File("south"), nil, "", 0, audit.ErrRoster},
		{"another log", r.File("south"), func(f *transcript.File) { f.Logs[0].Log[0] ^= 1 }, "", 0, audit.ErrRoster},
		{"no checkpoint", r.File("south"), func(f *transcript.File) { f.Logs[0].Checkpoint = nil }, "north", 1, audit.ErrMissing},
		{"an older checkpoint of the same log", r.File("south"), func(f *transcript.File) { f.Logs[0].Checkpoint = checkpointIn(f.Logs[0].Cosigned) }, "north", 4, audit.ErrMissing},
		{"the checkpoint of the other log", r.File("south"), func(f *transcript.File) { f.Logs[0].Checkpoint = f.Logs[1].Checkpoint }, "north", 0, transcript.ErrLog},
		{"the cosigned in the place of the checkpoint", r.File("south"), func(f *transcript.File) { f.Logs[0].Checkpoint = f.Logs[0].Cosigned }, "north", 0, transcript.ErrMalformed},
		{"the last entry dropped", r.File("south"), func(f *transcript.File) { f.Logs[0].Entries = f.Logs[0].Entries[:3] }, "north", 4, audit.ErrMissing},
		{"receipted more than stands here", r.File("south"), func(f *transcript.File) {
			f.Logs[1] = transcript.FileLog{Party: "south", Log: f.Logs[1].Log, Cosigned: f.Logs[1].Cosigned}
		}, "north", 2, audit.ErrMissing},
		{"a checkpoint in the place of the cosigned", r.File("south"), func(f *transcript.File) { f.Logs[0].Cosigned = f.Logs[0].Checkpoint }, "north", 0, receipt.ErrMalformed},
		{"the receipt of another entry", r.File("south"), func(f *transcript.File) { f.Logs[0].Receipts[0].Number = 1 }, "north", 1, audit.ErrStatement},
		{"the refusal of another entry", r.File("south"), func(f *transcript.File) { f.Logs[0].Refusals[0].Number = 2 }, "north", 2, audit.ErrStatement},
		{"a refusal in the place of a receipt", r.File("south"), func(f *transcript.File) { f.Logs[0].Receipts[0].Bytes = f.Logs[0].Refusals[0].Bytes }, "north", 2, receipt.ErrSignature},
		{"the refusal left out", r.File("south"), func(f *transcript.File) { f.Logs[0].Refusals = nil }, "north", 3, release.ErrQuorum},
		{"invalid and not refused", invalid.File("south"), nil, "north", 1, release.ErrQuorum},
		{"a draft twice", twice.File("south"), nil, "north", 2, release.ErrReplay},
		{"the other log left out", r.File("south"), func(f *transcript.File) { f.Logs[1] = transcript.FileLog{Party: "south", Log: f.Logs[1].Log} }, "north", 2, audit.ErrMissing},
	} {
		if tt.spoil != nil {
			tt.spoil(&tt.file)
		}
		report := audit.Audit(tt.file, r.Line.Roster)
		if w := report.Wrong; w == nil || w.Party != tt.party || w.Entry != tt.entry || !errors.Is(w, tt.want) {
			t.Errorf("%s: got %v, want %v at %s %d", tt.name, w, tt.want, tt.party, tt.entry)
		}
	}
}

// checkpointIn returns the checkpoint in a cosigned note: all but its last line.
func checkpointIn(cosigned []byte) []byte {
	return cosigned[:bytes.LastIndexByte(cosigned[:len(cosigned)-1], '\n')+1]
}

// TestClaimsSeen: what the exporter had seen and no checkpoint covers yet is a
// claim, and no wrong thing.
func TestClaimsSeen(t *testing.T) {
	r := conversation(t)
	f := r.File("north")
	f.Logs[1] = transcript.FileLog{Party: "south", Log: f.Logs[1].Log}
	report := audit.Audit(f, r.Line.Roster)
	if report.Wrong != nil || report.Logs[0].ClaimsSeen != 1 || report.Logs[1].ClaimsSeen != 0 {
		t.Errorf("%v, %+v", report.Wrong, report.Logs)
	}
}

// TestBackdated (R11): an entry that claims to be older than the one before it
// stands out; where it stands is proved.
func TestBackdated(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	r.Say("north", "The first.")
	r.Say("north", "The second.")
	r.SetClock(recordtest.Start - 5000)
	r.Say("north", "We told you long ago.")
	r.Say("north", "The fourth.")
	report := audit.Audit(r.File("south"), r.Line.Roster)
	if l := report.Logs[0]; report.Wrong != nil || !slices.Equal(l.Earlier, []uint64{3}) || l.Latest != recordtest.Start+2000 {
		t.Errorf("%v, earlier %v, latest %d", report.Wrong, l.Earlier, l.Latest)
	}
}

// TestGoesOn: an entry of one party cannot hide what follows it.
func TestGoesOn(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	r.Say("north", "The first.")
	flash := r.Content("north", "Released by nobody.")
	flash.Precedence = parley.Flash
	r.Enter("north", r.Sign("north", flash, "north c"))
	r.Say("north", "The third.")
	r.Say("south", "And an answer.")
	report := audit.Audit(r.File("south"), r.Line.Roster)
	north, south := report.Logs[0], report.Logs[1]
	if w := report.Wrong; w == nil || w.Party != "north" || w.Entry != 2 || len(north.Wrong) != 1 {
		t.Errorf("wrong is %v, want entry 2 of north", w)
	}
	if north.Checked != 3 || north.Size != 3 || len(north.Believed) != 2 || south.Size != 1 || len(south.Believed) != 1 {
		t.Errorf("%+v", report.Logs)
	}
}

// TestSeenThatCannotBe: what an entry says of the other log is held against it.
func TestSeenThatCannotBe(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	for range 3 {
		r.Say("south", "One of three.")
	}
	n := r.Line.North.Log
	for _, seen := range [][]wire.Seen{
		{{Log: r.Line.South.Log, Size: 2}}, {{Log: r.Line.South.Log, Size: 1}}, {{Log: r.Line.South.Log, Size: 9}}, {{Log: n, Size: 1}}, nil,
	} {
		r.EnterSeen("north", r.Sign("north", r.Content("north", "What I saw."), "north a"), seen)
	}
	report := audit.Audit(r.File("south"), r.Line.Roster)
	wrong := make(map[uint64]error)
	for _, w := range report.Logs[0].Wrong {
		wrong[w.Entry] = w
	}
	if len(wrong) != 4 || !errors.Is(wrong[2], audit.ErrSeen) || !errors.Is(wrong[3], audit.ErrMissing) || !errors.Is(wrong[4], audit.ErrSeen) || !errors.Is(wrong[5], audit.ErrSeen) {
		t.Errorf("wrong: %v", wrong)
	}
	if l := report.Logs[0]; len(l.Believed) != 5 || l.Size != 5 {
		t.Errorf("what the officers released is proved all the same: %+v", l)
	}
}

// TestNoClaimBeyondTheWrong: where the audit left a log, it claims nothing that it
// did not reach; the other log stands by itself.
func TestNoClaimBeyondTheWrong(t *testing.T) {
	r := conversation(t)
	f := r.File("south")
	f.Logs[0].Entries[1] = f.Logs[0].Entries[0]
	report := audit.Audit(f, r.Line.Roster)
	l := report.Logs[0]
	if l.Checked != 1 || len(l.Believed) != 1 || l.Size != 0 || l.Receipted != 0 || l.ReceiptedAt != 0 || report.Logs[1].Checked != 1 {
		t.Errorf("%v, and yet %+v", report.Wrong, report.Logs)
	}
}
