package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/console"
	"parley/internal/plain"
)

// openLimit is how many of the newest messages are looked through for what
// someone must do.
const openLimit = 1000

// recent returns the newest messages of both sides, and the newest Flash however
// many others came since, in the order of arrival. It reports whether older ones
// were left out.
func (s *speaker) recent(ctx context.Context) (all []api.Message, cut bool, err error) {
	return console.Recent(ctx, s.Client, s.name())
}

// stands explains how far messages stand, in the help of all that say so.
const stands = "STANDS is how far a message is:\n\n" + console.Standings

// standing says how far v is, and by when an answer was promised.
func standing(v api.Message, answered map[string]api.Message) string {
	text := console.Standing(v, answered)
	if a, ok := answered[v.Name]; ok && a.By != nil {
		text += " " + clock(*a.By)
	}
	return text
}

// acts returns what people of this side must do, and by when, one line each.
func (m *Main) acts(s *speaker, st api.Status, all []api.Message, drafts []api.Draft) []string {
	var out []string
	tell := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	us, them := string(s.home.Party()), s.name()
	if st.Ours.Halted != "" {
		tell("%s: NOTHING IS SIGNED any more on this line: %s", us, plain.Line(st.Ours.Halted))
	}
	if st.Ours.Restoring {
		tell("%s: NOTHING IS SIGNED YET on this line: %s", us, waits(st, them))
	}
	if st.Theirs.Halted != "" {
		tell("%s: their log is not receipted any more: %s; parley fork lists what proves it", us, plain.Line(st.Theirs.Halted))
		if st.Theirs.LogKeyDoubt != "" {
			tell("%s: IN DOUBT: %s", us, plain.Line(st.Theirs.LogKeyDoubt))
		}
	}
	for _, d := range drafts {
		tell("%s: draft %s (%s%s) needs %s more: parley release %s%s", us, short(d.ID), marked(d.Text), d.Text.Precedence,
			count(uint64(max(d.Quorum-len(d.Approved), 0)), "officer", "officers"), short(d.ID), s.flag())
	}
	answered := console.Answers(all)
	for _, v := range all {
		if text := m.act(v, answered, us, them); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// waits says what a restored station waits for, and what brings it: the first trouble of
// its restore.
func waits(st api.Status, them string) string {
	for _, t := range st.Troubles {
		if what, ok := strings.CutPrefix(t.What, "RESTORED from a backup: "); ok {
			return fmt.Sprintf("this station was restored: %s. %s", plain.Line(what), plain.Line(t.Do))
		}
	}
	return fmt.Sprintf("this station was restored, and waits until %s has said how far our log goes", them)
}

// act says who must do something about one message, or "".
func (m *Main) act(v api.Message, answered map[string]api.Message, us, them string) string {
	name := fmt.Sprintf("%s (%s%s)", v.Name, marked(v), v.Precedence)
	switch {
	case !v.Believed:
		return fmt.Sprintf("%s: %s%s arrived and is not believed (%s): ask %s by another way", us, marked(v), v.Name, plain.Line(v.Refusal), them)
	case v.Disputed != "":
		return fmt.Sprintf("%s: %s does not believe %s (%s)", us, them, name, plain.Line(v.Disputed))
	case v.Mine && !v.Receipted:
		return "" // it is on its way
	case v.Answer != "" || v.Expires != nil && m.Now().After(*v.Expires):
		return ""
	}
	who := strings.Join(v.To, " and ")
	a, ok := answered[v.Name]
	if console.Changes(v) {
		if v.Mine || ok {
			return "" // nobody is asked for an answer
		}
		return fmt.Sprintf("%s: with %s, %s changed its officers or keys, %s: look (parley line show), then parley ack %s read", who, v.Name, them, clock(v.Received), v.Name)
	}
	if !ok {
		return fmt.Sprintf("%s: %s from %s has no answer, since %s", who, name, v.From, clock(v.Received))
	}
	if console.Settled(a.Answer) {
		return ""
	}
	text := fmt.Sprintf("%s: %s is answered with %q only", who, name, a.Answer)
	if a.By != nil {
		text = fmt.Sprintf("%s: %s is to be answered by %s", who, name, clock(*a.By))
		if late := m.Now().Sub(*a.By); late > 0 {
			text += fmt.Sprintf(", LATE by %s", late.Round(time.Second))
		}
	}
	return text
}

// onItsWay names what the other side has not proved to hold.
func onItsWay(all []api.Message) []string {
	var out []string
	for _, v := range all {
		if v.Mine && !v.Receipted {
			out = append(out, fmt.Sprintf("%s (%s%s)", v.Name, marked(v), v.Precedence))
		}
	}
	const most = 5
	if more := len(out) - most; more > 0 {
		out = append(out[:most], fmt.Sprintf("and %d more", more))
	}
	return out
}

// marked is the mark of an exercise before other words.
func marked(v api.Message) string {
	var words string
	if v.Deniable {
		words = deniableMark + " "
	}
	if v.Status == parley.Exercise.String() {
		words += exerciseMark + " "
	}
	return words
}

// status is the status of a message in a column.
func status(v api.Message) string {
	switch {
	case v.Status == "":
		return "-"
	case v.Status == parley.Exercise.String():
		return marked(v)[:len(marked(v))-1]
	case v.Deniable:
		return deniableMark
	}
	return v.Status
}
