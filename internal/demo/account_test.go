package demo

import (
	"testing"

	"parley"
	"parley/internal/api"
)

// spoken returns two messages and what both stations hold of them.
func spoken() (said []Said, mine, theirs []api.Message) {
	for i, draft := range []string{"aa", "bb"} {
		m := Said{Text: Text{"fr", "Bonjour " + draft}, Precedence: parley.Flash, Draft: draft, Number: uint64(i + 1)}
		said = append(said, m)
		held := api.Message{
			Draft: draft, Number: m.Number, Believed: true, Body: m.Body, Language: m.Language, Precedence: "flash",
		}
		theirs = append(theirs, held)
		held.Receipted = true
		mine = append(mine, held)
	}
	return said, mine, theirs
}

func TestAccount(t *testing.T) {
	for name, c := range map[string]struct {
		change func(said []Said, mine, theirs *[]api.Message)
		want   Result
	}{
		"all is well": {func([]Said, *[]api.Message, *[]api.Message) {}, Result{Sent: 2, Receipted: 2}},
		"looked up":   {func(said []Said, _, _ *[]api.Message) { said[1].LookedUp = true }, Result{Sent: 2, Receipted: 2, LookedUp: 1}},
		"no receipt": {
			func(_ []Said, mine, _ *[]api.Message) { (*mine)[1].Receipted = false },
			Result{Sent: 2, Receipted: 1, Lost: 1},
		},
		"receipted and refused": {
			func(_ []Said, mine, _ *[]api.Message) { (*mine)[0].Disputed = "the text" },
			Result{Sent: 2, Receipted: 1, Lost: 1},
		},
		"receipted and not there": {
			func(_ []Said, _, theirs *[]api.Message) { *theirs = (*theirs)[:1] },
			Result{Sent: 2, Receipted: 2, Lost: 1},
		},
		"not believed": {
			func(_ []Said, _, theirs *[]api.Message) { (*theirs)[0].Believed = false },
			Result{Sent: 2, Receipted: 2, Lost: 1},
		},
		"another text": {
			func(_ []Said, _, theirs *[]api.Message) { (*theirs)[0].Body += " " },
			Result{Sent: 2, Receipted: 2, Lost: 1},
		},
		"sent twice": {
			func(_ []Said, _, theirs *[]api.Message) {
				again := (*theirs)[1]
				again.Number = 3
				*theirs = append(*theirs, again)
			},
			Result{Sent: 2, Receipted: 2, Duplicated: 1},
		},
		"sent twice by another draft": {
			func(_ []Said, _, theirs *[]api.Message) {
				again := (*theirs)[1]
				again.Number, again.Draft = 3, "cc"
				*theirs = append(*theirs, again)
			},
			Result{Sent: 2, Receipted: 2, Duplicated: 1},
		},
		"stored twice": {
			func(_ []Said, _, theirs *[]api.Message) { *theirs = append(*theirs, (*theirs)[0]) },
			Result{Sent: 2, Receipted: 2, Duplicated: 1, Misordered: 1},
		},
		"a gap": {
			func(said []Said, mine, theirs *[]api.Message) {
				said[1].Number, (*mine)[1].Number, (*theirs)[1].Number = 3, 3, 3
			},
			Result{Sent: 2, Receipted: 2, Misordered: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			said, mine, theirs := spoken()
			c.change(said, &mine, &theirs)
			var got Result
			Account(&got, said, mine, theirs)
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			got.Transcripts = 2
			if want := c.want.Lost+c.want.Duplicated+c.want.Misordered == 0; got.Good() != want {
				t.Errorf("good: %v", got.Good())
			}
		})
	}
}
