package journal

import (
	"cmp"
	"maps"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley"
)

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
	for _, key := range []string{"a", "b"} {
		value, err := j.Meta(key)
		if want, held := m.meta[key]; held {
			same("meta", string(value), want, err)
		} else {
			expect(t, "meta", err, ErrNotFound)
		}
	}
	for _, line := range []parley.LineID{{0}, {1}} {
		counts, err := j.RefusedFrames(line)
		var wantCounts []FrameCount
		for _, c := range m.counts {
			if c.Line == line {
				wantCounts = append(wantCounts, c)
			}
		}
		slices.SortFunc(wantCounts, func(a, b FrameCount) int {
			return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Reason, b.Reason))
		})
		same("refused frames", counts, wantCounts, err)
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
