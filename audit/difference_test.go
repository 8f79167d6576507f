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
