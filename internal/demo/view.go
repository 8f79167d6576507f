package demo

import (
	"fmt"
	"strings"
	"time"

	"parley"
)

// style is how a piece of a line stands out.
type style string

// The styles, as SGR parameters. Nothing is told by colour alone.
const (
	normal style = ""
	bold   style = "1"
	dim    style = "2"
	good   style = "32"
	warn   style = "33"
	bad    style = "1;31"
	urgent style = "1;7"
)

// span is a piece of a line in one style.
type span struct {
	text  string
	style style
}

type row []span

func (r *row) add(s style, text string) { *r = append(*r, span{text, s}) }

// least is how many rows are not messages.
const least = 17

// Lines returns the picture as the lines of a screen: height of them, each at
// most width cells wide, with colour if asked for.
func (p Picture) Lines(width, height int, colour bool) []string {
	rows := append([]row{p.title(width)}, p.words()...)
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
	rows = append(rows[:min(len(rows), max(0, height-2))], row{{" " + p.Note, warn}}, p.keys())
	rows = rows[max(0, len(rows)-height):]
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.render(width, colour)
	}
	return out
}

func (r row) render(width int, colour bool) string {
	var b strings.Builder
	for _, s := range r {
		text := s.text
		if n := cells(text); n > width {
			// A line is cut inside its last piece: an isolate is closed again.
			text = strings.TrimRight(fit(text, width), " ")
			if strings.Contains(text, isolate) && !strings.Contains(text, pop) {
				text += pop
			}
		}
		width -= cells(text)
		if colour && s.style != normal && text != "" {
			text = "\x1b[" + string(s.style) + "m" + text + "\x1b[0m"
		}
		b.WriteString(text)
	}
	if colour {
		return b.String()
	}
	return strings.TrimRight(b.String(), " ")
}

func (p Picture) title(width int) row {
	left := " Parley: a line between north and south, both on this machine"
	clock := p.At.UTC().Format("15:04:05Z")
	return row{{left, bold}, {fitRight(clock, width-cells(left)-1), dim}}
}

// words returns the twelve words on two lines.
func (p Picture) words() []row {
	words := strings.Fields(p.Words)
	half := len(words) / 2
	return []row{
		{{" Both sides compared: ", dim}, {strings.Join(words[:half], " "), normal}},
		{{"                      ", dim}, {strings.Join(words[half:], " "), normal}},
	}
}

func (p Picture) channels() []row {
	out := []row{{{" CHANNEL      WAY                NORTH  SOUTH   TO SOUTH  TO NORTH  ROUND TRIP", dim}}}
	for i, c := range p.Channels {
		var r row
		r.add(bold, fmt.Sprintf(" %d ", i+1))
		r.add(normal, fit(c.Name, 11))
		switch {
		case c.Cut && i == pouch:
			r.add(bad, fit("nobody carries it", 18))
		case c.Cut:
			r.add(bad, fit("━━━━━╸ CUT ╺━━━━━", 18))
		case i == pouch:
			r.add(good, fit("carried by hand", 18))
		default:
			r.add(good, fit("━━━━━━━━━━━━━━━━━", 18))
		}
		for _, up := range c.Up {
			if up {
				r.add(good, "  up   ")
			} else {
				r.add(bad, "  down ")
			}
		}
		r.add(normal, fmt.Sprintf(" %8d  %8d", c.Carried[1], c.Carried[0]))
		trip := "-"
		if c.RoundTrip > 0 && c.Up[0] && c.Up[1] {
			trip = took(c.RoundTrip)
		}
		r.add(normal, fitRight(trip, 12))
		out = append(out, r)
	}
	return out
}

func (p Picture) stations() []row {
	out := []row{{{" STATION      PROCESS      SAID    PROVED   WAITING   ARRIVED", dim}}}
	for i, s := range p.Stations {
		var r row
		r.add(bold, fmt.Sprintf(" %c ", killKeys[i]))
		r.add(normal, fit(string(s.Party), 11))
		look := map[State]style{Running: good, Starting: warn, Killed: bad}[s.State]
		r.add(look, fit(string(s.State), 9))
		r.add(normal, fmt.Sprintf("%8d  %8d", s.Said, s.Proved))
		waiting := normal
		if s.Said > s.Proved {
			waiting = warn
		}
		r.add(waiting, fmt.Sprintf("  %8d", s.Said-s.Proved))
		r.add(normal, fmt.Sprintf("  %8d", s.Arrived))
		out = append(out, r)
	}
	return out
}

// The columns of a message before its text, in cells.
const textColumn = 1 + 11 + 11 + 6 + 9 + 10

func (p Picture) messages(width, n int) []row {
	head := " " + fit("MESSAGE", 11) + fit("PRECEDENCE", 11) + fit("LANG", 6) + fit("CAME BY", 9) + fit("PROVED", 10) + "TEXT"
	out := []row{{{head, dim}}}
	for _, m := range p.Messages[max(0, len(p.Messages)-n):] {
		var r row
		r.add(normal, " "+fit(m.Name, 11))
		look := normal
		switch m.Precedence {
		case parley.Flash:
			look = urgent
		case parley.Immediate:
			look = bold
		}
		name := m.Precedence.String()
		r.add(look, name)
		r.add(normal, strings.Repeat(" ", 11-len(name))+fit(m.Language, 6)+fit(m.cameBy(), 9))
		if m.Proved {
			r.add(good, fit(took(m.Took), 10))
		} else {
			r.add(warn, fit("… "+took(m.Took), 10))
		}
		// A terminal that shows the marks around it has two cells for them.
		r.add(normal, shown(m.Body, width-textColumn-2))
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

func (p Picture) help(n int) []row {
	text := []string{
		" This is real: two stations in two processes, agreed by the key ceremony. Every",
		" message is signed by an officer (a Flash by two), sealed for the other side,",
		" and sent over whatever is left until the other side proved that it holds it.",
		"",
		" 1 2 3 4   cut a channel, or restore it    k l     kill -9, or start it again",
		" f         say a Flash now                 space   say nothing, or go on",
		" CAME BY   over which channels             PROVED  until the sender knew it",
	}
	var out []row
	for _, line := range text[:min(n, len(text))] {
		out = append(out, row{{line, normal}})
	}
	for len(out) < n {
		out = append(out, nil)
	}
	return out
}

func (p Picture) keys() row {
	pause := "pause"
	if p.Paused {
		pause = "go on"
	}
	return row{{" 1-4 cut, restore   k l kill, start   f flash   space " + pause + "   ? help   q quit", dim}}
}
