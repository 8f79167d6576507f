package console

import (
	"parley"
	"parley/internal/api"
)

// Standing says in a few words how far a message is: stored here, proved to be
// held by the other side, or answered by a person. Only the last is an answer.
// answered is what [Answers] returns.
func Standing(v api.Message, answered map[string]api.Message) string {
	a, ok := answered[v.Name]
	switch {
	case !v.Believed:
		return "NOT BELIEVED"
	case v.Disputed != "":
		return "THEY DISBELIEVE"
	case ok && v.Mine:
		return theyAnswered + a.Answer
	case ok:
		return weAnswered + a.Answer
	case v.Mine && v.Receipted:
		return "held by them"
	case v.Mine:
		return "stored here only"
	case v.Answer != "" || Changes(v):
		return "held here"
	}
	return "held, no answer"
}

// Changes reports whether a message is a change of its party's officers or keys. Nobody
// is asked to answer one: it is in force, and people should know of it.
func Changes(v api.Message) bool { return v.Kind == parley.Change.String() }

// What stands before the answer that a person gave.
const (
	theyAnswered = "they: "
	weAnswered   = "we: "
)

// Standings explains every standing, one a line of at most 77 characters, for the
// help of all that shows them: ours from the least to the most, then theirs.
const Standings = `  stored here only  ours: durable here, and repeated until they have it
  held by them      ours: their machine proved to hold it; no person answered
  they: ANSWER      ours: a person of theirs answered; only that is an answer
  THEY DISBELIEVE   ours: their station holds it and does not believe it
  held, no answer   theirs: our machine receipted it, and nobody here answered
  we: ANSWER        theirs: a person of ours answered
  held here         theirs: an answer, or a change of keys: it waits for none
  NOT BELIEVED      theirs: stored, and not believed; parley show says why`
