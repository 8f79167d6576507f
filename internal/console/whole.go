package console

import (
	"fmt"
	"strings"
	"time"

	"parley/internal/api"
	"parley/internal/plain"
	"parley/internal/screen"
)

// exerciseRule frames the text of an exercise.
const exerciseRule = "*** EXERCISE EXERCISE EXERCISE *** this is not real traffic ***"

// bodyIndent begins each row that is not the program's own.
const bodyIndent = "  | "

// whole returns the selected message, with all that is known of it.
func (c *Console) whole(l Line, now time.Time, width int) []screen.Row {
	all, open := c.items(l, now)
	if len(all) == 0 {
		return []screen.Row{{{Text: " Nothing was said yet.", Style: screen.Normal}}}
	}
	it := all[c.selected(all)]
	if it.draft != nil {
		return wholeDraft(*it.draft, now, width)
	}
	v := *it.message
	rows := []screen.Row{heading(v.Name, v)}
	fact := facts(&rows, width)
	for _, o := range all[:open] {
		if o.open.Name == v.Name {
			fact("not done", o.open.turn()+o.open.What)
		}
	}
	if v.Was != "" {
		fact("before", "known as "+v.Was+" until a station was restored")
	}
	if v.Sent != "" {
		fact("before", "sent as "+v.Sent+", and not received, until a station was restored")
	}
	fact("composed", moment(v.Composed)+" by the sender's clock")
	fact("here since", moment(v.Received)+", "+span(now.Sub(v.Received)))
	if v.Ahead {
		fact("order", "ARRIVED AHEAD: something before it is not here yet")
	}
	if len(v.Officers) > 0 {
		fact("released by", strings.Join(v.Officers, " and "))
	}
	terms(v, now, fact)
	if v.Mine {
		fact("receipt", receipt(v, l.Name))
	}
	if v.Disputed != "" {
		fact("refusal", l.Name+" DOES NOT BELIEVE IT: "+v.Disputed)
	}
	none := v.Believed && v.Answer == "" && !Changes(v)
	for _, a := range l.Messages {
		if about, ok := answerTo(a); ok && about == v.Name {
			fact("answered", fmt.Sprintf("%s by %s, %s (%s)", upper(a.Answer), a.From, moment(a.Received), a.Name))
			if a.By != nil {
				fact("reply by", moment(*a.By))
			}
			none = false
		}
	}
	if none {
		fact("answered", "BY NOBODY: a receipt is a machine's, and no answer")
	}
	for _, f := range v.Channels {
		fact("channel", fmt.Sprintf("%s %s, first %s, %s", f.Channel, f.Direction, clock(f.First, now), plural(int(min(f.Count, 1<<30)), "copy", "copies")))
	}
	rows = append(rows, nil)
	if !v.Believed {
		return append(rows, screen.Row{{Text: " NOT BELIEVED, and so not shown: " + plain.Line(v.Refusal), Style: screen.Bad}})
	}
	return append(rows, text(v, width)...)
}

// wholeDraft returns a draft as its officers read it.
func wholeDraft(d api.Draft, now time.Time, width int) []screen.Row {
	rows := []screen.Row{heading("draft "+d.ID, d.Text)}
	fact := facts(&rows, width)
	fact("made", moment(d.Created)+", "+span(now.Sub(d.Created)))
	fact("approved", fmt.Sprintf("by %d of %d officers, and so not sent; an officer signs it with", len(d.Approved), d.Quorum))
	rows = append(rows, screen.Row{{Text: "  " + screen.Fit("", factColumn) + "parley release " + d.ID, Style: screen.Bold}})
	terms(d.Text, now, fact)
	rows = append(rows, nil)
	return append(rows, text(d.Text, width)...)
}

// factColumn is the width of the name of a fact.
const factColumn = 12

// facts returns what adds a fact to rows, in as many of them as it takes: a deadline
// that is cut off is none.
func facts(rows *[]screen.Row, width int) func(name, text string) {
	return func(name, text string) {
		for _, line := range screen.Wrapped(text, width-factColumn-3) {
			*rows = append(*rows, screen.Row{{Text: "  " + screen.Fit(name, factColumn), Style: screen.Dim}, {Text: line, Style: screen.Normal}})
			name = ""
		}
	}
}

