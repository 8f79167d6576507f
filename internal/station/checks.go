package station

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/receipt"
	"parley/wire"
)

// checksOpen bounds the line checks of one channel that may still be answered: a month of them for one that is carried.
const checksOpen = 32

// checks are the line checks of a line, by channel.
type checks map[string]*proving

// proving is what we asked on a channel and what was answered.
type proving struct {
	every    parley.Time // how far apart the checks are
	patience parley.Time // how long an answer may take before the channel counts as silent
	asked    []asked     // those of ours that may still be answered, the oldest first
	since    parley.Time // when the first was asked that had no answer since; 0 for none
	told     bool        // people were told that it is silent
	owed     [8]byte     // the nonce of theirs that is to be answered; zero for none
	said     []answered  // our answers of late, the oldest first
	last     Proof
	carried  bool        // what is asked is kept in the journal
	left     parley.Time // when a check or an answer last left by a carrier
}

// asked is a check of ours on its way.
type asked struct {
	nonce [8]byte
	at    parley.Time
}

// answersKept bounds the answers of one channel that are given again, as they
// were, to whoever repeats an old question.
const answersKept = 16

// answered is our answer to a check of theirs.
type answered struct {
	nonce [8]byte
	by    ed25519.PublicKey // the station key that signed it
	bytes []byte
}

// Proof is the last line check that a channel carried both ways.
type Proof struct {
	At        parley.Time // when the answer came
	RoundTrip parley.Time // in milliseconds, the other station's work included
}

// newChecks is for the channels of a line. A carrier may take as long as the pouch window (spec/RECEIPT.md §5).
func newChecks(channels []link.Channel, cfg link.Config, pouch time.Duration) checks {
	all := make(checks, len(channels))
	for _, c := range channels {
		every, patience := cfg.Pace(c)
		if c.Class == link.Carried {
			patience = parley.Time(pouch.Milliseconds())
		}
		all[c.Name] = &proving{every: every, patience: patience, carried: c.Class == link.Carried}
	}
	return all
}

// silent returns since when a channel's line checks have had no answer, or 0.
func (p *proving) silent(now parley.Time) parley.Time {
	if p.since == 0 || now < p.since+p.patience {
		return 0
	}
	return p.since
}

// asks takes note of a check that leaves.
func (p *proving) asks(nonce [8]byte, now parley.Time) {
	if p.since == 0 || now < p.since { // or the clock was set back
		p.since = now
	}
	if len(p.asked) == checksOpen {
		p.asked = slices.Delete(p.asked, 0, 1)
	}
	p.asked = append(p.asked, asked{nonce, now})
}

// answers takes the answer to one of ours. Those before it may still be answered; they prove nothing more.
func (p *proving) answers(i int, now parley.Time) {
	p.last = Proof{At: now, RoundTrip: now - min(p.asked[i].at, now)}
	p.asked = slices.Delete(p.asked, i, i+1)
	p.since, p.told = 0, false
}

// restart forgets what a channel that was down did not carry: it is asked anew when it comes up.
func (p *proving) restart() { p.since, p.told = 0, false }

// find returns the check of ours with a nonce, and the channel it was asked on.
func (c checks) find(nonce [8]byte) (channel string, i int) {
	for name, p := range c {
		if i := slices.IndexFunc(p.asked, func(a asked) bool { return a.nonce == nonce }); i >= 0 {
			return name, i
		}
	}
	return "", -1
}

// ask returns a signed line check for a channel (spec/RECEIPT.md §5), and tells people when those before it have had no
// answer for too long.
func (l *Line) ask(channel string, now parley.Time, key crypto.Signer) ([]byte, error) {
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, err
	}
	b, err := receipt.IssueCheck(wire.Check{
		Line: l.id, From: l.cfg.Party, Nonce: nonce, Time: now, Channel: channel, Roster: l.roster.Hash(),
	}, key)
	if err != nil {
		return nil, err
	}
	p := l.checks[channel]
	if since := p.silent(now); since != 0 && !p.told {
		p.told = true
		l.cfg.Notify(Event{Kind: EventChannel, Line: l.id, At: now, Channel: channel, Text: "silent"})
		s := l.silent(channel, since, now)
		l.warn(caution("silent "+channel), now, s.What+". What to do: "+s.Do)
	}
	next := p.clone()
	next.asks(nonce, now)
	if next.carried {
		if err := l.leaves(channel, next, now); errors.Is(err, journal.ErrFull) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	*p = *next
	return b, nil
}

