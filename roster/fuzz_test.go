package roster_test

import (
	"bytes"
	"testing"

	"parley/internal/rostertest"
	"parley/roster"
)

func FuzzRoster(f *testing.F) {
	f.Add(rostertest.New(f).Roster.Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, text := range [][]byte{text, recount(text)} {
			if r, err := roster.ParseRoster(text); err == nil && !bytes.Equal(r.Text(), text) {
				t.Fatalf("%q prints as %q", text, r.Text())
			}
		}
	})
}
