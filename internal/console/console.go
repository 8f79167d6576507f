// Package console is what the officer on watch looks at: every line of a running
// station, what nobody has answered yet, and what a person must see.
//
// It is a face: it asks the station through its socket (internal/api) and has no
// rule of its own. It never makes "held" look like "answered": a message of ours is
// stored here, then proved to be held by the other side, and only a person's
// acknowledgement is an answer. What the other side wrote is escaped, isolated and
// clipped before it is shown (R10); exercise traffic is marked by a word wherever
// it appears (R30).
package console

import (
	"slices"
	"strings"
	"time"

	"parley"
	"parley/internal/api"
)

// Line is one line of the station, as it was when it was asked.
type Line struct {
	Name     string // the other party
	Status   api.Status
	Messages []api.Message // of both sides, in their order of arrival here
	Drafts   []api.Draft
	Cut      bool // older messages were not looked through
}

// Alarm is what the station said a person must look at.
type Alarm struct {
	At   time.Time
	Line string
	Text string
}

// Console is what is shown now, and what the person does with it. It belongs to
// one goroutine.
type Console struct {
	Self   string // the party whose station it is
	Lines  []Line
	Alarms []Alarm // the oldest first, until they are dismissed
	// Gone says since when the station has not answered; zero while it does.
	Gone time.Time
	// Note is what the person did last, or what became of it.
	Note string

	line   string // the one that is shown, by its name
	cursor string // the key of the item that is selected
	detail bool   // the selected message is shown whole
	scroll int    // how far the whole message, or the help, is scrolled
	help   bool
}

// current returns the line that is shown.
func (c *Console) current() (Line, bool) {
	if len(c.Lines) == 0 {
		return Line{}, false
	}
	i := slices.IndexFunc(c.Lines, func(l Line) bool { return l.Name == c.line })
	return c.Lines[max(0, i)], true
}

// Set enters what is known of a line now.
func (c *Console) Set(l Line) {
	i, found := slices.BinarySearchFunc(c.Lines, l, func(a, b Line) int { return strings.Compare(a.Name, b.Name) })
	if found {
		c.Lines[i] = l
		return
	}
	c.Lines = slices.Insert(c.Lines, i, l)
}

// alarmLimit bounds the alarms that are kept: the newest ones.
const alarmLimit = 200

// Alarm pins what a person must look at. The same thing said again is one alarm.
func (c *Console) Alarm(a Alarm) {
	c.Alarms = slices.DeleteFunc(c.Alarms, func(b Alarm) bool { return b.Line == a.Line && b.Text == a.Text })
	c.Alarms = append(c.Alarms, a)
	c.Alarms = c.Alarms[max(0, len(c.Alarms)-alarmLimit):]
}

// The beginnings of the keys of items.
const (
	openKey    = "open "
	messageKey = "message "
)

// item is something that can be selected: something open, or a message.
type item struct {
	key     string
	open    *Open
	message *api.Message
	draft   *api.Draft
}

// items returns what can be selected, from the top, and how many of them are open.
func (c *Console) items(l Line, now time.Time) (all []item, open int) {
	for _, o := range Opens(c.Self, l, now) {
		key := openKey + o.Name
		if o.Draft != nil {
			key = "draft " + o.Draft.ID
		}
		all = append(all, item{key: key, open: &o, message: o.Message, draft: o.Draft})
	}
	open = len(all)
	for i := range slices.Backward(l.Messages) {
		all = append(all, item{key: messageKey + l.Messages[i].Name, message: &l.Messages[i]})
	}
	return all, open
}

// selected returns the place of the item that is selected. What was open and is
// done is followed to its place among the messages; the first item is selected if
// the one that was is not there any more.
func (c *Console) selected(all []item) int {
	place := func(key string) int {
		return slices.IndexFunc(all, func(i item) bool { return i.key == key })
	}
	i := place(c.cursor)
	if name, ok := strings.CutPrefix(c.cursor, openKey); ok && i < 0 {
		i = place(messageKey + name)
	}
	return max(0, i)
}

// deniableMark stands wherever something deniable is shown (spec/DENIABLE.md §1).
const deniableMark = "DENIABLE"

// exercise reports whether a message is exercise traffic.
func exercise(v api.Message) bool { return v.Status == parley.Exercise.String() }