// answer returns the signed answer that we owe on a channel, or nil. A question
// that comes again has the same answer, and nothing is signed for it.
func (l *Line) answer(channel string, now parley.Time, key crypto.Signer) ([]byte, error) {
	p := l.checks[channel]
	if p.owed == [8]byte{} {
		return nil, nil
	}
	if i := slices.IndexFunc(p.said, func(a answered) bool { return a.nonce == p.owed && isBy(key, a.by) }); i >= 0 {
		p.owed = [8]byte{}
		return p.said[i].bytes, nil
	}
	var mine [8]byte
	if _, err := rand.Read(mine[:]); err != nil {
		return nil, err
	}
	b, err := receipt.IssueCheck(wire.Check{
		Line: l.id, From: l.cfg.Party, Nonce: mine, Answers: p.owed, Time: now, Channel: channel, Roster: l.roster.Hash(),
	}, key)
	if err != nil {
		return nil, err
	}
	if len(p.said) == answersKept {
		p.said = slices.Delete(p.said, 0, 1)
	}
	by, _ := key.Public().(ed25519.PublicKey)
	p.said = append(p.said, answered{p.owed, by, b})
	p.owed = [8]byte{}
	if p.carried {
		// On a full disk it goes all the same: then a restart within three days may
		// close the epoch that it is under, and the other side asks again.
		if err := l.leaves(channel, p, now); err != nil && !errors.Is(err, journal.ErrFull) {
			return nil, err
		}
	}
	return b, nil
}

// errElsewhere is an answer that did not come by the channel it is about.
var errElsewhere = errors.New("not the channel it was asked on")

// peerCheck takes a line check of theirs, or their answer to ours.
func (t *turn) peerCheck(channel string, b []byte) error {
	key, err := t.theirKey(b)
	if err != nil {
		return err
	}
	c, err := receipt.OpenCheck(b, key)
	if err != nil {
		return err
	}
	t.heardBy(key)
	switch {
	case c.Line != t.l.id || c.From != t.l.peer.Party:
		return fmt.Errorf("a line check of %s on line %s: %w", c.From, c.Line, errWrongLog)
	case c.Roster != t.l.roster.Hash():
		return fmt.Errorf("%s checks the line under another roster (%s): compare the words of both rosters", t.l.peer.Party, c.Roster)
	case c.Answers == [8]byte{}:
		t.after(func() { t.l.checks[channel].owed = c.Nonce })
		t.tell(link.Checked{Channel: channel, Kind: link.CheckAsk})
		return nil
	}
	asked, i := t.l.checks.find(c.Answers)
	if i < 0 {
		return nil // a copy, or too late to tell anything
	}
	if asked != channel || c.Channel != channel {
		// It proves neither channel both ways: someone between carried a frame of
		// the one over the other.
		return fmt.Errorf("the answer to a line check on %s came over %s, sent over %s: %w", asked, channel, c.Channel, errElsewhere)
	}
	if t.l.checks[channel].carried {
		t.keepAnswered(channel, c.Answers)
	}
	t.after(func() {
		if name, i := t.l.checks.find(c.Answers); i >= 0 { // not twice in a turn
			t.l.conduct.clock.theirs(c.Time, t.l.checks[name].asked[i].at, t.now)
			t.l.checks[name].answers(i, t.now)
		}
	})
	t.tell(link.Checked{Channel: channel, Kind: link.CheckAnswer})
	t.report(Event{Kind: EventChecked, Channel: channel})
	return nil
}

// CheckNow asks for a line check on every channel that is up. The answers
// come as events and in Status.
func (l *Line) CheckNow(ctx context.Context) error {
	return l.do(ctx, func() { l.step(parley.TimeOf(l.cfg.Now()), link.CheckNow{}) })
}
