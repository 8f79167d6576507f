package console

import (
	"fmt"
	"strings"
	"time"

	"parley/internal/api"
	"parley/internal/screen"
)

// tall is the height from which rows are left empty between the parts.
const tall = 32

// Frame returns what is shown now as the lines of a screen: at most height of
// them, each at most width cells wide, with colour if asked for.
func (c *Console) Frame(now time.Time, width, height int, colour bool) []string {
	rows := []screen.Row{c.title(now, width)}
	foot := []screen.Row{{{Text: " " + c.Note, Style: screen.Warn}}, c.keys()}
	l, ok := c.current()
	rows = append(rows, c.tabs(now, width)...)
	rows = append(rows, c.pinned(now, width, height)...)
	left := func() int { return max(0, height-len(rows)-len(foot)) }
	switch {
	case c.help:
		rows = append(rows, c.scrolled(help(width, height), left())...)
	case !ok:
		rows = append(rows, screen.Row{{Text: " There is no line yet that the station serves: parley line list says what is next.", Style: screen.Normal}})
	case c.detail:
		rows = append(rows, c.scrolled(c.whole(l, now, width), left())...)
	default:
		rows = append(rows, gap(height)...)
		rows = append(rows, logs(l)...)
		rows = append(rows, channels(l, now, height)...)
		rows = append(rows, gap(height)...)
		rows = append(rows, c.lists(l, now, width, left(), height)...)
	}
	for left() > 0 {
		rows = append(rows, nil)
	}
	rows = append(rows[:min(len(rows), max(0, height-len(foot)))], foot...)
	rows = rows[max(0, len(rows)-height):]
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Render(width, colour)
	}
	return out
}

func gap(height int) []screen.Row {
	if height < tall {
		return nil
	}
	return []screen.Row{nil}
}

func (c *Console) title(now time.Time, width int) screen.Row {
	left := " Parley: the watch of " + c.Self
	return screen.Row{
		{Text: left, Style: screen.Bold},
		{Text: screen.FitRight(moment(now), width-screen.Cells(left)-1), Style: screen.Dim},
	}
}

// tabs returns the lines of the station, each with what is open on it; the one
// that is shown first if they do not all fit.
func (c *Console) tabs(now time.Time, width int) []screen.Row {
	if len(c.Lines) == 0 {
		return nil
	}
	here := c.Current()
	var all []screen.Row
	var before int
	wide := 0
	for i, l := range c.Lines {
		text, urgent := counts(c.Self, l, now)
		name := "  " + l.Name + "  "
		if l.Name == here {
			name, before = " ["+l.Name+"] ", i
		}
		var r screen.Row
		r.Add(screen.Bold, name)
		if urgent {
			r.Add(screen.Flash, text)
		} else {
			r.Add(screen.Normal, text)
		}
		wide += screen.Cells(name + text)
		all = append(all, r)
	}
	if wide > width {
		all = append(all[before:], all[:before]...)
	}
	var out screen.Row
	for _, r := range all {
		out = append(out, r...)
	}
	return []screen.Row{out}
}

// pinned returns what stays on the screen whatever is shown: a station that does
// not answer, halted logs, and the alarms that nobody dismissed.
func (c *Console) pinned(now time.Time, width, height int) (rows []screen.Row) {
	pin := func(word, text string) {
		var r screen.Row
		r.Add(screen.Urgent, " "+word+" ")
		r.Add(screen.Bad, " "+screen.Shown(text, width-screen.Cells(word)-4))
		rows = append(rows, r)
	}
	if !c.Gone.IsZero() {
		pin("NO STATION", fmt.Sprintf("the station has not answered for %s: what is below is old. parley serve starts it", span(now.Sub(c.Gone))))
	}
	for _, l := range c.Lines {
		if why := l.Status.Ours.Halted; why != "" {
			pin("HALTED", l.Name+": nothing is signed any more on this line: "+why)
		}
		if l.Status.Ours.Restoring {
			pin("RESTORED", l.Name+": nothing is signed before they have said how far our log goes: parley status")
		}
		if why := l.Status.Theirs.Halted; why != "" {
			pin("HALTED", l.Name+": their log is not receipted any more: "+why)
		}
	}
	room := max(1, height/8)
	for i, a := range c.Alarms {
		if i == room && len(c.Alarms) > room {
			rows = append(rows, screen.Row{{Text: fmt.Sprintf("  and %s; d dismisses the first", plural(len(c.Alarms)-i, "more alarm", "more alarms")), Style: screen.Bad}})
			break
		}
		pin("ALARM", clock(a.At, now)+" "+a.Line+": "+a.Text)
	}
	return rows
}

