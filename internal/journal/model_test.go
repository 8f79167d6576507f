package journal

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
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
	frames   []RefusedFrame
	counts   map[FrameCount]uint64
	meta     map[string]string
	forks    []Fork
}

func newModel() *model {
	return &model{
		logs: map[parley.LogID]Log{}, singles: map[parley.Ref]string{}, refusals: map[parley.LogID][]Refusal{},
		drafts: map[parley.DraftID]Draft{}, fates: map[parley.Ref]map[Fate]Fate{}, counts: map[FrameCount]uint64{}, meta: map[string]string{},
	}
}

func (m *model) clone() *model {
	c := *m
	c.logs, c.singles, c.drafts = maps.Clone(m.logs), maps.Clone(m.singles), maps.Clone(m.drafts)
	c.counts, c.meta = maps.Clone(m.counts), maps.Clone(m.meta)
	c.records, c.frames, c.forks = slices.Clone(m.records), slices.Clone(m.frames), slices.Clone(m.forks)
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
			return r.Draft != (parley.DraftID{}) && o.Draft == r.Draft && o.Log == r.Log
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
		log, n, s, reason := drawLog.Draw(t, "log"), drawNumber.Draw(t, "n"), State(rapid.IntRange(1, 3).Draw(t, "state")), rapid.Byte().Draw(t, "reason")
		r := m.find(log, n)
		if r == nil {
			expect(t, "set state", tx.SetState(log, n, s, reason), ErrNotFound)
			return
		}
		expect(t, "set state", tx.SetState(log, n, s, reason), nil)
		r.State, r.Reason = s, reason
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
		f := RefusedFrame{At: parley.Time(rapid.Uint64().Draw(t, "at")), Channel: drawChannel.Draw(t, "channel"), Line: parley.LineID{1}, Reason: drawChannel.Draw(t, "reason")}
		expect(t, "put refused frame", tx.PutRefusedFrame(f.At, f.Channel, f.Line, f.Reason), nil)
		m.frames = append(m.frames, f)
		m.counts[FrameCount{Channel: f.Channel, Reason: f.Reason}]++
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

// compare reads everything back.
func (m *model) compare(t *rapid.T, j *Journal) {
	same := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if d := gocmp.Diff(want, got); d != "" {
			t.Fatalf("%s (-model +journal):\n%s", what, d)
		}
	}
	filter := Filter{Line: parley.LineID{1}, State: State(rapid.IntRange(0, 3).Draw(t, "state")), Precedence: parley.Precedence(rapid.IntRange(0, 4).Draw(t, "precedence")),
		Status: parley.Status(rapid.IntRange(0, 2).Draw(t, "status")), After: rapid.Uint64Range(0, 8).Draw(t, "after"),
		Limit: rapid.IntRange(1, 5).Draw(t, "limit"), Newest: rapid.Bool().Draw(t, "newest")}
	if rapid.Bool().Draw(t, "whose") {
		mine := rapid.Bool().Draw(t, "mine")
		filter.Mine = &mine
	}
	list, err := j.List(filter)
	same("list", list, m.list(filter), err)

	for _, id := range []parley.LogID{{1}, {2}, {3}} {
		l, err := j.Log(id)
		if want, known := m.logs[id]; known {
			same("log", l, want, err)
		} else {
			expect(t, "log", err, ErrNotFound)
		}
		var got []Record
		err = j.Entries(id, 2, 3, func(r Record) error { got = append(got, r); return nil })
		same("entries", got, m.entries(id, 2, 3), err)
		got = nil
		err = j.Aheads(id, 3, func(r Record) error { got = append(got, r); return nil })
		same("aheads", got, m.entries(id, 4, 100), err)
		pending, err := j.Pending(id, parley.Flash, 1, 0, 2)
		same("pending", pending, m.pending(id, parley.Flash, 1, 2), err)
		refusals, err := j.Refusals(id, 1, 2)
		all := m.refusals[id]
		same("refusals", refusals, append([]Refusal(nil), all[min(1, len(all)):min(3, len(all))]...), err)
		count, err := j.RefusalCount(id)
		same("refusal count", count, uint64(len(all)), err)
		for n := uint64(1); n <= 6; n++ {
			m.compareEntry(t, j, parley.Ref{Log: id, Number: n}, same)
		}
	}
	m.compareRest(t, j, same)
}

