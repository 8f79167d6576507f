//go:build !js

package main

import (
	"strings"
	"testing"

	"parley"
	"parley/transcript"
)

// What officers decided about a fork is told, with who and over what; with
// fewer officers than it takes it is words.
func TestDecisionIsTold(t *testing.T) {
	for name, precedence := range map[string]parley.Precedence{"decided": parley.Flash, "words": parley.Routine} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			body, err := transcript.AppendDecision(nil, transcript.Decision{
				Log: f.record.Line.South.Log, Held: transcript.Mark{Size: 3, Root: parley.Hash{1}},
				Other: []transcript.Mark{{Size: 4, Root: parley.Hash{2}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			c := f.record.Content("north", string(body))
			c.Precedence = precedence
			officers := []string{"north a", "north b"}[:f.record.Line.Roster.QuorumFor(precedence, parley.Text)]
			f.record.Enter("north", f.record.Sign("north", c, officers...))
			code, out, _ := call("--roster", f.roster, f.write("transcript", f.text(f.record.File("north"))))
			told := strings.Contains(out, "officers north a, north b of north decided about a fork of south's log: to go on with the history of 3 entries, root 0100") &&
				strings.Contains(out, ", and not with that of 4 entries, root 0200")
			if code != exitProved || told != (name == "decided") {
				t.Errorf("exit %d, told %v:\n%s", code, told, out)
			}
		})
	}
}
