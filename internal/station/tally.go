package station

import (
	"cmp"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
)

const (
	// tallyEvery is how often at most refused frames are written, and toldEvery
	// how often at most one is told of, in milliseconds: whoever sends them costs
	// neither a transaction nor a line in a log for each.
	tallyEvery = parley.Time(10_000)
	toldEvery  = parley.Time(60_000)
)

// frameKey is why a frame was refused, and where it came.
type frameKey struct{ channel, reason string }

// tally counts the refused frames of a line. Its keys are the line's channels
// and the reasons of this package, so it is bounded.
type tally struct {
	unwritten map[frameKey]journal.FrameCount
	told      map[frameKey]parley.Time
	untold    map[frameKey]uint64
	written   parley.Time
}

func newTally() tally {
	return tally{unwritten: map[frameKey]journal.FrameCount{}, told: map[frameKey]parley.Time{}, untold: map[frameKey]uint64{}}
}

// add counts one frame. It returns what to tell of it, "" while the last was
// told lately.
func (y *tally) add(line parley.LineID, k frameKey, at parley.Time, err error) string {
	c, ok := y.unwritten[k]
	if !ok {
		c = journal.FrameCount{Line: line, Channel: k.channel, Reason: k.reason, First: at}
	}
	c.Last = at
	c.Count++
	y.unwritten[k] = c
	if last, ok := y.told[k]; ok && at >= last && at < last+toldEvery {
		y.untold[k]++
		return ""
	}
	text := err.Error()
	if n := y.untold[k]; n > 0 {
		text += fmt.Sprintf(" (and %d others like it since the last that was told)", n)
	}
	y.told[k] = at
	delete(y.untold, k)
	return text
}

// write hands what is counted to the turn, now and then.
func (y *tally) write(t *turn) {
	if t.l.full || len(y.unwritten) == 0 || !t.woken && !t.last && t.now >= y.written && t.now < y.written+tallyEvery {
		return
	}
	counts := make([]journal.FrameCount, 0, len(y.unwritten))
	for _, c := range y.unwritten {
		counts = append(counts, c)
	}
	t.write(func(tx *journal.Tx) error {
		for _, c := range counts {
			if err := tx.CountFrames(c); err != nil {
				return err
			}
		}
		return nil
	})
	t.after(func() {
		y.written = t.now
		clear(y.unwritten)
	})
}

// merge adds what is not written yet to what is.
func (y *tally) merge(written []journal.FrameCount) []journal.FrameCount {
	for k, c := range y.unwritten {
		at := slices.IndexFunc(written, func(w journal.FrameCount) bool { return w.Channel == k.channel && w.Reason == k.reason })
		if at < 0 {
			written = append(written, c)
			continue
		}
		w := &written[at]
		w.First, w.Last, w.Count = min(w.First, c.First), max(w.Last, c.Last), w.Count+c.Count
	}
	slices.SortFunc(written, func(a, b journal.FrameCount) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Reason, b.Reason))
	})
	return written
}

// refused returns the counters of this line, written or not. It runs in the
// line's goroutine.
func (l *Line) refused() ([]journal.FrameCount, error) {
	written, err := l.journal.RefusedFrames(l.id)
	return l.tally.merge(written), err
}
