package console

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/plain"
	"parley/internal/station"
)

// remindEvery is how often Tell repeats which Flash nobody has answered, or not by
// the time that was promised.
const remindEvery = time.Minute

// toldLimit is how much of a line is told in a minute that is no Flash: more hides
// what matters from who listens. openLimit is how much of it that is not done.
// What was missed is made good by all that is so, wholeEvery at most.
const (
	toldLimit  = 30
	openLimit  = 20
	wholeEvery = 10 * time.Second
)

// excerptLimit is how much of a text Tell gives, in characters.
const excerptLimit = 200

// teller tells in lines of text what a screen would show.
type teller struct {
	o    Options
	say  func(string)
	a    *asker
	gone bool
	last string // what was told last, without its time
	// told counts, by line, what was told in this minute that is no Flash, and
	// left what was left out of it.
	told, left map[string]int
	whole      time.Time // when all was told last because some was missed
	// proved are the channels of which a proof was told since they last went up.
	proved map[string]bool
}

// Tell tells in one line each how the lines stand, and then what happens, for
// screen readers and logs, until ctx ends. Each line begins with a time and the
// name of a line, "-" where it is about the station. It uses o's Client, Self and Now.
func Tell(ctx context.Context, o Options, say func(string)) error {
	ctx, cancel := context.WithCancel(ctx)
	heard, ended := make(chan news), make(chan struct{})
	go func() { listen(ctx, o.Client, heard); close(ended) }()
	defer func() { cancel(); <-ended }()
	t := &teller{o: o, say: say, a: newAsker(o.Client), told: map[string]int{}, left: map[string]int{}, proved: map[string]bool{}}
	remind := time.NewTicker(remindEvery)
	defer remind.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case n := <-heard:
			err = t.hear(ctx, n)
		case <-remind.C:
			t.leftOut()
			err = t.remind(ctx)
		}
		if err != nil && !over(ctx, err) {
			// The station went while it was asked: listening finds that too, and
			// what is to be told is told when it is back.
			t.lost(err)
		}
	}
}

// line tells one thing.
func (t *teller) line(at time.Time, line, text string) {
	if line == "" {
		line = "-"
	}
	// The same thing can be proved over several channels at once.
	if text = plain.Line(line) + "  " + text; text != t.last {
		t.last = text
		t.say(moment(at) + "  " + text)
	}
}

func (t *teller) lost(err error) {
	if !t.gone {
		t.gone = true
		t.line(t.o.Now(), "", "NO STATION: it does not answer: "+plain.Line(err.Error())+". It is tried until it does; parley serve starts it")
	}
}

// hear tells a piece of news.
func (t *teller) hear(ctx context.Context, n news) error {
	switch {
	case n.gone != nil:
		t.lost(n.gone)
		return nil
	case n.connected:
		t.gone = false
		return t.all(ctx)
	}
	e := n.event
	if e.Missed > 0 {
		t.line(e.At, "", plural(int(min(e.Missed, 1<<30)), "line is", "lines are")+" left out here: this is how it stands now")
		if now := t.o.Now(); now.Sub(t.whole).Abs() >= wholeEvery {
			t.whole = now
			if err := t.all(ctx); err != nil {
				return err
			}
		}
	}
	text, err := t.event(ctx, e)
	if err == nil && text != "" {
		t.line(e.At, e.Line, text)
	}
	return err
}

// spare reports whether something of a line that is no Flash is left out, because
// so much was told in this minute.
func (t *teller) spare(line string) bool {
	if t.told[line]++; t.told[line] <= toldLimit {
		return false
	}
	t.left[line]++
	return true
}

// leftOut tells once a minute what was left out.
func (t *teller) leftOut() {
	for _, line := range slices.Sorted(maps.Keys(t.left)) {
		t.line(t.o.Now(), line, fmt.Sprintf("LEFT OUT: %s in the last minute, none of them Flash; parley inbox --line %s lists them",
			plural(t.left[line], "thing more", "things more"), plain.Line(line)))
	}
	clear(t.told)
	clear(t.left)
}

