package journal

import "parley"

// The bounds of what strangers can make the journal keep: the latest refused
// frames, and counters of which there are so many at most.
const (
	frameRing   = 1000
	frameCounts = 1000
)

// overflow is the reason under which further pairs of channel and reason are
// counted when there are frameCounts already.
const overflow = "other"

// RefusedFrame is one frame that a station did not take.
type RefusedFrame struct {
	At      parley.Time
	Channel string
	Line    parley.LineID // zero: of no line that is known
	Reason  string
}

// FrameCount is how many frames were refused on a channel for one reason.
type FrameCount struct {
	Channel, Reason string
	Count           uint64
}

// PutRefusedFrame records a frame that was not taken. The latest 1,000 are
// kept, and a counter for each channel and reason. reason is one of the
// caller's constants, never text out of the frame.
func (t *Tx) PutRefusedFrame(at parley.Time, channel string, line parley.LineID, reason string) error {
	err := t.c.run(`INSERT INTO refused_frame (at, channel, line, reason) VALUES (?,?,?,?)`, int64(at), channel, line[:], reason)
	if err == nil {
		err = t.c.run(`DELETE FROM refused_frame WHERE seq <= (SELECT max(seq) FROM refused_frame) - ?`, int64(frameRing))
	}
	if err == nil {
		err = t.countFrame(channel, reason)
	}
	return wrap(err, "put refused frame of channel %s", channel)
}

func (t *Tx) countFrame(channel, reason string) error {
	known, err := t.c.changes(`UPDATE refused_count SET count = count + 1 WHERE channel = ? AND reason = ?`, channel, reason)
	if err != nil || known > 0 {
		return err
	}
	pairs, err := t.c.oneInt(`SELECT count(*) FROM refused_count`)
	if err != nil {
		return err
	}
	if pairs >= frameCounts {
		channel, reason = overflow, overflow
	}
	return t.c.run(`INSERT INTO refused_count (channel, reason, count) VALUES (?,?,1)
		ON CONFLICT (channel, reason) DO UPDATE SET count = count + 1`, channel, reason)
}

// RefusedFrames returns at most limit of the latest refused frames, the latest
// first, and all counters by channel and reason.
func (v *View) RefusedFrames(limit int) (frames []RefusedFrame, counts []FrameCount, err error) {
	err = v.c.query(`SELECT at, channel, line, reason FROM refused_frame ORDER BY seq DESC LIMIT ?`, func(r row) error {
		f := RefusedFrame{At: parley.Time(r.uint(0)), Channel: r.text(1), Reason: r.text(3)}
		err := r.fill(2, f.Line[:])
		frames = append(frames, f)
		return err
	}, int64(limit))
	if err != nil {
		return nil, nil, wrap(err, "refused frames")
	}
	err = v.c.query(`SELECT channel, reason, count FROM refused_count ORDER BY channel, reason`, func(r row) error {
		counts = append(counts, FrameCount{Channel: r.text(0), Reason: r.text(1), Count: r.uint(2)})
		return nil
	})
	return frames, counts, wrap(err, "refused frames")
}
