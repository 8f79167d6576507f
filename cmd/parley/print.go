package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// How the program speaks: whole sentences, one fact a line, names before
// numbers. Times are in UTC and end in Z; where the person's clock differs, its
// offset follows. What the other side wrote goes through package plain.

// say prints one line.
func (m *Main) say(format string, args ...any) {
	// A standard output that is gone leaves nobody to tell.
	_, _ = fmt.Fprintf(m.Stdout, format+"\n", args...)
}

// json prints a value for programs.
func (m *Main) json(v any) error {
	e := json.NewEncoder(m.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// moment returns a time with the offset of the person's own clock.
func (m *Main) moment(t time.Time) string {
	local := t.In(m.Zone)
	if _, offset := local.Zone(); offset == 0 {
		return clock(t)
	}
	return clock(t) + local.Format(" (15:04 -07:00)")
}

// clock returns a time for a column.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// clockOr returns a time that there may not be.
func clockOr(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return clock(*t)
}

// span returns a length of time without the zeros that say nothing.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day && d%day == 0 {
		return fmt.Sprintf("%d days", d/day)
	}
	s := d.String()
	if short, ok := strings.CutSuffix(s, "m0s"); ok {
		s = short + "m"
	}
	if short, ok := strings.CutSuffix(s, "h0m"); ok {
		s = short + "h"
	}
	return s
}

// table is rows of short cells under a head.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print prints a table, its columns aligned.
func (m *Main) print(t table) {
	width := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range append([][]string{t.head}, t.rows...) {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(cell)
			b.WriteString(strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2))
		}
		m.say("%s", strings.TrimRight(b.String(), " "))
	}
}

// count returns a number with its noun.
func count(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
