package station

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/wire"
)

// Quota bounds what the other side of a line can make this station keep
// (spec/RECEIPT.md §8). In a field 0 stands for the default, and what is below
// 0 for no bound. Messages and Bytes are a store that fills at once if it must,
// and empties evenly within Per; Flash and FlashBytes are a second one, which
// only Flash may use, when the first is full.
type Quota struct {
	Messages int64 // 10,000
	Bytes    int64 // of entries, each with 1 KiB for what is kept beside it; 64 MiB

	Flash      int64 // 500
	FlashBytes int64 // 16 MiB

	Per time.Duration // 24 h

	// Room is what must stay free of the disk, in bytes: below it only Flash of
	// the other side is stored, so that the last room is ours. The default is
	// 1 GiB, or a twentieth of the disk where that is less.
	Room int64
}

// NoQuota returns a quota without a bound, for figures of something else.
func NoQuota() Quota { return Quota{Messages: -1, Bytes: -1, Flash: -1, FlashBytes: -1, Room: -1} }

// besides is what the rows of an entry take in the journal beside its own bytes.
const besides = 1 << 10

func (q Quota) withDefaults() Quota {
	for _, d := range []struct {
		field *int64
		value int64
	}{
		{&q.Messages, 10_000}, {&q.Bytes, 64 << 20}, {&q.Flash, 500}, {&q.FlashBytes, 16 << 20},
	} {
		switch {
		case *d.field == 0:
			*d.field = d.value
		case *d.field < 0:
			*d.field = math.MaxInt64
		}
	}
	if q.Per <= 0 {
		q.Per = 24 * time.Hour
	}
	return q
}

// fill is how much of a bound is used: 0 none, 1 all of it.
type fill struct{ messages, bytes float64 }

// with is the fill with one more entry.
func (f fill) with(messages, bytes int64, size int) fill {
	f.messages += 1 / float64(messages)
	f.bytes += float64(size+besides) / float64(bytes)
	return f
}

// full is the fuller of both; more than 1 is too full.
func (f fill) full() float64 { return max(f.messages, f.bytes) }

func (f *fill) empty(part float64) {
	f.messages, f.bytes = max(0, f.messages-part), max(0, f.bytes-part)
}

// used is what the other side used of its quota, and what of it was held back.
type used struct {
	at         parley.Time // when both were as full as they say
	all, flash fill
	wants      int // the size of what was held back last; 0: nothing is
}

// pass lets both empty until now. A clock that is set back empties nothing.
func (u *used) pass(now parley.Time, per time.Duration) {
	if now > u.at && u.at != 0 {
		part := float64(now-u.at) / float64(per.Milliseconds())
		u.all.empty(part)
		u.flash.empty(part)
	}
	u.at = now
}

// usedBytes is the length of used as the journal has it.
const usedBytes = 5 * 8

func (u used) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(u.at))
	for _, f := range []float64{u.all.messages, u.all.bytes, u.flash.messages, u.flash.bytes} {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(f))
	}
	return b
}

func (l *Line) loadUsed() (u used, err error) {
	b, err := l.journal.Meta(l.metaKey("quota"))
	if errors.Is(err, journal.ErrNotFound) {
		return u, nil
	}
	if err != nil {
		return u, err
	}
	if len(b) != usedBytes {
		return u, fmt.Errorf("the used quota of %s in the journal has %d bytes", l.peer.Party, len(b))
	}
	u.at = parley.Time(binary.BigEndian.Uint64(b))
	for i, f := range []*float64{&u.all.messages, &u.all.bytes, &u.flash.messages, &u.flash.bytes} {
		*f = math.Float64frombits(binary.BigEndian.Uint64(b[8+8*i:]))
	}
	return u, nil
}

// beginQuota lets the quota empty, and forgets what was held back when there is room
// for the like of it.
func (t *turn) beginQuota() {
	t.tight = t.l.room.tight(t.l, t.now)
	t.next.used.pass(t.now, t.l.quota.Per)
	if !t.only && !t.shut(t.next.used.wants) {
		t.next.used.wants = 0
	}
}

// errHeldBack is an entry that is over a quota: neither stored nor refused.
var errHeldBack = errors.New("over a quota")

// shut reports whether there is room for Flash only, for an entry of a size.
func (t *turn) shut(size int) bool {
	q := t.l.quota
	return t.only || t.tight || t.next.used.all.with(q.Messages, q.Bytes, size).full() > 1
}

// admit takes the room for an entry of theirs, or reports that there is none.
// What is not believed is no Flash, whatever it says of itself.
func (t *turn) admit(flash bool, size int) bool {
	q, u := t.l.quota, &t.next.used
	switch {
	case !t.shut(size):
		u.all = u.all.with(q.Messages, q.Bytes, size)
	case flash && u.flash.with(q.Flash, q.FlashBytes, size).full() <= 1:
		u.flash = u.flash.with(q.Flash, q.FlashBytes, size)
	default:
		return false
	}
	t.charged = true
	return true
}

// charge keeps what this turn used of the quota.
func (t *turn) charge() {
	if !t.charged {
		return
	}
	value := t.next.used.append(nil)
	t.write(func(tx *journal.Tx) error { return tx.SetMeta(t.l.metaKey("quota"), value) })
}

// heldBack answers an entry that is over a quota, and tells a person.
func (t *turn) heldBack(channel string, size int) {
	t.tell(link.HeldBack{Channel: channel})
	if t.only {
		return // it has room when the disk has
	}
	t.next.used.wants = size
	l := t.l
	t.after(func() { l.conduct.heldBack.add(t.now) })
	if t.tight {
		t.warn("room", fmt.Sprintf("the disk is nearly full: of what %s says only Flash is stored until there is room. Nothing is lost: it is sent again", l.peer.Party))
		return
	}
	t.warn("quota", fmt.Sprintf("%s is over its quota of %s: only its Flash is stored until there is room. Nothing is lost: it is sent again. The quota stands in parley.toml",
		l.peer.Party, l.quota))
}

// String returns the quota in words.
func (q Quota) String() string {
	q = q.withDefaults()
	if q.Messages == math.MaxInt64 && q.Bytes == math.MaxInt64 {
		return "any number of messages"
	}
	return fmt.Sprintf("%d messages or %d MiB in %s", q.Messages, q.Bytes>>20, q.Per)
}

// The bounds of what a report asks to wait, in seconds: a station that is over
// its quota sends all it has each time.
const (
	leastWait = 30
	mostWait  = 600
)

// wait returns for how many seconds nothing but Flash is taken, 0 if there is
// room now.
func (l *Line) wait(now parley.Time) uint64 {
	u := l.st.used
	if u.wants == 0 {
		return 0
	}
	u.pass(now, l.quota.Per)
	over := u.all.with(l.quota.Messages, l.quota.Bytes, u.wants).full() - 1
	if over > 0 {
		return uint64(min(max(over*l.quota.Per.Seconds(), leastWait), mostWait))
	}
	if l.room.tight(l, now) {
		return 2 * leastWait
	}
	return 0
}

// claimsFlash reports whether an entry says that it is Flash. It verifies
// nothing, and so costs little.
func claimsFlash(entry []byte) bool {
	e, err := wire.ParseEntry(entry)
	if err != nil {
		return false
	}
	s, err := wire.ParseSigned(e.Signed)
	if err != nil {
		return false
	}
	c, err := wire.ParseContent(s.Content)
	return err == nil && c.Precedence == parley.Flash
}
