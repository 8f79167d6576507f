package station

import (
	"fmt"
	"time"

	"parley"
)

// Trouble is something that the other side, a channel or a clock does and that
// a person should know: what is so, and what to do. It costs no message.
type Trouble struct {
	Channel     string // empty: of the whole line
	First, Last parley.Time
	Count       uint64 // how often; 0 where that says nothing
	What, Do    string
}

// From how many on, within a spell, something is told.
const (
	noiseLeast   = 8
	unknownLeast = 50
	openedLeast  = 100
	copiesLeast  = 30
)

// jumpTold is how long a clock's jump is told, in milliseconds.
const jumpTold = parley.Time(24 * 3600_000)

// patience is how long what we said is unproved, though frames come, before it is
// told, in milliseconds: two line checks, but 10 s at least and a minute at most.
func (l *Line) patience() parley.Time {
	return min(max(parley.Time(2*l.roster.Terms.CheckEvery.Milliseconds()), 10_000), 60_000)
}

// troubles returns what is so now. It runs in the line's goroutine.
func (l *Line) troubles(now parley.Time) (out []Trouble) {
	c, peer := &l.conduct, l.peer.Party
	out = append(out, l.formerTroubles(now)...)
	out = append(out, l.restoreTroubles(now)...)
	out = append(out, l.silences(now)...)
	out = append(out, l.quotaTroubles(now)...)
	for _, r := range l.routes {
		name := r.Channel.Name()
		if n := c.noise[name]; n.count >= noiseLeast && !n.over(now) {
			out = append(out, Trouble{Channel: name, First: n.first, Last: n.last, Count: n.count,
				What: fmt.Sprintf("NOISE: %d frames in a row that came by %s were refused, and none was good", n.count, name),
				Do:   l.beforeThat(now) + fmt.Sprintf("whoever holds the channel alters frames, or %s sends what is none: use the other channels, and disable this one (parley channel disable %s) if it is a burden", peer, name)})
		}
		if d := c.copies[name]; d.count >= copiesLeast && d.count >= c.fresh[name].count && !d.over(now) {
			out = append(out, Trouble{Channel: name, First: d.first, Last: d.last, Count: d.count,
				What: fmt.Sprintf("COPIES: %s brought %d copies of what was here, and %d new messages; the latest copy was %s behind", name, d.count, c.fresh[name].count, span(c.latest[name])),
				Do:   "nothing is lost, and nothing is shown twice: ask whoever runs the channel, if it is paid by the byte"})
		}
	}
	if u := c.unknown; u.count >= unknownLeast && !u.over(now) {
		out = append(out, Trouble{First: u.first, Last: u.last, Count: u.count,
			What: fmt.Sprintf("OLD EPOCHS: %d frames came that are sealed under epochs this station does not hold, and it has said so", u.count),
			Do:   fmt.Sprintf("if messages arrive all the same, someone repeats old frames, which changes nothing; if none do, ask %s to start its station anew", peer)})
	}
	if o := c.opened; o.count >= openedLeast && !o.over(now) {
		out = append(out, Trouble{First: o.first, Last: o.last, Count: o.count,
			What: fmt.Sprintf("EPOCHS: %s opened %d epochs, where one an hour is enough", peer, o.count),
			Do:   fmt.Sprintf("ask %s to look at its station: %d epochs are kept here, and no more", peer, epochsHeld)})
	}
	if c.unproved != 0 && now >= c.unproved+l.patience() && c.heard > c.unproved+l.patience()/2 && c.spared.until < now {
		out = append(out, Trouble{First: c.unproved, Last: c.heard,
			What: fmt.Sprintf("NO RECEIPT: %s is heard, and has proved to hold nothing more of what was said for %s", peer, span(now-c.unproved)),
			Do:   fmt.Sprintf("ask %s by another way: its disk may be full, or it may not want to receipt. What was said stays on its way", peer)})
	}
	return append(out, l.clockTroubles(now)...)
}

// quotaTroubles are what is held back, by either side.
func (l *Line) quotaTroubles(now parley.Time) (out []Trouble) {
	c, peer := &l.conduct, l.peer.Party
	if h := c.heldBack; h.count > 0 && l.wait(now) > 0 {
		what, do := "OVER ITS QUOTA", fmt.Sprintf("ask %s why it says so much; or give it more, in parley.toml, and start the station anew", peer)
		if l.room.tight(l, now) {
			what, do = "DISK NEARLY FULL", "make room on the disk of the journal"
		}
		out = append(out, Trouble{First: h.first, Last: h.last, Count: h.count,
			What: fmt.Sprintf("%s: only Flash of %s is stored until there is room (quota: %s). It sends the rest again", what, peer, l.quota), Do: do})
	}
	if s := c.spared; s.since != 0 && now < s.until+l.patience() {
		out = append(out, Trouble{First: s.since, Last: s.until,
			What: fmt.Sprintf("HELD BACK by the other side: over its quota. %s stores nothing but Flash of what we say until it has room", peer),
			Do:   fmt.Sprintf("say what matters as Flash; say less; ask %s to give this line more room. Nothing is lost: it is sent again", peer)})
	}
	return out
}

// clockTroubles are clocks that were set, or are far apart.
func (l *Line) clockTroubles(now parley.Time) (out []Trouble) {
	w, peer := &l.conduct.clock, l.peer.Party
	do := "set the clock that is wrong (docs/operations.md). The order of messages depends on no clock"
	if j := w.ours; j.at != 0 && now < j.at+jumpTold {
		out = append(out, Trouble{First: j.at, Last: j.at,
			What: fmt.Sprintf("CLOCK: the clock here was set %s while the station ran", moved(j.by)), Do: do})
	}
	if j := w.sleep; j.at != 0 && now < j.at+jumpTold {
		out = append(out, Trouble{First: j.at - parley.Time(j.by.Milliseconds()), Last: j.at,
			What: fmt.Sprintf("ASLEEP: this machine was suspended for %s, and nothing was received here meanwhile", span(parley.Time(j.by.Milliseconds()))),
			Do:   "keep it awake: a station runs at all hours (docs/operations.md)"})
	}
	if j := w.their; j.at != 0 && now < j.at+jumpTold {
		out = append(out, Trouble{First: j.at, Last: j.at,
			What: fmt.Sprintf("CLOCK: the clock of %s was set %s", peer, moved(j.by)), Do: do})
	}
	if w.asked && w.skew.Abs()-w.doubt >= time.Duration(clockTolerance)*time.Millisecond {
		out = append(out, Trouble{First: now, Last: now,
			What: fmt.Sprintf("CLOCK: the clock of %s is %s ours", peer, apart(w.skew)), Do: do})
	}
	return out
}

func moved(by time.Duration) string {
	if by < 0 {
		return "back by " + span(parley.Time((-by).Milliseconds()))
	}
	return "forward by " + span(parley.Time(by.Milliseconds()))
}

func apart(by time.Duration) string {
	if by < 0 {
		return span(parley.Time((-by).Milliseconds())) + " behind"
	}
	return span(parley.Time(by.Milliseconds())) + " ahead of"
}

// span is a length of time in words.
func span(ms parley.Time) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d < time.Minute:
		return d.Round(time.Millisecond).String()
	case d < 48*time.Hour:
		return d.Round(time.Second).String()
	}
	const day = 24 * time.Hour
	return fmt.Sprintf("%d days", int((d+day/2)/day))
}
