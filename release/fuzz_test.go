package release_test

import (
	"bytes"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/release"
	"parley/roster"
)

// FuzzVerify looks for bytes that are believed and that nobody released, and
// for a failure that has no reason to be refused with.
func FuzzVerify(f *testing.F) {
	line := rostertest.New(f, rostertest.Seed("release"))
	released := make(map[string]bool)
	for _, c := range []parley.Precedence{parley.Flash, parley.Routine} {
		content := text(line)
		content.Precedence = c
		b := encode(f, content)
		names := []string{"north a", "north b"}[:line.Roster.QuorumFor(c, parley.Text)]
		r, err := release.Release(b, approve(f, b, line.North, names...), roster.NewHistory(line.Roster), "north", roster.Place{Number: 1})
		if err != nil {
			f.Fatal(err)
		}
		released[string(r.Signed())] = true
		f.Add(r.Signed())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := release.Verify(b, roster.NewHistory(line.Roster), "north", "south", roster.Place{Number: 1})
		switch {
		case err == nil && !released[string(b)]:
			t.Errorf("%x is believed", b)
		case err == nil && !bytes.Equal(r.Signed(), b):
			t.Errorf("%x is believed to be %x", b, r.Signed())
		case err != nil && release.Reason(err) == 0:
			t.Errorf("%x: %v: no reason", b, err)
		}
	})
}
