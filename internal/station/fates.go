package station

import (
	"cmp"
	"slices"

	"parley"
	"parley/internal/journal"
)

// fateKey is one message on one channel, out or in.
type fateKey struct {
	log       parley.LogID
	number    uint64
	channel   string
	direction journal.Direction
}

// fates are what became of each message on each channel, first time, last time
// and count (DESIGN §4, "Bounded"). A turn has its own, which count once it is
// settled; a line gathers them until a turn writes them.
type fates struct {
	seen  map[fateKey]journal.Fate
	since parley.Time // the first of them
}

// fatesHeld is how many are gathered before they are written, few enough that
// nobody waits for that, and fatesMost how many while they cannot be: of further
// messages nothing is gathered then.
const (
	fatesHeld = 256
	fatesMost = 64 * fatesHeld
	fatesRest = 1000 // fatesRest is how long they are gathered at least, unless there are many, in milliseconds.
)

func (f *fates) add(log parley.LogID, n uint64, channel string, at parley.Time, d journal.Direction) {
	f.put(fateKey{log, n, channel, d}, journal.Fate{Channel: channel, Direction: d, First: at, Last: at, Count: 1})
}

func (f *fates) put(k fateKey, more journal.Fate) {
	fate, ok := f.seen[k]
	if !ok {
		if len(f.seen) >= fatesMost {
			return
		}
		if f.seen == nil {
			f.seen, f.since = map[fateKey]journal.Fate{}, more.First
		}
		f.seen[k] = more
		return
	}
	fate.Last = more.Last
	fate.Count += more.Count
	f.seen[k] = fate
}

// merge adds what is gathered of a message to what the journal has of it.
func (f *fates) merge(ref parley.Ref, written []journal.Fate) []journal.Fate {
	for k, fate := range f.seen {
		if k.log != ref.Log || k.number != ref.Number {
			continue
		}
		at := slices.IndexFunc(written, func(w journal.Fate) bool {
			return w.Channel == fate.Channel && w.Direction == fate.Direction
		})
		if at < 0 {
			written = append(written, fate)
			continue
		}
		written[at].Last = fate.Last
		written[at].Count += fate.Count
	}
	slices.SortFunc(written, func(a, b journal.Fate) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Direction, b.Direction))
	})
	return written
}

// write hands what is gathered to the turn when there is much of it or the line
// has nothing else to do, and gathers the turn's own once that is settled. What
// a turn could not make durable stays gathered.
func (f *fates) write(t *turn) {
	rested := t.now >= f.since+fatesRest || t.now < f.since // the clock was set back
	if !t.l.full && (len(f.seen) >= fatesHeld || len(f.seen) > 0 && (t.last || t.woken && rested)) {
		t.write(f.into)
		t.after(func() { f.seen = nil })
	}
	t.after(func() {
		for k, fate := range t.fates.seen {
			f.put(k, fate)
		}
	})
}

// into writes what is gathered.
func (f *fates) into(tx *journal.Tx) error {
	for k, fate := range f.seen {
		if err := tx.PutFate(k.log, k.number, fate); err != nil {
			return err
		}
	}
	return nil
}
