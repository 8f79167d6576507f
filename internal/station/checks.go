package station

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"parley"
	"parley/link"
	"parley/receipt"
	"parley/wire"
)

// checksOpen bounds the line checks that wait for an answer.
const checksOpen = 64

// checks are the line checks of a line: what we asked and what was answered.
type checks struct {
	asked map[[8]byte]asked
	owed  map[string][8]byte // nonces of theirs to answer, by channel
	last  map[string]Proof   // the last answer on each channel
}

// asked is a check of ours on its way.
type asked struct {
	channel string
	at      parley.Time
}

// Proof is the last line check that a channel carried both ways.
type Proof struct {
	At        parley.Time // when the answer came
	RoundTrip parley.Time // in milliseconds, the other station's work included
}

// ask returns a signed line check for a channel (spec/RECEIPT.md §5).
func (l *Line) ask(channel string, now parley.Time) ([]byte, error) {
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, err
	}
	b, err := receipt.IssueCheck(wire.Check{
		Line: l.id, From: l.cfg.Party, Nonce: nonce, Time: now, Channel: channel, Roster: l.roster.Hash(),
	}, l.cfg.Keys.Station())
	if err != nil {
		return nil, err
	}
	if len(l.checks.asked) >= checksOpen {
		l.checks.forgetOldest()
	}
	l.checks.asked[nonce] = asked{channel: channel, at: now}
	return b, nil
}

func (c *checks) forgetOldest() {
	var oldest [8]byte
	var at parley.Time
	for n, a := range c.asked {
		if at == 0 || a.at < at {
			oldest, at = n, a.at
		}
	}
	delete(c.asked, oldest)
}

// answer returns the signed answer that we owe on a channel, or nil.
func (l *Line) answer(channel string, now parley.Time) ([]byte, error) {
	nonce, ok := l.checks.owed[channel]
	if !ok {
		return nil, nil
	}
	var mine [8]byte
	if _, err := rand.Read(mine[:]); err != nil {
		return nil, err
	}
	b, err := receipt.IssueCheck(wire.Check{
		Line: l.id, From: l.cfg.Party, Nonce: mine, Answers: nonce, Time: now, Channel: channel, Roster: l.roster.Hash(),
	}, l.cfg.Keys.Station())
	if err != nil {
		return nil, err
	}
	delete(l.checks.owed, channel)
	return b, nil
}

// errElsewhere is an answer that did not come by the channel it is about.
var errElsewhere = errors.New("not the channel it was asked on")

// peerCheck takes a line check of theirs, or their answer to ours.
func (t *turn) peerCheck(channel string, b []byte) error {
	c, err := receipt.OpenCheck(b, t.l.peer.Station)
	if err != nil {
		return err
	}
	switch {
	case c.Line != t.l.id || c.From != t.l.peer.Party:
		return fmt.Errorf("a line check of %s on line %s: %w", c.From, c.Line, errWrongLog)
	case c.Roster != t.l.roster.Hash():
		return fmt.Errorf("%s checks the line under another roster (%s): compare the words of both rosters", t.l.peer.Party, c.Roster)
	case c.Answers == [8]byte{}:
		t.after(func() { t.l.checks.owed[channel] = c.Nonce })
		t.tell(link.Checked{Channel: channel, Kind: link.CheckAsk})
		return nil
	}
	a, ok := t.l.checks.asked[c.Answers]
	if !ok {
		return nil // a copy, or too late to tell anything
	}
	if a.channel != channel || c.Channel != channel {
		// It proves neither channel both ways: someone between carried a frame of
		// the one over the other.
		return fmt.Errorf("the answer to a line check on %s came over %s, sent over %s: %w", a.channel, channel, c.Channel, errElsewhere)
	}
	t.after(func() {
		delete(t.l.checks.asked, c.Answers)
		t.l.checks.last[channel] = Proof{At: t.now, RoundTrip: t.now - min(a.at, t.now)}
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