// logs says in one row how far both records are.
func logs(l Line) []screen.Row {
	s := l.Status
	var r screen.Row
	r.Add(screen.Normal, fmt.Sprintf(" %d sent, %d proved held by %s; %d came", s.Ours.Size, s.Ours.Cosigned, l.Name, s.Theirs.Size))
	if s.Theirs.Ahead > 0 {
		r.Add(screen.Bad, fmt.Sprintf("; %d AHEAD OF A GAP", s.Theirs.Ahead))
	}
	if s.Refused > 0 {
		r.Add(screen.Warn, "; "+plural(int(min(s.Refused, 1<<30)), "frame refused", "frames refused"))
	}
	if n := len(s.Troubles); n > 0 {
		r.Add(screen.Bad, "; "+plural(n, "TROUBLE", "TROUBLES")+": parley status")
	}
	return []screen.Row{r}
}

// The widths of the columns of a channel.
const (
	nameColumn  = 12
	stateColumn = 9
	proofColumn = 12
	tripColumn  = 9
	heardColumn = 11
	queueColumn = 8
)

// channels returns the channels of a line, those in trouble first where there is
// no room for all.
func channels(l Line, now time.Time, height int) []screen.Row {
	head := " " + screen.Fit("CHANNEL", nameColumn) + screen.Fit("STATE", stateColumn) + screen.Fit("PROVED", proofColumn) +
		screen.Fit("TRIP", tripColumn) + screen.Fit("HEARD", heardColumn) + screen.Fit("WAITING", queueColumn) + "TROUBLE"
	rows := []screen.Row{{{Text: head, Style: screen.Dim}}}
	room := max(2, height/6)
	var worse, better []api.Channel
	for _, ch := range l.Status.Channels {
		if ch.Up && ch.Enabled && ch.Proven != nil && ch.Silent == nil {
			better = append(better, ch)
		} else {
			worse = append(worse, ch)
		}
	}
	all := l.Status.Channels
	if len(all) > room {
		all = append(worse, better...)
	}
	for i, ch := range all {
		if i == room-1 && len(all) > room {
			rows = append(rows, screen.Row{{Text: fmt.Sprintf("  and %d more, %d of them down or unproven", len(all)-i, max(0, len(worse)-i)), Style: screen.Normal}})
			break
		}
		rows = append(rows, channel(ch, now))
	}
	return rows
}

func channel(ch api.Channel, now time.Time) (r screen.Row) {
	r.Add(screen.Bold, " "+screen.Fit(ch.Name, nameColumn-1)+" ")
	state, look := channelState(ch)
	r.Add(look, screen.Fit(state, stateColumn))
	if ch.Proven == nil || ch.Silent != nil {
		r.Add(screen.Warn, screen.Fit("UNPROVEN", proofColumn)+screen.Fit("-", tripColumn))
	} else {
		trip := (time.Duration(min(ch.RoundTrip, 1<<40)) * time.Millisecond).String()
		r.Add(screen.Normal, screen.Fit(span(now.Sub(*ch.Proven))+" ago", proofColumn)+screen.Fit(trip, tripColumn))
	}
	heard := "never"
	if ch.Heard != nil {
		heard = span(now.Sub(*ch.Heard)) + " ago"
	}
	r.Add(screen.Normal, screen.Fit(heard, heardColumn)+screen.Fit(fmt.Sprint(ch.Waiting), queueColumn))
	if !ch.Up && ch.Enabled && ch.Error != "" {
		r.Add(screen.Normal, screen.Shown(ch.Error, 200))
	}
	return r
}

func channelState(ch api.Channel) (string, screen.Style) {
	switch {
	case !ch.Enabled:
		return "DISABLED", screen.Warn
	case ch.Up && ch.Silent != nil:
		return "SILENT", screen.Bad
	case ch.Up:
		return "up", screen.Good
	}
	return "DOWN", screen.Bad
}

// plural returns a number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (c *Console) keys() screen.Row {
	text := " j k select  enter whole  tab next line  c check  d dismiss  ? help  q quit"
	if c.detail || c.help {
		text = " j k scroll  esc back  tab next line  c check  d dismiss  ? help  q quit"
	}
	return screen.Row{{Text: text, Style: screen.Dim}}
}

// scrolled returns n rows of what may be longer, from where the person is.
func (c *Console) scrolled(rows []screen.Row, n int) []screen.Row {
	c.scroll = max(0, min(c.scroll, len(rows)-n))
	shown := rows[c.scroll:]
	if len(shown) > n && n > 0 {
		shown = append(shown[:n-1:n-1], screen.Row{{Text: fmt.Sprintf("  … %d more rows: j", len(shown)-n+1), Style: screen.Dim}})
	}
	return shown
}

// upper marks a precedence that a person must not miss with capitals.
func upper(precedence string) string { return strings.ToUpper(precedence) }
