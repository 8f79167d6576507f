package station

import (
	"time"

	"parley"
)

// spell is something that happens again and again: how often, since when, and
// when last. One that paused for spellEnds begins anew.
type spell struct {
	count       uint64
	first, last parley.Time
}

// spellEnds is in milliseconds.
const spellEnds = parley.Time(600_000)

func (s *spell) add(at parley.Time) {
	if s.count == 0 || at > s.last+spellEnds {
		*s = spell{first: at}
	}
	s.count++
	s.last = at
}

// over reports whether the spell is over at a time.
func (s spell) over(now parley.Time) bool { return s.count == 0 || now > s.last+spellEnds }

// conduct is what the other side and the channels did lately, as far as a
// person should know it. Its maps have the line's channels for keys.
type conduct struct {
	noise    map[string]spell // refused since the last frame that was taken whole
	fresh    map[string]spell // entries that were new
	copies   map[string]spell // entries that were held already
	latest   map[string]parley.Time
	heldBack spell // what was over a quota, copies too
	unknown  spell // frames under epochs that are not held
	opened   spell // epochs that they opened
	former   spell // epochs that they opened by a station key that they had ended, since they were heard last

	unproved parley.Time // since when nothing more of ours was proved; 0: all is
	begun    parley.Time // of the first turn
	heard    parley.Time // last authentic frame
	spared   spared
	clock    clockWatch
}

func newConduct() conduct {
	return conduct{
		noise: map[string]spell{}, fresh: map[string]spell{}, copies: map[string]spell{}, latest: map[string]parley.Time{},
	}
}

// count adds to a spell of a channel.
func count(m map[string]spell, channel string, at parley.Time) {
	s := m[channel]
	s.add(at)
	m[channel] = s
}

// spared is what the other side says of holding back what we say.
type spared struct {
	since, until parley.Time // 0: it does not
}

// copied notes a copy that came by a channel, of an entry stored at a time
// before; 0 if that is not known.
func (c *conduct) copied(channel string, stored, now parley.Time) {
	if c.copies[channel].over(now) {
		delete(c.latest, channel)
	}
	count(c.copies, channel, now)
	if stored != 0 && now > stored {
		c.latest[channel] = max(c.latest[channel], now-stored)
	}
}

// progress notes how much of ours is proved after a turn.
func (c *conduct) progress(before, after ownLog, single bool, now parley.Time) {
	switch {
	case after.size == after.cosignedSize:
		c.unproved = 0
	case c.unproved == 0 || single || after.cosignedSize != before.cosignedSize:
		c.unproved = now
	}
}

// clockWatch compares this machine's clock with its time since the start, and
// the other side's clock with ours.
type clockWatch struct {
	begun time.Time // with the monotonic time
	off   time.Duration
	known bool
	ours  jump
	slept time.Duration // of the machine, in all, at the last look
	sleep jump

	skew  time.Duration // theirs less ours
	doubt time.Duration // by how much skew may be wrong, either way
	asked bool          // skew is known
	their jump
}

// jump is a clock that was set while the station ran.
type jump struct {
	at parley.Time
	by time.Duration
}

// jumpLeast is by how much a clock must move at once to have been set: more
// than any service that keeps a clock corrects without saying so.
const jumpLeast = 10 * time.Second

// look compares the clock with the time that passed while the machine was awake, and
// how long it slept, in all. It returns by how much the clock went on beyond the time
// that this station saw pass since the last look.
func (w *clockWatch) look(wall time.Time, slept time.Duration) (jumped time.Duration) {
	off := wall.Round(0).Sub(w.begun.Round(0)) - time.Since(w.begun)
	if w.known && (off-w.off).Abs() >= jumpLeast {
		jumped = off - w.off
	}
	if asleep := slept - w.slept; w.known && asleep >= jumpLeast {
		w.sleep = jump{at: parley.TimeOf(wall), by: asleep}
	}
	if set := off - w.off - (slept - w.slept); w.known && set.Abs() >= jumpLeast {
		w.ours = jump{at: parley.TimeOf(wall), by: set}
		w.asked = false // what is known of theirs was by the clock as it was
	}
	w.off, w.slept, w.known = off, slept, true
	return jumped
}

// tripMost is how long a line check may have been on its way to tell anything
// about a clock, in milliseconds: our own may be set on the way of a longer one.
const tripMost = parley.Time(60_000)

// theirs takes the time in their answer to a line check that was asked and
// answered at these times of ours. Where on the way it was written nobody knows,
// so that it is in doubt by half of the way. A clock was set only where it moved
// by jumpLeast beyond both doubts, and the surer of two that agree is kept.
func (w *clockWatch) theirs(said, asked, answered parley.Time) {
	if answered < asked || answered > asked+tripMost {
		return
	}
	skew := time.Duration(int64(said)-int64(asked/2+answered/2)) * time.Millisecond
	doubt := time.Duration(answered-asked) * time.Millisecond / 2
	if w.asked {
		moved := (skew - w.skew).Abs() - doubt - w.doubt
		if moved >= jumpLeast {
			w.their = jump{at: answered, by: skew - w.skew}
		}
		if moved <= 0 && doubt > w.doubt {
			return
		}
	}
	w.skew, w.doubt, w.asked = skew, doubt, true
}
