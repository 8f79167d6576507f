package console

import (
	"slices"
	"strings"
	"time"

	"parley/internal/screen"
)

// Act is what a key asks of the program that shows the console.
type Act int

// The acts.
const (
	Nothing Act = iota
	Quit
	Check  // ask for a line check on every channel of Current
	Redraw // the whole screen
)

// page is how many rows a page key moves by.
const page = 10

// Current returns the name of the line that is shown, "" if there is none.
func (c *Console) Current() string {
	l, _ := c.current()
	return l.Name
}

// Press does what a key says.
func (c *Console) Press(key rune, now time.Time) Act {
	c.Note = ""
	switch key {
	case 'q':
		return Quit
	case screen.KeyRedraw:
		return Redraw
	case '?', 'h':
		c.help, c.scroll = !c.help, 0
	case screen.KeyEscape:
		c.help, c.detail, c.scroll = false, false, 0
	case screen.KeyEnter, '\n':
		c.detail, c.help, c.scroll = !c.detail && !c.help, false, 0
	case screen.KeyTab, 'l':
		c.turn()
	case 'c':
		if c.Current() != "" {
			return Check
		}
	case 'd':
		c.dismiss()
	case 'j', screen.KeyDown:
		c.move(1, now)
	case 'k', screen.KeyUp:
		c.move(-1, now)
	case ' ', screen.KeyPageDown:
		c.move(page, now)
	case 'b', screen.KeyPageUp:
		c.move(-page, now)
	case 'g', screen.KeyHome:
		c.move(-1<<30, now)
	case 'G', screen.KeyEnd:
		c.move(1<<30, now)
	}
	return Nothing
}

// turn shows the next line.
func (c *Console) turn() {
	if len(c.Lines) == 0 {
		return
	}
	here := c.Current()
	i := slices.IndexFunc(c.Lines, func(l Line) bool { return l.Name == here })
	c.line = c.Lines[(i+1)%len(c.Lines)].Name
	c.cursor, c.detail, c.scroll = "", false, 0
}

// dismiss lets go of the oldest alarm.
func (c *Console) dismiss() {
	if len(c.Alarms) == 0 {
		c.Note = "there is no alarm; a halted log is shown for as long as it is halted"
		return
	}
	c.Alarms = c.Alarms[1:]
	c.Note = "the alarm is dismissed; what it was about is not changed by that"
}

// move selects another item, or scrolls what is shown whole.
func (c *Console) move(by int, now time.Time) {
	if c.detail || c.help {
		c.scroll = max(0, c.scroll+by)
		return
	}
	l, ok := c.current()
	if !ok {
		return
	}
	all, _ := c.items(l, now)
	if len(all) == 0 {
		return
	}
	c.cursor = all[min(max(0, c.selected(all)+by), len(all)-1)].key
}

// counts returns what stands beside the name of a line.
func counts(self string, l Line, now time.Time) (text string, urgent bool) {
	flash, open := 0, 0
	for _, o := range Opens(self, l, now) {
		open++
		if o.Urgent() {
			flash++
		}
	}
	var words []string
	if l.Status.Ours.Halted != "" || l.Status.Theirs.Halted != "" {
		words, urgent = append(words, "HALTED"), true
	}
	if l.Status.Ours.Restoring {
		words, urgent = append(words, "RESTORED"), true
	}
	if flash > 0 {
		words = append(words, plural(flash, "FLASH open", "FLASHES open"))
	}
	if open > flash {
		words = append(words, plural(open-flash, "open", "open"))
	}
	if len(words) == 0 {
		return "nothing open", false
	}
	return strings.Join(words, ", "), urgent || flash > 0
}
