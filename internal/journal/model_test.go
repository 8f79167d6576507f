package journal

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley"
)

// model is what the journal should say, in maps.
type model struct {
	logs     map[parley.LogID]Log
	records  []Record // in order of arrival
	singles  map[parley.Ref]string
	refusals map[parley.LogID][]Refusal
	drafts   map[parley.DraftID]Draft
	fates    map[parley.Ref]map[Fate]Fate // by channel and direction alone
	counts   map[FrameCount]FrameCount
	meta     map[string]string
	forks    []Fork
}

func newModel() *model {
	return &model{
		logs: map[parley.LogID]Log{}, singles: map[parley.Ref]string{}, refusals: map[parley.LogID][]Refusal{},
		drafts: map[parley.DraftID]Draft{}, fates: map[parley.Ref]map[Fate]Fate{}, counts: map[FrameCount]FrameCount{}, meta: map[string]string{},
	}
}

func (m *model) clone() *model {
	c := *m
	c.logs, c.singles, c.drafts = maps.Clone(m.logs), maps.Clone(m.singles), maps.Clone(m.drafts)
	c.counts, c.meta = maps.Clone(m.counts), maps.Clone(m.meta)
	c.records, c.forks = slices.Clone(m.records), slices.Clone(m.forks)
	c.refusals, c.fates = map[parley.LogID][]Refusal{}, map[parley.Ref]map[Fate]Fate{}
	for k, v := range m.refusals {
		c.refusals[k] = slices.Clone(v)
	}
	for k, v := range m.fates {
		c.fates[k] = maps.Clone(v)
	}
	return &c
}

func (m *model) find(log parley.LogID, n uint64) *Record {
	for i := range m.records {
		if m.records[i].Log == log && m.records[i].Number == n {
			return &m.records[i]
		}
	}
	return nil
}

// The journal and the model are given the same closures, some of which fail,
// and must say the same after any of them, and after the journal was opened again.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "journal")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		j, err := Open(dir, Options{Reserve: -1})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { j.Close() }()
		m := newModel()
		for range rapid.IntRange(1, 12).Draw(t, "closures") {
			next := m.clone()
			fails := rapid.IntRange(0, 5).Draw(t, "fails") == 0
			failure := errors.New("chosen")
			err := j.Commit(context.Background(), func(tx *Tx) error {
				for range rapid.IntRange(1, 8).Draw(t, "steps") {
					steps[rapid.IntRange(0, len(steps)-1).Draw(t, "step")](t, tx, next)
				}
				if fails {
					return failure
				}
				return nil
			})
			switch {
			case fails && !errors.Is(err, failure), !fails && err != nil:
				t.Fatalf("commit: %v", err)
			case !fails:
				m = next
			}
			if rapid.IntRange(0, 9).Draw(t, "reopen") == 0 {
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				if j, err = Open(dir, Options{Reserve: -1, Check: true}); err != nil {
					t.Fatal(err)
				}
			}
			if rapid.IntRange(0, 3).Draw(t, "compare") == 0 {
				m.compare(t, j)
			}
		}
		m.compare(t, j)
	})
}

// Few names, so that steps meet each other.
var (
	drawLog     = rapid.SampledFrom([]parley.LogID{{1}, {2}, {3}})
	drawDraft   = rapid.SampledFrom([]parley.DraftID{{}, {1}, {2}, {3}, {4}})
	drawNumber  = rapid.Uint64Range(1, 6)
	drawBytes   = rapid.SliceOfN(rapid.Byte(), 0, 8)
	drawChannel = rapid.SampledFrom([]string{"a", "b"})
)

func drawRecord(t *rapid.T) Record {
	return Record{
		Log: drawLog.Draw(t, "log"), Number: drawNumber.Draw(t, "n"), Leaf: parley.Hash{rapid.Byte().Draw(t, "leaf")},
		Entry: orNil(drawBytes.Draw(t, "entry")), At: parley.Time(rapid.Uint64().Draw(t, "at")), Draft: drawDraft.Draw(t, "draft"),
		Precedence: parley.Precedence(rapid.IntRange(1, 4).Draw(t, "precedence")), Status: parley.Status(rapid.IntRange(1, 2).Draw(t, "status")),
		Kind: parley.Text, State: State(rapid.IntRange(1, 3).Draw(t, "state")), Reason: rapid.Byte().Draw(t, "reason"), Ahead: rapid.Bool().Draw(t, "ahead"),
	}
}

