package link

import (
	"testing"
	"time"

	"parley"
)

// question is a line check that left.
type question struct {
	side    int
	channel string
	at      parley.Time
}

// questions returns those of a channel.
func (w *world) questions(channel string) (all []question) {
	for _, q := range w.asks {
		if q.channel == channel {
			all = append(all, q)
		}
	}
	return all
}

const day = 24 * 3600 * second

// TestChecksInTurn: for thirty idle days the two sides ask in turn on every channel, at its pace (R5).
func TestChecksInTurn(t *testing.T) {
	const every = 10 * time.Minute
	days := parley.Time(30)
	if testing.Short() {
		days = 7
	}
	w := scene(t, Config{CheckEvery: every},
		&route{delay: 25, jitter: 4}, &route{Channel: Channel{Narrow: true}, delay: 600, jitter: 50}, &route{Channel: Channel{Class: Carried}, every: 6 * 3600 * second})
	w.run(w.now + 2*day)
	w.asks = nil
	w.run(w.now + days*day)
	interval := parley.Time(every.Milliseconds())
	for channel, pace := range map[string]struct{ least, most parley.Time }{
		"a": {interval, interval + second},
		"b": {interval, interval + 2*second},
		"c": {day, day + 13*3600*second},
	} {
		all := w.questions(channel)
		if want := int((days - 1) * day / pace.most); len(all) < want {
			t.Errorf("channel %s was asked on %d times; want at least %d", channel, len(all), want)
		}
		for i := 1; i < len(all); i++ {
			gap := all[i].at - all[i-1].at
			if all[i].side == all[i-1].side || gap < pace.least || gap > pace.most {
				t.Fatalf("channel %s: question %d, by side %d, came %d s after one by side %d", channel, i, all[i].side, gap/second, all[i-1].side)
			}
		}
	}
	w.judge()
}

// TestSilentInitiator: a side that answers and never begins does not leave a channel unchecked: the other asks after the
// grace.
func TestSilentInitiator(t *testing.T) {
	w := scene(t, Config{CheckEvery: 24 * time.Hour}, &route{delay: 25})
	north := w.sides[0]
	north.link.cfg.CheckEvery = time.Minute
	north.step(CheckNow{})
	w.run(w.now + 10*second)
	w.asks = nil
	w.run(w.now + 3600*second)
	every, grace := north.link.cfg.Pace(north.link.channels[0].Channel)
	all := w.questions("a")
	if len(all) < 3500/int((every+grace)/second) {
		t.Errorf("%d questions in an hour", len(all))
	}
	for i, q := range all {
		if q.side != north.id || i > 0 && q.at-all[i-1].at > every+grace+second {
			t.Fatalf("question %d: %+v after %+v", i, q, all[max(i-1, 0)])
		}
	}
}

// TestMissedCheck: when a channel dies in silence each side has asked, waited and asked again before another interval
// has passed (R5).
func TestMissedCheck(t *testing.T) {
	const every = time.Minute
	for dead := range every / time.Second {
		r := &route{delay: 25}
		w := scene(t, Config{CheckEvery: every}, r)
		w.run(w.now + 600*second + parley.Time(dead)*second)
		r.deaf = [2]bool{true, true}
		w.asks = nil
		died := w.now
		w.run(w.now + 2*parley.Time(every.Milliseconds()))
		for id := range w.sides {
			var twice parley.Time
			n := 0
			for _, q := range w.questions("a") {
				if q.side == id {
					if n++; n == 2 {
						twice = q.at - died
					}
				}
			}
			if most := 2 * parley.Time(every.Milliseconds()); n < 2 || twice > most {
				t.Errorf("dead at second %d: side %d asked %d times, the second after %d s", dead, id, n, twice/second)
			}
		}
	}
}
