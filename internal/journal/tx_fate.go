package journal

import (
	"fmt"

	"parley"
)

// Direction says which way a copy of an entry went.
type Direction uint8

// The directions.
const (
	Out Direction = 1
	In  Direction = 2
)

func (d Direction) String() string {
	switch d {
	case Out:
		return "out"
	case In:
		return "in"
	}
	return fmt.Sprintf("unknown(%d)", uint8(d))
}

// Fate is what became of the copies of one entry on one channel, in one direction.
type Fate struct {
	Channel     string
	Direction   Direction
	First, Last parley.Time // of the first and the latest copy, by this station's clock
	Count       uint64      // copies
}

// PutFate adds copies of an entry to what is held of its fate on f's channel
// and direction: the earlier first time, the later last one, the sum of the
// counts. Copies are added up, never listed, so that one who repeats an entry
// forever fills no disk. ErrNotFound: there is no such log.
func (t *Tx) PutFate(log parley.LogID, n uint64, f Fate) error {
	number, err := number("number", n)
	if err == nil {
		err = t.c.run(`INSERT INTO fate (log, number, channel, direction, first, last, count) VALUES (`+idOf+`,?2,?3,?4,?5,?6,?7)
			ON CONFLICT (log, number, channel, direction) DO UPDATE SET
			first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count`,
			log[:], number, f.Channel, int64(f.Direction), int64(f.First), int64(f.Last), clamp(f.Count))
	}
	return wrap(noLog(err), "put fate of %d of log %v on channel %s", n, log, f.Channel)
}

// Fates returns what became of the copies of an entry, by channel and direction.
func (v *View) Fates(log parley.LogID, n uint64) (list []Fate, err error) {
	err = v.c.query(`SELECT channel, direction, first, last, count FROM fate WHERE log = `+idOf+` AND number = ?
		ORDER BY channel, direction`, func(r row) error {
		list = append(list, Fate{
			Channel: r.text(0), Direction: Direction(r.int(1)),
			First: parley.Time(r.uint(2)), Last: parley.Time(r.uint(3)), Count: r.uint(4),
		})
		return nil
	}, log[:], clamp(n))
	return list, wrap(err, "fates of %d of log %v", n, log)
}