// all tells how every line stands.
func (t *teller) all(ctx context.Context) error {
	lines, err := t.a.all(ctx, true)
	if err != nil {
		return err
	}
	now := t.o.Now()
	if len(lines) == 0 {
		t.line(now, "", "there is no line yet that the station serves")
	}
	for _, l := range lines {
		for _, text := range state(t.o.Self, l, now) {
			t.line(now, l.Name, text)
		}
		for _, ch := range l.Status.Channels {
			t.proved[l.Name+" "+ch.Name] = ch.Up && ch.Proven != nil && ch.Silent == nil
		}
	}
	return nil
}

// state tells how a line stands.
func state(self string, l Line, now time.Time) (out []string) {
	if why := l.Status.Ours.Halted; why != "" {
		out = append(out, "HALTED: nothing is signed any more on this line: "+plain.Line(why))
	}
	if l.Status.Ours.Restoring {
		out = append(out, "RESTORED from a backup: nothing is signed before "+l.Name+" has said how far our log goes")
	}
	if why := l.Status.Theirs.Halted; why != "" {
		out = append(out, "HALTED: their log is not receipted any more: "+plain.Line(why))
	}
	for _, ch := range l.Status.Channels {
		is, _ := channelState(ch)
		proof := "UNPROVEN"
		if ch.Silent != nil {
			proof = "UNPROVEN since " + moment(*ch.Silent)
		} else if ch.Proven != nil {
			proof = fmt.Sprintf("proved both ways at %s, round trip %s", moment(*ch.Proven), time.Duration(min(ch.RoundTrip, 1<<40))*time.Millisecond)
		}
		if !ch.Up && ch.Enabled && ch.Error != "" {
			proof += ", trouble: " + plain.Line(ch.Error)
		}
		out = append(out, fmt.Sprintf("channel %s is %s, %s", ch.Name, is, proof))
	}
	for _, tr := range l.Status.Troubles {
		out = append(out, "TROUBLE: "+plain.Line(tr.What)+". What to do: "+plain.Line(tr.Do))
	}
	opens := Opens(self, l, now)
	less := 0
	for _, o := range opens {
		if less++; o.Urgent() {
			less-- // each is told
		}
		if less <= openLimit || o.Urgent() {
			out = append(out, o.String(now))
		}
	}
	if less > openLimit {
		out = append(out, fmt.Sprintf("NOT DONE: %d more, none of them Flash; parley status lists them", less-openLimit))
	}
	if len(opens) == 0 {
		out = append(out, "nobody must act")
	}
	return out
}

// String returns what is open as a line of text.
func (o Open) String(now time.Time) string {
	return fmt.Sprintf("NOT DONE, for %s: %s%s%s: %s", span(now.Sub(o.Since)), o.turn(), mark(o.message(), o.precedence()), o.Name, o.What)
}

// turn is what stands before What: whose turn it is, "" where only the channels
// can do anything.
func (o Open) turn() string {
	if o.Who == nobody {
		return ""
	}
	return o.Who + ": "
}

// precedence is the precedence of what is open, "" if it is not believed.
func (o Open) precedence() string {
	if o.Draft != nil {
		return o.Draft.Text.Precedence
	}
	return o.Message.Precedence
}

// mark is what stands before the name of a message: what it proves and whether it is an exercise first, and the
// precedence in capitals.
func mark(v api.Message, precedence string) string {
	var words string
	if v.Deniable {
		words = deniableMark + " "
	}
	if exercise(v) {
		words += exerciseMark + " "
	}
	if precedence != "" {
		words += upper(precedence) + " "
	}
	return words
}

// remind repeats what is pressing.
func (t *teller) remind(ctx context.Context) error {
	if t.gone {
		return nil
	}
	lines, err := t.a.all(ctx, false)
	if err != nil {
		return err
	}
	now := t.o.Now()
	for _, l := range lines {
		for _, o := range Opens(t.o.Self, l, now) {
			if o.pressing() {
				t.line(now, l.Name, "STILL "+o.String(now))
			}
		}
	}
	return nil
}

