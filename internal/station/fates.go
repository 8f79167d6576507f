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

// fates gathers what became of each message on each channel, first time, last
// time and count, until a turn writes them (DESIGN §4, "Bounded").
type fates struct {
	seen map[fateKey]journal.Fate
}

// fatesHeld is how many are gathered before they are written.
const fatesHeld = 1024

func (f *fates) add(log parley.LogID, n uint64, channel string, at parley.Time, d journal.Direction) {
	if f.seen == nil {
		f.seen = map[fateKey]journal.Fate{}
	}
	k := fateKey{log, n, channel, d}
	fate, ok := f.seen[k]
	if !ok {
		fate = journal.Fate{Channel: channel, Direction: d, First: at}
	}
	fate.Last = at
	fate.Count++
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

// write hands the gathered fates to the turn, when there are many or the line
// has nothing else to do.
func (f *fates) write(t *turn) {
	if len(f.seen) < fatesHeld && !t.woken || len(f.seen) == 0 {
		return
	}
	seen := f.seen
	f.seen = nil
	t.write(func(tx *journal.Tx) error {
		for k, fate := range seen {
			if err := tx.PutFate(k.log, k.number, fate); err != nil {
				return err
			}
		}
		return nil
	})
}
