package console

import (
	"strings"
	"time"

	"parley/internal/api"
	"parley/internal/plain"
	"parley/internal/screen"
)

// exerciseMark stands wherever exercise traffic is shown (R30).
const exerciseMark = "EXERCISE"

// The widths of the columns of what is open and of messages.
const (
	markColumn       = 2
	precedenceColumn = 11
	messageColumn    = 15
	ageColumn        = 8
	whoColumn        = 13
	rungColumn       = 17
)

// lists returns what is open and the newest messages in n rows, with what is
// selected among them.
func (c *Console) lists(l Line, now time.Time, width, n, height int) []screen.Row {
	all, open := c.items(l, now)
	at := c.selected(all)
	answered := Answers(l.Messages)
	// Half is for what is open, more if there are few messages.
	room := max(0, n-2-len(gap(height)))
	forOpen := min(max(1, open), max(room/2, room-(len(all)-open)))
	head := " NOT DONE"
	if l.Cut {
		head = " NOT DONE, of the newest messages only"
	}
	rows := []screen.Row{{{Text: screen.Fit(head, 1+markColumn+precedenceColumn+messageColumn), Style: screen.Dim},
		{Text: screen.Fit("FOR", ageColumn) + screen.Fit("WHO", whoColumn) + "WHAT", Style: screen.Dim}}}
	if open == 0 {
		rows = append(rows, screen.Row{{Text: "   Nobody must act.", Style: screen.Good}})
	}
	top := at // of the open ones, the most urgent are seen while none is selected
	if at >= open {
		top = 0
	}
	for _, it := range window(all[:open], top, forOpen) {
		rows = append(rows, openRow(*it.open, now, it.key == all[at].key, width))
	}
	rows = append(rows, gap(height)...)
	rows = append(rows, screen.Row{{Text: " " + screen.Fit("", markColumn) + screen.Fit("PRECEDENCE", precedenceColumn) + screen.Fit("MESSAGE", messageColumn) +
		screen.Fit("AGE", ageColumn) + screen.Fit("STANDS", rungColumn) + "TEXT", Style: screen.Dim}})
	messages := all[open:]
	if len(messages) == 0 {
		rows = append(rows, screen.Row{{Text: "   Nothing was said yet.", Style: screen.Normal}})
	}
	for _, it := range window(messages, max(0, at-open), max(0, room-max(1, forOpen))) {
		rows = append(rows, messageRow(*it.message, answered, now, it.key == all[at].key, width))
	}
	return rows
}

// window returns at most n of all, around the one at a place.
func window(all []item, at, n int) []item {
	if n <= 0 {
		return nil
	}
	from := max(0, min(at-n+1, len(all)-n))
	if at < n {
		from = 0
	}
	return all[from:min(len(all), from+n)]
}

// lead begins the row of something that can be selected: whether it is, its
// precedence, or that it is an exercise, its name and its age.
func lead(precedence, name string, isExercise, selected bool, age time.Duration) (r screen.Row) {
	mark := "   "
	if selected {
		mark = " > "
	}
	r.Add(screen.Bold, mark)
	look := screen.Normal
	switch {
	case isExercise:
		look, precedence = screen.Drill, exerciseMark
	case precedence == urgency[0].String():
		look, precedence = screen.Flash, upper(precedence)
	case precedence == urgency[1].String():
		look, precedence = screen.Bold, upper(precedence)
	}
	// Only the word stands out, not the cells after it.
	if precedence == "" {
		precedence = "-"
	}
	r.Add(look, precedence)
	r.Add(screen.Normal, screen.Fit("", precedenceColumn-len(precedence))+screen.Fit(shortName(name, messageColumn-1), messageColumn)+screen.Fit(span(age), ageColumn))
	return r
}

// drill adds the precedence of an exercise, which stands behind everything that is
// told of it, and not where that of real traffic does.
func drill(r *screen.Row, isExercise bool, precedence string) {
	if isExercise {
		r.Add(screen.Drill, "drill, "+precedence+": ")
	}
}

// deniable marks what can be proved to nobody.
func deniable(r *screen.Row, v api.Message) {
	if v.Deniable {
		r.Add(screen.Warn, deniableMark+" ")
	}
}

// shortName clips the name of a message in its party, never in its number.
func shortName(name string, n int) string {
	party, number, ok := strings.Cut(name, "/")
	if !ok || screen.Cells(name) <= n {
		return name
	}
	return strings.TrimRight(screen.Fit(party, max(1, n-len(number)-1)), " ") + "/" + number
}

func openRow(o Open, now time.Time, selected bool, width int) screen.Row {
	r := lead(o.precedence(), o.Name, o.Exercise, selected, now.Sub(o.Since))
	look := screen.Normal
	switch {
	case o.Late > 0 || o.Message != nil && (!o.Message.Believed || o.Message.Disputed != ""):
		look = screen.Bad
	case o.Urgent():
		look = screen.Bold
	}
	r.Add(screen.Normal, screen.Fit(o.Who, whoColumn-1)+" ")
	drill(&r, o.Exercise, o.precedence())
	deniable(&r, o.message())
	r.Add(look, screen.Shown(o.What, width-cellsIn(r)))
	return r
}

func messageRow(v api.Message, answered map[string]api.Message, now time.Time, selected bool, width int) screen.Row {
	r := lead(v.Precedence, v.Name, exercise(v), selected, now.Sub(v.Received))
	stands := Standing(v, answered)
	look := screen.Normal
	switch {
	case !v.Believed || v.Disputed != "":
		look = screen.Bad
	case v.Mine && !v.Receipted:
		look = screen.Warn
	case v.Mine:
		look = screen.Good
	}
	r.Add(look, screen.Fit(stands, rungColumn-1)+" ")
	drill(&r, exercise(v), v.Precedence)
	deniable(&r, v)
	if v.Ahead {
		r.Add(screen.Bad, "AHEAD OF A GAP ")
	}
	if text := digest(v); text != "" {
		r.Add(screen.Normal, text+" ")
	}
	if v.Believed && v.Body != "" {
		r.Add(screen.Normal, screen.Shown(Brief(v), width-cellsIn(r)))
	}
	return r
}

// digest is what stands before the text of a message: that it is an answer, or why
// there is no text.
func digest(v api.Message) string {
	switch {
	case !v.Believed:
		return plain.Line(v.Refusal)
	case v.Answer != "":
		return upper(v.Answer) + " to " + strings.Join(v.References, " ")
	}
	return ""
}

func cellsIn(r screen.Row) (n int) {
	for _, s := range r {
		n += screen.Cells(s.Text)
	}
	return n
}