// heading names a message in one row.
func heading(name string, v api.Message) (r screen.Row) {
	r.Add(screen.Bold, " "+name+"  ")
	deniable(&r, v)
	if exercise(v) {
		r.Add(screen.Drill, exerciseMark+" ")
	}
	if v.Believed {
		look := screen.Bold
		if v.Precedence == urgency[0].String() && !exercise(v) {
			look = screen.Flash
		}
		r.Add(look, upper(v.Precedence))
		r.Add(screen.Normal, " from "+v.From+" to "+strings.Join(v.To, " and "))
		return r
	}
	r.Add(screen.Normal, "from "+v.From)
	return r
}

// terms tells what officers signed besides the text.
func terms(v api.Message, now time.Time, fact func(name, text string)) {
	if v.Deniable {
		fact("evidence", deniableMark+": it can be proved to nobody who said this")
	}
	about := strings.Join(v.References, " and ")
	switch {
	case v.Answer != "":
		fact("answer", upper(v.Answer)+" to "+about)
		if v.By != nil {
			fact("reply by", moment(*v.By))
		}
	case about != "":
		fact("about", about)
	}
	if v.Expires != nil {
		text := moment(*v.Expires)
		if now.After(*v.Expires) {
			text += ", which is past"
		}
		fact("expires", text)
	}
	if v.Language != "" {
		fact("language", v.Language)
	}
}

// receipt says what the other side's machine proved of a message of ours.
func receipt(v api.Message, peer string) string {
	switch {
	case v.Single != nil:
		return peer + " proved to hold it, since " + moment(*v.Single)
	case v.Receipted:
		return peer + " proved to hold it"
	}
	return "NONE YET: it is repeated until " + peer + " proves to hold it"
}

// text returns the body, apart from everything that is the program's own.
func text(v api.Message, width int) (rows []screen.Row) {
	if exercise(v) {
		rows = append(rows, screen.Row{{Text: " " + exerciseRule, Style: screen.Drill}})
	}
	if v.Body == "" {
		rows = append(rows, screen.Row{{Text: "  (no text)", Style: screen.Normal}})
	} else {
		for _, line := range screen.Wrapped(v.Body, width-len(bodyIndent)) {
			rows = append(rows, screen.Row{{Text: bodyIndent, Style: screen.Dim}, {Text: line, Style: screen.Normal}})
		}
	}
	if exercise(v) {
		rows = append(rows, screen.Row{{Text: " " + exerciseRule, Style: screen.Drill}})
	}
	return rows
}

// help says what is shown; a row is left empty between its parts where there is
// room.
func help(width, height int) (rows []screen.Row) {
	for i, part := range helpText {
		if i > 0 {
			rows = append(rows, gap(height)...)
		}
		for line := range strings.SplitSeq(part, "\n") {
			for _, piece := range screen.Folded(line, width-1) {
				rows = append(rows, screen.Row{{Text: " " + piece, Style: screen.Normal}})
			}
		}
	}
	return rows
}

// helpText fits on a screen of 80×24 that no alarm is pinned to.
var helpText = [...]string{
	`j k, arrows   select             enter   show the message whole, or go back
space b       a page             g G     the first, the last
tab           the next line      c       ask for a line check on every channel
d             dismiss an alarm   Ctrl-L  draw anew             q   quit`,
	"STANDS is how far a message is:\n" + Standings,
	`NOT DONE lists what somebody must do, Flash first, exercises last. An answer
that is only read, hold or reply-by leaves it there. WHO -: only the channels.`,
	`PROVED is when a line check last came back over a channel. UNPROVEN: none ever
did, or the newest do not: SILENT. HEARD: when anything of theirs last came by it.`,
	`An ALARM stays until it is dismissed; those before this view began are in the
log of parley serve. Nothing is signed here: parley release, parley ack.`,
}
