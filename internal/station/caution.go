package station

import (
	"fmt"

	"parley"
)

// caution is a kind of alarm that the other side can bring about again and
// again. It is told once in cautionEvery, so that many hide no other alarm;
// status says all the time what is so.
type caution string

// cautionEvery is in milliseconds.
const cautionEvery = parley.Time(3600_000)

// warn tells an alarm of a kind, unless it was told lately.
func (t *turn) warn(kind caution, text string) {
	if !t.l.lately(kind, t.now) {
		t.after(func() { t.l.warn(kind, t.now, text) })
	}
}

// warn is that outside of what a turn decides.
func (l *Line) warn(kind caution, now parley.Time, text string) {
	if !l.lately(kind, now) {
		l.told[kind] = now
		l.cfg.Notify(Event{Kind: EventAlarm, Line: l.id, At: now, Text: text})
	}
}

// lately reports whether an alarm of a kind was told within cautionEvery.
func (l *Line) lately(kind caution, now parley.Time) bool {
	at, ok := l.told[kind]
	return ok && now >= at && now < at+cautionEvery
}

// spared takes from a report whether the other side holds back what we say.
func (t *turn) spared(wait uint64) {
	s := &t.l.conduct.spared
	if wait == 0 {
		t.after(func() { *s = spared{} })
		return
	}
	t.after(func() {
		if s.since == 0 {
			s.since = t.now
		}
		s.until = t.now + parley.Time(wait)*1000
	})
	t.warn("spared", fmt.Sprintf("held back by the other side: over its quota. %s stores nothing but Flash of what we say, until it has room. Nothing is lost: it is sent again", t.l.peer.Party))
}