// pressing reports whether it is repeated: a Flash, no exercise, that nobody has
// answered, or not by the time that was promised. That one is on hold was told when
// the answer came.
func (o Open) pressing() bool { return o.Urgent() && (!o.Answered || o.Late > 0) }

// event returns a piece of news as text; "" if there is nothing to tell.
func (t *teller) event(ctx context.Context, e api.Event) (string, error) {
	channel := e.Line + " " + e.Channel
	switch e.Kind {
	case station.EventArrived.String(), station.EventReleased.String():
		v, err := t.o.Client.Message(ctx, e.Line, e.Message)
		if err != nil {
			return "", err
		}
		if !v.Mine && (v.Precedence != parley.Flash.String() || exercise(v)) && t.spare(e.Line) {
			return "", nil
		}
		text := strings.ToUpper(e.Kind) + " " + told(v)
		if v.Sent != "" {
			text += " (it was " + plain.Line(v.Sent) + " until " + e.Line + " was restored)"
		}
		return text, nil
	case station.EventProved.String():
		return fmt.Sprintf("HELD: %s proved to hold everything up to %s", e.Line, e.Message), nil
	case station.EventSingle.String():
		return fmt.Sprintf("HELD: %s proved to hold %s", e.Line, e.Message), nil
	case station.EventRefused.String():
		if t.spare(e.Line) {
			return "", nil
		}
		return fmt.Sprintf("NOT BELIEVED: %s is stored and not believed: %s. Ask %s by another way", e.Message, plain.Line(e.Text), e.Line), nil
	case station.EventDisputed.String():
		if t.spare(e.Line) {
			return "", nil
		}
		return fmt.Sprintf("REFUSED: %s does not believe %s: %s", e.Line, e.Message, plain.Line(e.Text)), nil
	case station.EventChannel.String():
		t.proved[channel] = false
		return fmt.Sprintf("channel %s is %s", e.Channel, upper(plain.Line(e.Text))), nil
	case station.EventChecked.String():
		if t.proved[channel] {
			return "", nil // the first proof after a change is news, the next is not
		}
		t.proved[channel] = true
		return fmt.Sprintf("channel %s is proved both ways", e.Channel), nil
	case station.EventDraft.String():
		d, err := t.o.Client.DraftByID(ctx, e.Line, e.Text)
		var answer *api.Error
		if errors.As(err, &answer) && answer.Code == api.CodeMissing {
			return "", nil // it was released or withdrawn since, which is told next
		}
		if err != nil {
			return "", err
		}
		return openDraft(t.o.Self, &d).String(t.o.Now()), nil
	case station.EventWithdrawn.String():
		return "WITHDRAWN: " + draftName(plain.Line(e.Text)), nil
	case station.EventRoster.String():
		return "ROSTER: " + plain.Line(e.Text), nil
	case station.EventRenumbered.String():
		return fmt.Sprintf("RENUMBERED: %s is %s since %s was restored", plain.Line(e.Text), e.Message, e.Line), nil
	case station.EventNotice.String():
		return "NOTICE: " + plain.Line(e.Text), nil
	case station.EventAlarm.String():
		return "ALARM: " + plain.Line(e.Text), nil
	}
	return fmt.Sprintf("%s %s %s", e.Kind, e.Channel, plain.Line(e.Text)), nil
}

// told returns a message as a line of text, its own words last.
func told(v api.Message) string {
	if !v.Believed {
		return v.Name + " NOT BELIEVED: " + plain.Line(v.Refusal)
	}
	text := fmt.Sprintf("%s%s from %s to %s", mark(v, v.Precedence), v.Name, v.From, strings.Join(v.To, " and "))
	if v.Answer != "" {
		text += ", ANSWER " + digest(v)
		if v.By != nil {
			text += " by " + moment(*v.By)
		}
	}
	if v.Body != "" {
		text += ": " + plain.Excerpt(Brief(v), excerptLimit)
	}
	return text
}
