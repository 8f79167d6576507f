package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/transcript"
)

func readerOf(t *testing.T, f transcript.File) *transcript.Reader {
	t.Helper()
	b, err := transcript.AppendFile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := transcript.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Two exports of one line are the same, or one goes on, or they contradict each
// other at a place that is named.
func TestCompare(t *testing.T) {
	line := rostertest.New(t)
	record := func(texts ...string) transcript.File {
		r := recordtest.New(t, line)
		for _, text := range texts {
			r.Say("north", text)
		}
		r.Say("south", "noted")
		return r.File("north")
	}
	var many []string
	for i := range 3000 { // more than a batch
		many = append(many, fmt.Sprint("text ", i))
	}
	altered := append(append([]string(nil), many[:2500]...), "another text")
	altered = append(altered, many[2501:]...)
	for name, c := range map[string]struct {
		a, b       []string
		common     uint64
		contradict bool
	}{
		"same":           {many, many, 3000, false},
		"one goes on":    {many[:17], many, 17, false},
		"the other does": {many, many[:17], 17, false},
		"contradiction":  {many, altered, 2500, true},
		"at once":        {[]string{"yes"}, []string{"no"}, 0, true},
		"nothing":        {nil, nil, 0, false},
	} {
		got, err := audit.Compare(readerOf(t, record(c.a...)), readerOf(t, record(c.b...)))
		if err != nil || len(got) != 2 {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		d := got[0]
		if d.Party != "north" || d.Common != c.common || d.Contradict != c.contradict || d.Sizes != [2]uint64{uint64(len(c.a)), uint64(len(c.b))} ||
			d.Same() != (!c.contradict && len(c.a) == len(c.b)) {
			t.Errorf("%s: %+v", name, d)
		}
	}
	other := readerOf(t, recordtest.New(t, rostertest.New(t)).File("north"))
	if _, err := audit.Compare(other, readerOf(t, record())); !errors.Is(err, audit.ErrOtherLine) {
		t.Errorf("another line: %v", err)
	}
}

// TestCompareGenerations: transcripts of which one is older than a restore, or whose
// statements about it are two.
func TestCompareGenerations(t *testing.T) {
	line := rostertest.New(t, rostertest.Seed("compared"))
	record := func(late bool) *recordtest.Record {
		r := recordtest.New(t, line)
		r.Say("north", "The first.")
		if late {
			r.SetClock(recordtest.Start + 50_000)
		}
		return r
	}
	before := record(false).File("south")
	r := record(false)
	r.Renew("north")
	closed := r.File("south")
	r.Say("north", "The second.")
	after := r.File("south")
	r = record(true)
	r.Renew("north")
	other := r.File("north")
	for name, c := range map[string]struct {
		a, b    transcript.File
		common  uint64
		renewed int
		same    bool
	}{
		"the same":                {after, after, 2, 0, true},
		"one before the restore":  {before, after, 1, 0, false},
		"one just before it":      {before, closed, 1, 0, true},
		"another closing":         {closed, other, 1, 2, false},
		"another closing of more": {other, after, 1, 2, false},
	} {
		got, err := audit.Compare(readerOf(t, c.a), readerOf(t, c.b))
		if err != nil {
			t.Fatal(name, err)
		}
		if d := got[0]; d.Common != c.common || d.Renewed != c.renewed || d.Same() != c.same || d.Contradict {
			t.Errorf("%s: %+v", name, d)
		}
		if d := got[0]; name != "one just before it" && d.Name(2) != "north/2.2" || d.Name(1) != "north/1" {
			t.Errorf("%s: %s, %s", name, d.Name(1), d.Name(2))
		}
	}
}
