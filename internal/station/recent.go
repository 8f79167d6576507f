package station

import (
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/wire"
)

// recentBytes bounds our own entries that are kept in memory, so that what is
// sent at once need not be read back.
const recentBytes = 4 << 20

// recent holds our newest entries.
type recent struct {
	entries map[uint64][]byte
	order   []uint64
	bytes   int
}

func (r *recent) put(n uint64, entry []byte) {
	if r.entries == nil {
		r.entries = map[uint64][]byte{}
	}
	r.entries[n] = entry
	r.order = append(r.order, n)
	r.bytes += len(entry)
	for r.bytes > recentBytes {
		oldest := r.order[0]
		r.order = r.order[1:]
		r.bytes -= len(r.entries[oldest])
		delete(r.entries, oldest)
	}
}

func (r *recent) get(n uint64) []byte { return r.entries[n] }

// reportRanges is how many ranges ahead of a gap a report names; the rest is
// named when these are closed.
const reportRanges = 32

// aheadRanges returns what is held beyond the gap as ranges, lowest first.
func aheadRanges(ahead map[uint64]aheadLeaf) []wire.Range {
	numbers := make([]uint64, 0, len(ahead))
	for n := range ahead {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var out []wire.Range
	for _, n := range numbers {
		if k := len(out); k > 0 && out[k-1].Last+1 == n {
			out[k-1].Last = n
			continue
		}
		if len(out) == reportRanges {
			break
		}
		out = append(out, wire.Range{First: n, Last: n})
	}
	return out
}

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
