package demo

import (
	"fmt"
	"strings"
	"time"

	"parley"
	"parley/internal/screen"
)

// least is how many rows are not messages.
const least = 17

// Lines returns the picture as the lines of a screen: height of them, each at
// most width cells wide, with colour if asked for.
func (p Picture) Lines(width, height int, colour bool) []string {
	rows := append([]screen.Row{p.title(width)}, p.words()...)
	rows = append(rows, nil)
	rows = append(rows, p.channels()...)
	rows = append(rows, nil)
	rows = append(rows, p.stations()...)
	rows = append(rows, nil)
	body := max(0, height-least)
	if p.Help {
		rows = append(rows, p.help(body+1)...)
	} else {
		rows = append(rows, p.messages(width, body)...)
	}
	rows = append(rows[:min(len(rows), max(0, height-2))], screen.Row{{Text: " " + p.Note, Style: screen.Warn}}, p.keys())
	rows = rows[max(0, len(rows)-height):]
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Render(width, colour)
	}
	return out
}

func (p Picture) title(width int) screen.Row {
	left := " Parley: a line between north and south, both on this machine"
	clock := p.At.UTC().Format("15:04:05Z")
	return screen.Row{{Text: left, Style: screen.Bold}, {Text: screen.FitRight(clock, width-screen.Cells(left)-1), Style: screen.Dim}}
}

// words returns the twelve words on two lines.
func (p Picture) words() []screen.Row {
	words := strings.Fields(p.Words)
	half := len(words) / 2
	return []screen.Row{
		{{Text: " Both sides compared: ", Style: screen.Dim}, {Text: strings.Join(words[:half], " "), Style: screen.Normal}},
		{{Text: "                      ", Style: screen.Dim}, {Text: strings.Join(words[half:], " "), Style: screen.Normal}},
	}
}

func (p Picture) channels() []screen.Row {
	out := []screen.Row{{{Text: " CHANNEL      WAY                NORTH  SOUTH   TO SOUTH  TO NORTH  ROUND TRIP", Style: screen.Dim}}}
	for i, c := range p.Channels {
		var r screen.Row
		r.Add(screen.Bold, fmt.Sprintf(" %d ", i+1))
		r.Add(screen.Normal, screen.Fit(c.Name, 11))
		switch {
		case c.Cut && i == pouch:
			r.Add(screen.Bad, screen.Fit("nobody carries it", 18))
		case c.Cut:
			r.Add(screen.Bad, screen.Fit("━━━━━╸ CUT ╺━━━━━", 18))
		case i == pouch:
			r.Add(screen.Good, screen.Fit("carried by hand", 18))
		default:
			r.Add(screen.Good, screen.Fit("━━━━━━━━━━━━━━━━━", 18))
		}
		for _, up := range c.Up {
			if up {
				r.Add(screen.Good, "  up   ")
			} else {
				r.Add(screen.Bad, "  down ")
			}
		}
		r.Add(screen.Normal, fmt.Sprintf(" %8d  %8d", c.Carried[1], c.Carried[0]))
		trip := "-"
		if c.RoundTrip > 0 && c.Up[0] && c.Up[1] {
			trip = took(c.RoundTrip)
		}
		r.Add(screen.Normal, screen.FitRight(trip, 12))
		out = append(out, r)
	}
	return out
}

func (p Picture) stations() []screen.Row {
	out := []screen.Row{{{Text: " STATION      PROCESS      SAID    PROVED   WAITING   ARRIVED", Style: screen.Dim}}}
	for i, s := range p.Stations {
		var r screen.Row
		r.Add(screen.Bold, fmt.Sprintf(" %c ", killKeys[i]))
		r.Add(screen.Normal, screen.Fit(string(s.Party), 11))
		look := map[State]screen.Style{Running: screen.Good, Starting: screen.Warn, Killed: screen.Bad}[s.State]
		r.Add(look, screen.Fit(string(s.State), 9))
		r.Add(screen.Normal, fmt.Sprintf("%8d  %8d", s.Said, s.Proved))
		waiting := screen.Normal
		if s.Said > s.Proved {
			waiting = screen.Warn
		}
		r.Add(waiting, fmt.Sprintf("  %8d", s.Said-s.Proved))
		r.Add(screen.Normal, fmt.Sprintf("  %8d", s.Arrived))
		out = append(out, r)
	}
	return out
}

// The columns of a message before its text, in cells.
const textColumn = 1 + 11 + 11 + 6 + 9 + 10

func (p Picture) messages(width, n int) []screen.Row {
	head := " " + screen.Fit("MESSAGE", 11) + screen.Fit("PRECEDENCE", 11) + screen.Fit("LANG", 6) + screen.Fit("CAME BY", 9) + screen.Fit("PROVED", 10) + "TEXT"
	out := []screen.Row{{{Text: head, Style: screen.Dim}}}
	for _, m := range p.Messages[max(0, len(p.Messages)-n):] {
		var r screen.Row
		r.Add(screen.Normal, " "+screen.Fit(m.Name, 11))
		look := screen.Normal
		switch m.Precedence {
		case parley.Flash:
			look = screen.Urgent
		case parley.Immediate:
			look = screen.Bold
		}
		name := m.Precedence.String()
		r.Add(look, name)
		r.Add(screen.Normal, strings.Repeat(" ", 11-len(name))+screen.Fit(m.Language, 6)+screen.Fit(m.cameBy(), 9))
		if m.Proved {
			r.Add(screen.Good, screen.Fit(took(m.Took), 10))
		} else {
			r.Add(screen.Warn, screen.Fit("… "+took(m.Took), 10))
		}
		// A terminal that shows the marks around it has two cells for them.
		r.Add(screen.Normal, screen.Shown(m.Body, width-textColumn-2))
		out = append(out, r)
	}
	for len(out) <= n {
		out = append(out, nil)
	}
	return out
}

// cameBy returns the numbers of the channels over which a message came.
func (m MessagePicture) cameBy() string {
	var b strings.Builder
	for i, came := range m.CameBy {
		if came {
			fmt.Fprintf(&b, "%d", i+1)
		} else {
			b.WriteString("·")
		}
	}
	return b.String()
}

// took returns a duration in at most eight cells.
func took(d time.Duration) string {
	switch {
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 100*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min", int(d.Minutes()))
}

func (p Picture) help(n int) []screen.Row {
	text := []string{
		" This is real: two stations in two processes, agreed by the key ceremony. Every",
		" message is signed by an officer (a Flash by two), sealed for the other side,",
		" and sent over whatever is left until the other side proved that it holds it.",
		"",
		" 1 2 3 4   cut a channel, or restore it    k l     kill -9, or start it again",
		" f         say a Flash now                 space   say nothing, or go on",
		" CAME BY   over which channels             PROVED  until the sender knew it",
	}
	var out []screen.Row
	for _, line := range text[:min(n, len(text))] {
		out = append(out, screen.Row{{Text: line, Style: screen.Normal}})
	}
	for len(out) < n {
		out = append(out, nil)
	}
	return out
}

func (p Picture) keys() screen.Row {
	pause := "pause"
	if p.Paused {
		pause = "go on"
	}
	return screen.Row{{Text: " 1-4 cut, restore   k l kill, start   f flash   space " + pause + "   ? help   q quit", Style: screen.Dim}}
}
