package release

import (
	"errors"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
	"parley/wire"
)

// A draft that no signatures could mend is refused before anyone signs it.
func TestCheck(t *testing.T) {
	l := rostertest.New(t)
	good := wire.Content{
		Line: l.Roster.Line, Draft: parley.DraftID{1}, From: "north/duty", To: []parley.Desk{"south/duty"},
		Precedence: parley.Flash, Status: parley.Real, Kind: parley.Text, Language: "en", Body: "text",
	}
	for name, c := range map[string]struct {
		change func(*wire.Content)
		by     parley.Party
		want   error
	}{
		"good":              {func(*wire.Content) {}, "north", nil},
		"another line":      {func(c *wire.Content) { c.Line[0]++ }, "north", ErrLine},
		"their desk":        {func(c *wire.Content) { c.From = "south/duty" }, "north", ErrDesk},
		"no such desk":      {func(c *wire.Content) { c.From = "north/nobody" }, "north", ErrDesk},
		"to ourselves":      {func(c *wire.Content) { c.To = []parley.Desk{"north/duty"} }, "north", ErrAddressee},
		"to nobody we know": {func(c *wire.Content) { c.To = []parley.Desk{"west/duty"} }, "north", ErrAddressee},
		"not of the line":   {func(*wire.Content) {}, "west", ErrLine},
		"the other side's":  {func(*wire.Content) {}, "south", ErrDesk},
	} {
		content := good
		c.change(&content)
		b, err := wire.AppendContent(nil, content)
		if err != nil {
			t.Fatal(name, err)
		}
		if err := Check(b, roster.NewHistory(l.Roster), c.by, 1); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := Check([]byte{0xa0}, roster.NewHistory(l.Roster), "north", 1); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("no content: %v", err)
	}
}
