package console

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
)

// What is real stands before exercises, Flash before the rest, and what is answered
// for good is not there.
func TestOpens(t *testing.T) {
	c := watched()
	l, _ := c.current()
	var got []string
	for _, o := range Opens("north", l, noon) {
		got = append(got, o.String(noon))
	}
	want := []string{
		"NOT DONE, for 4 min: north/duty: FLASH south/2: no answer",
		"NOT DONE, for 3 s: FLASH north/3: on its way: south has not proved to hold it",
		"NOT DONE, for 20 min: south/duty: IMMEDIATE north/2: reply by 11:59:55Z, LATE by 5 s",
		"NOT DONE, for 1 min: north: south/4: NOT BELIEVED: ask south by another way (quorum: 1 of 2 officers)",
		"NOT DONE, for 1 min: north: PRIORITY draft 0a1b2c3d: needs 1 more officer",
		"NOT DONE, for 1 min: north/duty: EXERCISE FLASH south/3: no answer",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Nobody is asked to answer a change, so ours is never open, and theirs until somebody
// here has said that he saw it.
func TestChangesAreNotAnswered(t *testing.T) {
	change := func(v api.Message) api.Message {
		v.Kind, v.Receipted = "change", true
		return v
	}
	theirs := change(said(1, "south", 1, "routine", "parley-change v1", 0))
	seen := answering(said(2, "north", 1, "routine", "", 0), "read", "south/1")
	seen.Receipted = true
	for _, c := range []struct {
		all  []api.Message
		want string
	}{
		{[]api.Message{change(said(1, "north", 1, "routine", "parley-change v1", 0))}, ""},
		{[]api.Message{theirs}, "officers or keys of south changed: look (parley line show)"},
		{[]api.Message{theirs, seen}, ""},
	} {
		got := ""
		for _, o := range Opens("north", Line{Name: "south", Messages: c.all}, noon) {
			got += o.What
		}
		if got != c.want {
			t.Errorf("open is %q, want %q", got, c.want)
		}
	}
	if got := Standing(theirs, nil); got != "held here" {
		t.Errorf("it stands at %q", got)
	}
}

// An answer does not make a message answered if it is the sender's own, or only
// says that an answer will come.
func TestAnswers(t *testing.T) {
	first := said(1, "south", 1, "routine", "One.", 0)
	own := answering(said(2, "south", 2, "routine", "", 0), "accepted", "south/1")
	hold := answering(said(3, "north", 1, "routine", "", 0), "hold", "south/1")
	hold.Receipted = true
	done := answering(said(4, "north", 2, "routine", "", 0), "decline", "south/1")
	done.Receipted = true
	for _, c := range []struct {
		all    []api.Message
		stands string
		open   bool
	}{
		{[]api.Message{first}, "held, no answer", true},
		{[]api.Message{first, own}, "held, no answer", true},
		{[]api.Message{first, hold}, "we: hold", true},
		{[]api.Message{first, hold, done}, "we: decline", false},
	} {
		if got := Standing(first, Answers(c.all)); got != c.stands {
			t.Errorf("it stands at %q, want %q", got, c.stands)
		}
		if open := len(Opens("north", Line{Name: "south", Messages: c.all}, noon)) > 0; open != c.open {
			t.Errorf("%q: open is %v", c.stands, open)
		}
	}
}

// A Flash is told again until a person answers, and when a promise is late.
func TestPressing(t *testing.T) {
	first := said(1, "south", 1, "flash", "One.", time.Hour)
	promise := func(by time.Time) api.Message {
		a := answering(said(2, "north", 1, "flash", "", time.Minute), "reply-by", "south/1")
		a.By, a.Receipted = &by, true
		return a
	}
	hold := answering(said(2, "north", 1, "flash", "", time.Minute), "hold", "south/1")
	hold.Receipted = true
	for name, c := range map[string]struct {
		all  []api.Message
		want bool
	}{
		"no answer":          {[]api.Message{first}, true},
		"on hold":            {[]api.Message{first, hold}, false},
		"promised":           {[]api.Message{first, promise(noon.Add(time.Minute))}, false},
		"promised, and late": {[]api.Message{first, promise(ago(time.Minute))}, true},
	} {
		opens := Opens("north", Line{Name: "south", Messages: c.all}, noon)
		if len(opens) != 1 || opens[0].pressing() != c.want {
			t.Errorf("%s: %+v", name, opens)
		}
	}
}

// What is selected stays selected when it is done and when more comes.
func TestSelectionStays(t *testing.T) {
	c := watched()
	c.cursor = "open south/2"
	l := &c.Lines[1]
	l.Messages = append(l.Messages, answering(said(9, "north", 4, "flash", "", 0), "accepted", "south/2"))
	all, open := c.items(*l, noon)
	if at := c.selected(all); at < open || all[at].message.Name != "south/2" {
		t.Errorf("selected is %+v", all[at])
	}
}

// Alarms are kept until they are dismissed, the oldest first, and one is not told twice.
func TestAlarms(t *testing.T) {
	var c Console
	for _, text := range []string{"a", "b", "a"} {
		c.Alarm(Alarm{At: noon, Line: "south", Text: text})
	}
	if len(c.Alarms) != 2 || c.Alarms[0].Text != "b" {
		t.Errorf("%v", c.Alarms)
	}
	if c.Press('d', noon); len(c.Alarms) != 1 || c.Alarms[0].Text != "a" {
		t.Errorf("%v", c.Alarms)
	}
}

// What the asker knows is kept in order, and replaced by what is newer.
func TestBefore(t *testing.T) {
	old := []api.Message{said(1, "north", 1, "routine", "", 0), said(2, "north", 2, "routine", "", 0), said(3, "north", 3, "routine", "", 0)}
	fresh := []api.Message{said(2, "north", 2, "routine", "", 0), said(3, "north", 3, "routine", "", 0), said(4, "south", 1, "routine", "", 0)}
	if got := before(old, fresh); len(got) != 1 || got[0].Name != "north/1" {
		t.Errorf("%+v", got)
	}
	if got := before(old, nil); len(got) != 3 {
		t.Errorf("%+v", got)
	}
}

// A line of text has the words of a message last, and an exercise's mark first.
func TestTold(t *testing.T) {
	l, _ := watched().current()
	for i, want := range map[int]string{
		3: "FLASH south/2 from south/duty to north/duty: \u2068سفينتنا ⟨U+202E⟩جنحت قرب الجزيرة، ونطلب ألا يُفهم ذلك خطأً. Vessel 7, at 25.3N.\u2069",
		4: "EXERCISE FLASH south/3 from south/duty to north/duty: \u2068This is a drill: a vessel is adrift.\u2069",
		5: "south/4 NOT BELIEVED: quorum: 1 of 2 officers",
		6: "IMMEDIATE south/5 from south/duty to north/duty, ANSWER REPLY-BY to north/2 by 2026-11-28 11:59:55Z",
	} {
		if got := told(l.Messages[i]); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}