func orNil(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

func expect(t *rapid.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// steps are the verbs of Tx, each done to the journal and to the model.
var steps = []func(*rapid.T, *Tx, *model){
	func(t *rapid.T, tx *Tx, m *model) {
		id := drawLog.Draw(t, "log")
		l := Log{ID: id, Line: parley.LineID{id[0] % 2}, Party: "north", Mine: id[0] == 1, Frontier: orNil(drawBytes.Draw(t, "frontier"))}
		_, taken := m.logs[id]
		if taken {
			expect(t, "create log", tx.CreateLog(l), ErrExists)
			return
		}
		expect(t, "create log", tx.CreateLog(l), nil)
		m.logs[id] = l
	},
	func(t *rapid.T, tx *Tx, m *model) {
		l, known := m.logs[drawLog.Draw(t, "log")]
		if !known {
			expect(t, "put log", tx.PutLog(l), ErrNotFound)
			return
		}
		l.Size, l.Head, l.Frontier = rapid.Uint64Range(0, 9).Draw(t, "size"), parley.Hash{rapid.Byte().Draw(t, "head")}, orNil(drawBytes.Draw(t, "frontier"))
		l.Checkpoint, l.CheckpointSize, l.Cosigned, l.CosignedSize = orNil(drawBytes.Draw(t, "checkpoint")), 3, orNil(drawBytes.Draw(t, "cosigned")), 2
		l.Halted, l.RefusalsSeen = drawChannel.Draw(t, "halted"), 7
		expect(t, "put log", tx.PutLog(l), nil)
		m.logs[l.ID] = l
	},
	func(t *rapid.T, tx *Tx, m *model) {
		r := drawRecord(t)
		_, known := m.logs[r.Log]
		want := error(nil)
		used := slices.ContainsFunc(m.records, func(o Record) bool {
			return r.Draft != (parley.DraftID{}) && o.Draft == r.Draft && m.logs[o.Log].Line == m.logs[r.Log].Line && m.logs[o.Log].Party == m.logs[r.Log].Party
		})
		switch {
		case !known:
			want = ErrNotFound
		case m.find(r.Log, r.Number) != nil:
			want = ErrExists
		case used:
			want = ErrDraftUsed
		}
		expect(t, "append", tx.Append(r), want)
		if want == nil {
			r.Seq = uint64(len(m.records) + 1)
			m.records = append(m.records, r)
		}
	},
	func(t *rapid.T, tx *Tx, m *model) {
		judged := drawRecord(t)
		r := m.find(judged.Log, judged.Number)
		used := slices.ContainsFunc(m.records, func(o Record) bool {
			return judged.Draft != (parley.DraftID{}) && o.Draft == judged.Draft && (o.Log != judged.Log || o.Number != judged.Number) &&
				m.logs[o.Log].Line == m.logs[judged.Log].Line && m.logs[o.Log].Party == m.logs[judged.Log].Party
		})
		switch {
		case r == nil:
			expect(t, "judge", tx.Judge(judged), ErrNotFound)
		case used:
			expect(t, "judge", tx.Judge(judged), ErrDraftUsed)
		default:
			expect(t, "judge", tx.Judge(judged), nil)
			r.State, r.Reason, r.Draft = judged.State, judged.Reason, judged.Draft
			r.Precedence, r.Status, r.Kind = judged.Precedence, judged.Status, judged.Kind
		}
	},
	func(t *rapid.T, tx *Tx, m *model) {
		ref, b := parley.Ref{Log: drawLog.Draw(t, "log"), Number: drawNumber.Draw(t, "n")}, drawBytes.Draw(t, "receipt")
		if _, known := m.logs[ref.Log]; !known {
			expect(t, "put receipt", tx.PutSingle(ref.Log, ref.Number, b), ErrNotFound)
			return
		}
		expect(t, "put receipt", tx.PutSingle(ref.Log, ref.Number, b), nil)
		if _, held := m.singles[ref]; !held {
			m.singles[ref] = string(b)
		}
	},
	func(t *rapid.T, tx *Tx, m *model) {
		log, n, b := drawLog.Draw(t, "log"), drawNumber.Draw(t, "n"), orNil(drawBytes.Draw(t, "refusal"))
		if _, known := m.logs[log]; !known {
			expect(t, "put refusal", tx.PutRefusal(log, n, b), ErrNotFound)
			return
		}
		expect(t, "put refusal", tx.PutRefusal(log, n, b), nil)
		if !slices.ContainsFunc(m.refusals[log], func(r Refusal) bool { return r.Number == n }) {
			m.refusals[log] = append(m.refusals[log], Refusal{Seq: uint64(len(m.refusals[log]) + 1), Number: n, Bytes: b})
		}
	},
	func(t *rapid.T, tx *Tx, m *model) {
		d := Draft{
			ID: parley.DraftID{rapid.ByteRange(1, 3).Draw(t, "draft")}, Line: parley.LineID{rapid.ByteRange(0, 1).Draw(t, "line")},
			At: parley.Time(rapid.Uint64Range(0, 3).Draw(t, "at")), Precedence: parley.Flash, Status: parley.Real,
			Content: orNil(drawBytes.Draw(t, "content")), Approvals: orNil(drawBytes.Draw(t, "approvals")),
		}
		if rapid.Bool().Draw(t, "delete") {
			_, known := m.drafts[d.ID]
			want := error(nil)
			if !known {
				want = ErrNotFound
			}
			expect(t, "delete draft", tx.DeleteDraft(d.ID), want)
			delete(m.drafts, d.ID)
			return
		}
		expect(t, "put draft", tx.PutDraft(d), nil)
		m.drafts[d.ID] = d
	},
	func(t *rapid.T, tx *Tx, m *model) {
		ref := parley.Ref{Log: drawLog.Draw(t, "log"), Number: drawNumber.Draw(t, "n")}
		at := parley.Time(rapid.Uint64Range(0, 99).Draw(t, "at"))
		f := Fate{Channel: drawChannel.Draw(t, "channel"), Direction: Direction(rapid.IntRange(1, 2).Draw(t, "direction")), First: at, Last: at + 1, Count: 2}
		if _, known := m.logs[ref.Log]; !known {
			expect(t, "put fate", tx.PutFate(ref.Log, ref.Number, f), ErrNotFound)
			return
		}
		expect(t, "put fate", tx.PutFate(ref.Log, ref.Number, f), nil)
		if m.fates[ref] == nil {
			m.fates[ref] = map[Fate]Fate{}
		}
		key := Fate{Channel: f.Channel, Direction: f.Direction}
		if old, held := m.fates[ref][key]; held {
			f.First, f.Last, f.Count = min(old.First, f.First), max(old.Last, f.Last), old.Count+f.Count
		}
		m.fates[ref][key] = f
	},
	func(t *rapid.T, tx *Tx, m *model) {
		at := parley.Time(rapid.Uint64Range(0, 1<<40).Draw(t, "at"))
		f := FrameCount{Line: parley.LineID{rapid.ByteRange(0, 1).Draw(t, "line")}, Channel: drawChannel.Draw(t, "channel"), Reason: drawChannel.Draw(t, "reason"),
			First: at, Last: at, Count: uint64(rapid.IntRange(1, 9).Draw(t, "count"))}
		expect(t, "count frames", tx.CountFrames(f), nil)
		key := FrameCount{Line: f.Line, Channel: f.Channel, Reason: f.Reason}
		if old, held := m.counts[key]; held {
			f.First, f.Last, f.Count = min(old.First, f.First), max(old.Last, f.Last), old.Count+f.Count
		}
		m.counts[key] = f
	},
	func(t *rapid.T, tx *Tx, m *model) {
		key, value := drawChannel.Draw(t, "key"), drawBytes.Draw(t, "value")
		expect(t, "set meta", tx.SetMeta(key, value), nil)
		m.meta[key] = string(value)
	},
	func(t *rapid.T, tx *Tx, m *model) {
		f := Fork{Line: parley.LineID{rapid.ByteRange(0, 1).Draw(t, "line")}, Log: drawLog.Draw(t, "log"), Bytes: []byte(drawChannel.Draw(t, "proof"))}
		if _, known := m.logs[f.Log]; !known {
			expect(t, "put fork", tx.PutFork(f.Line, f.Log, f.Bytes), ErrNotFound)
			return
		}
		expect(t, "put fork", tx.PutFork(f.Line, f.Log, f.Bytes), nil)
		if !slices.ContainsFunc(m.forks, func(o Fork) bool { return o.Log == f.Log && string(o.Bytes) == string(f.Bytes) }) {
			m.forks = append(m.forks, f)
		}
	},
}
