package station_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// replace is the change in which an officer comes in the place of another.
func replace(t *testing.T, p *rostertest.Party, h *roster.History, old, name string) roster.Change {
	t.Helper()
	now, _ := h.Now(p.Party)
	i := slices.IndexFunc(now.Officers, func(o roster.Officer) bool { return o.Name == old })
	o := now.Officers[i]
	return roster.Change{
		Leave: []roster.Leave{{Key: o.KeyID(), Name: o.Name}},
		Join:  []roster.Officer{p.Hire(t, name, o.Desks...)},
	}
}

func isRoster(e station.Event) bool { return e.Kind == station.EventRoster }

// An officer comes and one goes: the change is a message, both sides are told,
// the new officer is believed and the old one is not, after a restart too, and
// an auditor with the first roster alone agrees (R26).
func TestOfficerReplaced(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Say(parley.Routine, "before")
	_, old := w.Line.North.Officer(t, "north a")
	change := w.North.Change(replace(t, w.Line.North, w.North.Line.History(), "north a", "north a2"))
	ref, err := w.North.Line.Release(context.Background(), w.North.Released(change))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*stationtest.Side{w.North, w.South} {
		e := s.Await("the change", isRoster)
		if e.Ref != ref || !strings.Contains(e.Text, "north a2 is an officer") || !strings.Contains(e.Text, "north a is no officer any more") {
			t.Errorf("told as %+v", e)
		}
	}
	w.North.Proved(w.North.Say(parley.Flash, "by the new ones"))
	w.South.Stop()
	w.South.Start()
	w.North.Stop()
	w.North.Start()
	w.North.Proved(w.North.Say(parley.Immediate, "after a restart"))
	for _, s := range []*stationtest.Side{w.North, w.South} {
		m, err := s.Line.Message(context.Background(), parley.Ref{Log: ref.Log, Number: 3})
		if err != nil || !slices.Equal(m.Officers, []string{"north a2", "north b"}) {
			t.Errorf("entry 3 is shown as released by %q, %v", m.Officers, err)
		}
		if m, err := s.Line.Message(context.Background(), ref); err != nil || !m.Believed || m.Content.Kind != parley.Change {
			t.Errorf("the change is shown as %+v, %v", m, err)
		}
	}

	// The old officer is refused here, before a number is used.
	c := w.North.Content(parley.Routine, "by the old one")
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := release.Approve(content, old)
	if err != nil {
		t.Fatal(err)
	}
	early, err := release.Release(content, []wire.Signature{sig}, roster.NewHistory(w.Line.Roster), "north", roster.Place{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.North.Line.Release(context.Background(), early); !errors.Is(err, release.ErrOfficer) {
		t.Errorf("released by an officer who has left since: %v", err)
	}
	proved(t, w.South, w.Line.Roster)
}

// proved audits an export with the roster that the line began with.
func proved(t *testing.T, s *stationtest.Side, r *roster.Roster) *audit.Report {
	t.Helper()
	text, err := s.Line.Export()
	if err != nil {
		t.Fatal(err)
	}
	f, err := transcript.ParseFile(text)
	if err != nil {
		t.Fatal(err)
	}
	report := audit.Audit(f, r)
	if report.Wrong != nil {
		t.Errorf("audit: %v", report.Wrong)
	}
	return report
}

// Whoever left cannot change anything any more; nor can one who leaves, too few,
// another party, an old change or one beside it (spec/CHANGE.md §3). The station
// that is told so refuses by name, and stays on the roster as it was.
func TestHostileChanges(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	south := w.Line.South
	h := roster.NewHistory(w.Line.Roster)
	doc := func(h *roster.History, p parley.Party, c roster.Change) string {
		t.Helper()
		full, err := h.Draft(p, 100, c)
		if err != nil {
			t.Fatal(err)
		}
		return string(full.Text())
	}
	content := func(body string) wire.Content {
		c := w.South.Content(parley.Routine, body)
		c.Kind = parley.Change
		return c
	}
	a, b, c := f.Officer("a"), f.Officer("b"), f.Officer("c")
	first := doc(h, "south", replace(t, south, h, "south c", "south d"))
	d := south.Officers["south d"]
	parsed, err := roster.ParseChange([]byte(first))
	if err != nil {
		t.Fatal(err)
	}
	then, err := h.Apply("south", roster.Place{Number: 100}, parsed)
	if err != nil {
		t.Fatal(err)
	}
	beside := doc(h, "south", replace(t, south, h, "south b", "south e"))
	second := doc(then, "south", replace(t, south, then, "south a", "south f"))
	theirs := doc(h, "north", replace(t, w.Line.North, h, "north a", "north x"))
	cases := []struct {
		reason string // none: believed
		signed []byte
	}{
		{"quorum", f.Signed(content(first), a)},
		{"officer", f.Signed(content(first), a, c)},         // c leaves by it
		{"officer", f.Signed(content(first), a, d)},         // d comes by it
		{"cannot be made", f.Signed(content(second), a, b)}, // before the first
		{"cannot be made", f.Signed(content(theirs), a, b)},
		{"", f.Signed(content(first), a, b)},
		{"cannot be made", f.Signed(content(first), a, b)},
		{"cannot be made", f.Signed(content(beside), a, d)},
		{"officer", f.Signed(content(second), b, c)}, // c has left
		{"", f.Signed(content(second), b, d)},
	}
	for _, c := range cases {
		f.Send(f.Frame(f.Entry(c.signed), f.Checkpoint()))
	}
	f.Send(f.Frame(f.Entry(f.Signed(w.South.Content(parley.Routine, "good"), south.Officers["south f"])), f.Checkpoint()))
	w.North.Await("the message of the newest officer", arrived(f.Number))
	got, err := w.North.Line.Messages(station.Filter{Theirs: true})
	if err != nil || len(got) != len(cases)+1 {
		t.Fatalf("north holds %d messages, %v", len(got), err)
	}
	for i, c := range cases {
		if got[i].Believed != (c.reason == "") || !strings.Contains(got[i].Refusal, c.reason) {
			t.Errorf("case %d: believed %v, %q; want %q", i, got[i].Believed, got[i].Refusal, c.reason)
		}
	}
	if n := len(w.North.Line.History().Versions("south")); n != 3 {
		t.Errorf("south has %d sides, want 3", n)
	}
	if now, _ := w.North.Line.History().Now("north"); now.Hash() != w.Line.North.Side.Hash() {
		t.Error("south changed north's side")
	}
}

// Entries that come ahead of a change are judged by what is known, and again in
// their place; both orders of arrival end in the same (spec/CHANGE.md §4).
func TestChangeBehindGap(t *testing.T) {
	for _, restart := range []bool{false, true} {
		w := stationtest.New(t, two)
		f := stationtest.NewFoe(w)
		south := w.Line.South
		h := roster.NewHistory(w.Line.Roster)
		full, err := h.Draft("south", 100, replace(t, south, h, "south a", "south d"))
		if err != nil {
			t.Fatal(err)
		}
		change := w.South.Content(parley.Routine, string(full.Text()))
		change.Kind = parley.Change
		twice := w.South.Content(parley.Routine, "said twice")
		a, b, c, d := f.Officer("a"), f.Officer("b"), f.Officer("c"), south.Officers["south d"]
		parts := []wire.Part{
			f.Good("one"), // by a
			f.Entry(f.Signed(change, b, c)),
			f.Entry(f.Signed(w.South.Content(parley.Flash, "old hands"), a, b)),
			f.Entry(f.Signed(w.South.Content(parley.Flash, "new hands"), b, d)),
			f.Entry(f.Signed(twice, a)),
			f.Entry(f.Signed(twice, b)),
			f.Entry(f.Signed(change, b, c)),
		}
		for _, i := range []int{2, 3, 4, 6} {
			f.Send(f.Frame(parts[i]))
		}
		w.North.Await("what old hands released, ahead", arrived(3))
		w.North.Await("what an old officer said", arrived(5))
		shown, err := w.North.Line.Messages(station.Filter{Theirs: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range shown {
			if want := m.Ref.Number == 3 || m.Ref.Number == 5; m.Believed != want || !m.Ahead {
				t.Errorf("ahead of the gap, entry %d is believed: %v", m.Ref.Number, m.Believed)
			}
		}
		if restart {
			w.North.Stop()
			w.North.Start()
			f.NewEpoch()
		}
		f.Send(f.Frame(parts[0], parts[1]))
		f.Send(f.Frame(parts[5], f.Checkpoint()))
		w.North.Await("the second copy of a draft whose first is not believed", arrived(6))
		w.North.Await("the refusal of the change said again", func(e station.Event) bool { return e.Kind == station.EventRefused && e.Ref.Number == 7 })
		w.North.Await("that people are told of what was shown", func(e station.Event) bool {
			return e.Kind == station.EventAlarm && strings.Contains(e.Text, "south/3 was shown ahead of a gap, and is not believed any more")
		})
		for n, want := range map[uint64]bool{1: true, 2: true, 3: false, 4: true, 5: false, 6: true, 7: false} {
			m, err := w.North.Line.Message(context.Background(), parley.Ref{Log: south.Log, Number: n})
			if err != nil || m.Believed != want {
				t.Errorf("restart %v: entry %d is believed: %v, %v; want %v", restart, n, m.Believed, err, want)
			}
		}
		report := proved(t, w.North, w.Line.Roster)
		if log := report.Logs[1]; len(log.Believed) != 4 || len(log.Refused) != 3 {
			t.Errorf("the auditor believes %d and finds %d refused", len(log.Believed), len(log.Refused))
		}
		for _, r := range report.Logs[1].Refused {
			if r.Found == nil {
				t.Errorf("the auditor finds nothing wrong in entry %d, which was refused", r.Number)
			}
		}
		w.North.Stop()
	}
}

// A draft counts the approvals of officers who are on the roster now, and a
// change that was drafted for another side asks nobody any more.
func TestDraftsAcrossChange(t *testing.T) {
	w := stationtest.New(t, two)
	ctx := context.Background()
	flash, err := w.North.Line.Draft(ctx, w.North.Content(parley.Flash, "needs two"))
	if err != nil {
		t.Fatal(err)
	}
	approve := func(id parley.DraftID, content []byte, name string) error {
		t.Helper()
		sig, err := release.Approve(content, w.Line.North.Officers[name])
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = w.North.Line.Approve(ctx, id, sig)
		return err
	}
	if err := approve(flash.ID, flash.Content, "north a"); err != nil {
		t.Fatal(err)
	}
	h := w.North.Line.History()
	beside, err := w.North.Line.Draft(ctx, w.North.Change(replace(t, w.Line.North, h, "north b", "north e")))
	if err != nil {
		t.Fatal(err)
	}
	change, err := w.North.Line.Draft(ctx, w.North.Change(replace(t, w.Line.North, h, "north a", "north d")))
	if err != nil {
		t.Fatal(err)
	}
	if err := approve(change.ID, change.Content, "north a"); !errors.Is(err, release.ErrOfficer) {
		t.Errorf("an officer approves what ends their own key: %v", err)
	}
	for _, name := range []string{"north b", "north c"} {
		if err := approve(change.ID, change.Content, name); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := w.North.Line.DraftOf(flash.ID); err != nil || len(d.Approved) != 0 {
		t.Errorf("an officer who left has approved: %q, %v", d.Approved, err)
	}
	if err := approve(beside.ID, beside.Content, "north c"); !errors.Is(err, release.ErrChange) {
		t.Errorf("a change for a side that is no more: %v", err)
	}
	for _, name := range []string{"north d", "north b"} {
		if err := approve(flash.ID, flash.Content, name); err != nil {
			t.Error(err)
		}
	}
}

// A compromised key casts doubt on what it signed since, on both screens and in
// the audit, and unsays nothing (spec/CHANGE.md §5).
func TestCompromise(t *testing.T) {
	w := stationtest.New(t, two)
	for _, body := range []string{"one", "two", "three"} {
		w.North.Say(parley.Routine, body) // by north a
	}
	c := replace(t, w.Line.North, w.North.Line.History(), "north a", "north d")
	c.Thefts = []roster.Compromise{{Role: roster.RoleOfficer, Key: c.Leave[0].Key, Since: 2, Name: "north a"}}
	ref, err := w.North.Line.Release(context.Background(), w.North.Released(w.North.Change(c)))
	if err != nil {
		t.Fatal(err)
	}
	w.North.Proved(ref.Number)
	for _, s := range []*stationtest.Side{w.North, w.South} {
		s.Await("the change", isRoster)
		for n := uint64(1); n <= 3; n++ {
			m, err := s.Line.Message(context.Background(), parley.Ref{Log: ref.Log, Number: n})
			if err != nil || !m.Believed || (len(m.Compromised) == 1) != (n >= 2) {
				t.Errorf("entry %d: believed %v, in doubt %v, %v", n, m.Believed, m.Compromised, err)
			}
		}
	}
	for _, m := range proved(t, w.South, w.Line.Roster).Logs[0].Believed {
		if want := m.Number == 2 || m.Number == 3; (len(m.Doubts) == 1) != want {
			t.Errorf("the auditor says of entry %d: %v", m.Number, m.Doubts)
		}
	}
}
