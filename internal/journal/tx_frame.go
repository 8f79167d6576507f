package journal

import "parley"

// frameCounts bounds the counters of refused frames: how many there are at
// most, whatever strangers send.
const frameCounts = 1000

// overflow is the channel and the reason under which further frames of a line
// are counted when there are frameCounts counters already.
const overflow = "other"

// FrameCount is how many frames were refused on a channel for one reason, and
// when the first and the latest came, by this station's clock.
type FrameCount struct {
	Line            parley.LineID // zero: of no line that is known
	Channel, Reason string
	First, Last     parley.Time
	Count           uint64
}

// CountFrames adds refused frames to what is held of their line, channel and
// reason: the earlier first time, the later last one, the sum of the counts.
// Reason is one of the caller's constants, never text out of a frame.
func (t *Tx) CountFrames(f FrameCount) error {
	known, err := t.addFrames(f)
	if err == nil && !known {
		var counters int64
		if counters, err = t.c.oneInt(`SELECT count(*) FROM refused`); err == nil {
			if counters >= frameCounts {
				f.Channel, f.Reason = overflow, overflow
			}
			err = t.c.run(`INSERT INTO refused (line, channel, reason, first, last, count) VALUES (?,?,?,?,?,?)
				ON CONFLICT (line, channel, reason) DO UPDATE SET
				first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count`,
				f.Line[:], f.Channel, f.Reason, int64(f.First), int64(f.Last), clamp(f.Count))
		}
	}
	return wrap(err, "count refused frames of channel %s", f.Channel)
}

func (t *Tx) addFrames(f FrameCount) (known bool, err error) {
	n, err := t.c.changes(`UPDATE refused SET first = min(first, ?4), last = max(last, ?5), count = count + ?6
		WHERE line = ?1 AND channel = ?2 AND reason = ?3`,
		f.Line[:], f.Channel, f.Reason, int64(f.First), int64(f.Last), clamp(f.Count))
	return n > 0, err
}

// RefusedFrames returns the counters of a line, by channel and reason.
func (v *View) RefusedFrames(line parley.LineID) (counts []FrameCount, err error) {
	err = v.c.query(`SELECT channel, reason, first, last, count FROM refused WHERE line = ? ORDER BY channel, reason`, func(r row) error {
		counts = append(counts, FrameCount{
			Line: line, Channel: r.text(0), Reason: r.text(1),
			First: parley.Time(r.uint(2)), Last: parley.Time(r.uint(3)), Count: r.uint(4),
		})
		return nil
	}, line[:])
	return counts, wrap(err, "refused frames of line %v", line)
}
