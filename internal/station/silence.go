package station

import (
	"fmt"
	"time"

	"parley"
	"parley/internal/courier"
)

// A channel that seems to be up and answers no line check, and a side of which
// nothing comes by any channel, are alarms, told once an hour, and troubles for
// as long as they are so. The next answer, or the next frame, ends them.

// unansweredLeast is the least time, in milliseconds, without a word of the other
// side that is told.
const unansweredLeast = parley.Time(10_000)

// aloneAfter is how long nothing comes of the other side before that is told:
// twice the time within which a channel that carries brings a line check, as the
// slowest fast one has it. On a line of carriers that is the pouch window.
func (l *Line) aloneAfter() parley.Time {
	var after parley.Time
	for _, r := range l.routes {
		if p := l.checks[r.Channel.Name()]; r.Class == courier.Fast {
			after = max(after, 2*(p.every+p.patience), unansweredLeast)
		}
	}
	if after == 0 {
		after = parley.Time(l.roster.Terms.PouchWindow.Milliseconds())
	}
	return after
}

// alone returns since when nothing has come of the other side by any channel,
// once that is too long, or 0.
func (l *Line) alone(now parley.Time) parley.Time {
	since := max(l.conduct.begun, l.conduct.heard)
	if since == 0 || now < since+l.aloneAfter() {
		return 0
	}
	return since
}

// listen tells when the other side is heard no more.
func (t *turn) listen() {
	if t.l.conduct.begun == 0 {
		t.l.conduct.begun = t.now
	}
	if len(t.frames) > 0 {
		return // it may be heard in this very turn
	}
	if since := t.l.alone(t.now); since != 0 {
		n := t.l.nobody(since, t.now)
		t.warn("alone", n.What+". What to do: "+n.Do)
	}
}

// nobody is the trouble that the other side is not heard.
func (l *Line) nobody(since, now parley.Time) Trouble {
	peer := l.peer.Party
	return Trouble{First: since, Last: now,
		What: fmt.Sprintf("NOBODY ANSWERS: nothing of %s has come by any channel for %s", peer, span(now-since)),
		Do:   l.beforeThat(now) + fmt.Sprintf("see whether this side is cut off; ask %s by another way whether its station runs; send what matters by the pouch. What was said stays on its way (docs/channels.md)", peer)}
}

// silent is the trouble that a channel is not proved any more.
func (l *Line) silent(channel string, since, now parley.Time) Trouble {
	return Trouble{Channel: channel, First: since, Last: now,
		What: fmt.Sprintf("SILENT: %s seems to be up, and for %s no line check on it was answered", channel, span(now-since)),
		Do:   l.beforeThat(now) + fmt.Sprintf("look for what swallows: a middle box, a path that has become smaller, a station that hangs. The other channels carry meanwhile; parley check --line %s tells when it answers", l.peer.Party)}
}

// silences are the troubles of both kinds that are so now.
func (l *Line) silences(now parley.Time) (out []Trouble) {
	if since := l.alone(now); since != 0 {
		out = append(out, l.nobody(since, now))
	}
	for _, r := range l.routes {
		name := r.Channel.Name()
		if since := l.checks[name].silent(now); since != 0 {
			out = append(out, l.silent(name, since, now))
		}
	}
	return out
}

// jumped takes it from what is known of the line's silence that the clock was
// set: no time has passed.
func (l *Line) jumped(by time.Duration) {
	move := func(t *parley.Time) {
		if *t != 0 {
			*t = parley.TimeOf(t.Time().Add(by))
		}
	}
	move(&l.conduct.begun)
	move(&l.conduct.heard)
	move(&l.conduct.unproved)
	for _, p := range l.checks {
		move(&p.since)
		for i := range p.asked {
			move(&p.asked[i].at)
		}
	}
}