func (m *model) compareEntry(t *rapid.T, j *Journal, ref parley.Ref, same func(string, any, any, error)) {
	r, err := j.Record(ref.Log, ref.Number)
	if want := m.find(ref.Log, ref.Number); want != nil {
		same("record", r, *want, err)
	} else {
		expect(t, "record", err, ErrNotFound)
	}
	single, err := j.Single(ref.Log, ref.Number)
	if want, held := m.singles[ref]; held {
		same("receipt", string(single), want, err)
	} else {
		expect(t, "receipt", err, ErrNotFound)
	}
	fates, err := j.Fates(ref.Log, ref.Number)
	want := slices.SortedFunc(maps.Values(m.fates[ref]), func(a, b Fate) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Direction, b.Direction))
	})
	same("fates", fates, want, err)
}

func (m *model) compareRest(t *rapid.T, j *Journal, same func(string, any, any, error)) {
	frames, counts, err := j.RefusedFrames(frameRing)
	wantFrames := slices.Clone(m.frames)
	slices.Reverse(wantFrames)
	same("refused frames", frames, wantFrames, err)
	got := map[FrameCount]uint64{}
	for _, c := range counts {
		got[FrameCount{Channel: c.Channel, Reason: c.Reason}] = c.Count
	}
	same("frame counts", got, m.counts, nil)
	for _, key := range []string{"a", "b"} {
		value, err := j.Meta(key)
		if want, held := m.meta[key]; held {
			same("meta", string(value), want, err)
		} else {
			expect(t, "meta", err, ErrNotFound)
		}
	}
	for _, line := range []parley.LineID{{0}, {1}} {
		forks, err := j.Forks(line)
		var want []Fork
		for _, f := range m.forks {
			if f.Line == line {
				want = append(want, f)
			}
		}
		same("forks", forks, want, err)
		drafts, err := j.Drafts(line)
		same("drafts", drafts, m.draftsOf(line), err)
		n, err := j.Counts(line)
		same("counts", n, m.count(line), err)
	}
	for _, draft := range []parley.DraftID{{1}, {2}, {3}} {
		used, err := j.DraftUsed(parley.LineID{1}, "north", draft)
		want := slices.ContainsFunc(m.records, func(r Record) bool { return r.Draft == draft && m.logs[r.Log].Line == parley.LineID{1} })
		same("draft used", used, want, err)
		d, err := j.Draft(draft)
		if want, held := m.drafts[draft]; held {
			same("draft", d, want, err)
		} else {
			expect(t, "draft", err, ErrNotFound)
		}
	}
}

func (m *model) entries(log parley.LogID, from uint64, limit int) (out []Record) {
	for n := from; n <= 6 && len(out) < limit; n++ {
		if r := m.find(log, n); r != nil {
			out = append(out, *r)
		}
	}
	return out
}

func (m *model) pending(log parley.LogID, p parley.Precedence, above uint64, limit int) (out []Pending) {
	for _, r := range m.entries(log, above+1, 100) {
		_, single := m.singles[parley.Ref{Log: log, Number: r.Number}]
		if r.Precedence == p && !single && len(out) < limit {
			out = append(out, Pending{Number: r.Number, Precedence: p, Bytes: r.Entry})
		}
	}
	return out
}

func (m *model) list(f Filter) (out []Record) {
	recs := slices.Clone(m.records)
	if f.Newest {
		slices.Reverse(recs)
	}
	for _, r := range recs {
		l := m.logs[r.Log]
		beyond := !f.Newest && r.Seq > f.After || f.Newest && (f.After == 0 || r.Seq < f.After)
		if beyond && l.Line == f.Line && (f.Mine == nil || l.Mine == *f.Mine) && (f.State == 0 || r.State == f.State) &&
			(f.Precedence == 0 || r.Precedence == f.Precedence) && (f.Status == 0 || r.Status == f.Status) && len(out) < f.Limit {
			out = append(out, r)
		}
	}
	return out
}

func (m *model) draftsOf(line parley.LineID) (out []Draft) {
	for _, d := range m.drafts {
		if d.Line == line {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Draft) int { return cmp.Or(cmp.Compare(a.At, b.At), slices.Compare(a.ID[:], b.ID[:])) })
	return out
}

func (m *model) count(line parley.LineID) (n Counts) {
	for _, r := range m.records {
		l := m.logs[r.Log]
		if l.Line != line {
			continue
		}
		if l.Mine {
			n.Mine++
		} else {
			n.Theirs++
		}
		switch r.State {
		case Held:
			n.Held++
		case Believed:
			n.Believed++
		case Refused:
			n.Refused++
		}
	}
	for _, f := range m.forks {
		if f.Line == line {
			n.Forks++
		}
	}
	n.Drafts = uint64(len(m.draftsOf(line)))
	return n
}
