package console

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/plain"
)

// Open is something that is not done: who must do what, and since when.
type Open struct {
	Name     string // of the message; of a draft, the beginning of its id
	Flash    bool
	Exercise bool
	Since    time.Time // by the clock here
	Who      string    // whose turn it is
	What     string    // what is open, in a few words
	Answered bool      // a person gave an answer that does not settle it
	Late     time.Duration
	Message  *api.Message
	Draft    *api.Draft

	rank int
}

// Urgent reports whether it is to stand out: a Flash, and no exercise.
func (o Open) Urgent() bool { return o.Flash && !o.Exercise }

// nobody stands for Who where only the channels can do anything.
const nobody = "-"

// Opens returns what is not done on a line, for the party self: what is real before
// exercises, Flash first, then what was promised and is late, then the oldest.
func Opens(self string, l Line, now time.Time) (out []Open) {
	answered := Answers(l.Messages)
	for i := range l.Messages {
		if o, ok := openMessage(self, l.Name, &l.Messages[i], answered, now); ok {
			out = append(out, o)
		}
	}
	for i := range l.Drafts {
		out = append(out, openDraft(self, &l.Drafts[i]))
	}
	slices.SortStableFunc(out, func(a, b Open) int {
		if a.Exercise != b.Exercise {
			return cmp.Compare(digit(a.Exercise), digit(b.Exercise))
		}
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.Late, a.Late), a.Since.Compare(b.Since))
	})
	return out
}

func digit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// openDraft is what is open of a draft.
func openDraft(self string, d *api.Draft) Open {
	o := openOf(d.Text.Precedence, d.Text)
	missing := max(d.Quorum-len(d.Approved), 0)
	o.Name, o.Since, o.Who, o.Draft = draftName(d.ID), d.Created, self, d
	o.What = "needs " + plural(missing, "more officer", "more officers")
	return o
}

// draftName names a draft by the beginning of its id.
func draftName(id string) string { return "draft " + id[:min(8, len(id))] }

// message is what is to be done something about.
func (o Open) message() api.Message {
	switch {
	case o.Draft != nil:
		return o.Draft.Text
	case o.Message != nil:
		return *o.Message
	}
	return api.Message{}
}

// openOf begins an Open. What is not believed has no precedence that could be
// trusted: it stands after Flash.
func openOf(precedence string, v api.Message) Open {
	o := Open{Exercise: exercise(v), rank: 1}
	if p, err := parley.ParsePrecedence(precedence); err == nil {
		o.Flash = p == parley.Flash
		o.rank = slices.Index(urgency[:], p)
	}
	return o
}

// urgency is every precedence, the most urgent first.
var urgency = [...]parley.Precedence{parley.Flash, parley.Immediate, parley.Priority, parley.Routine}

// openMessage says what is open of a message.
func openMessage(self, peer string, v *api.Message, answered map[string]api.Message, now time.Time) (Open, bool) {
	o := openOf(v.Precedence, *v)
	o.Name, o.Since, o.Message, o.Who = v.Name, v.Received, v, strings.Join(v.To, " and ")
	a, ok := answered[v.Name]
	switch {
	case !v.Believed:
		o.Who, o.What = self, "NOT BELIEVED: ask "+peer+" by another way ("+plain.Line(v.Refusal)+")"
	case v.Disputed != "":
		o.Who, o.What = self, peer+" DOES NOT BELIEVE IT ("+plain.Line(v.Disputed)+")"
	case v.Mine && !v.Receipted:
		o.Who, o.What = nobody, "on its way: "+peer+" has not proved to hold it"
	case v.Answer != "" || v.Expires != nil && now.After(*v.Expires):
		return o, false
	case Changes(*v) && (v.Mine || ok):
		return o, false
	case Changes(*v):
		o.What = "officers or keys of " + peer + " changed: look (parley line show)"
	case !ok:
		o.What = "no answer"
	case Settled(a.Answer):
		return o, false
	case a.By != nil:
		o.Answered = true
		o.What = "reply by " + clock(*a.By, now)
		if late := now.Sub(*a.By); late > 0 {
			o.Late = late
			o.What += ", LATE by " + span(late)
		}
	default:
		o.Answered = true
		o.What = "only \"" + a.Answer + "\""
	}
	return o, true
}

// span returns a length of time in at most seven cells, rounded down.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d/time.Second)))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	case d < 2*day:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	return fmt.Sprintf("%d d", min(99999, int(d/day)))
}

// clock returns a time of day, with the day where that is another one.
func clock(t, now time.Time) string {
	t = t.UTC()
	if t.Format(time.DateOnly) == now.UTC().Format(time.DateOnly) {
		return t.Format("15:04:05Z")
	}
	return moment(t)
}

// moment returns a time in full.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
