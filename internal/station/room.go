package station

import "parley"

const (
	// defaultRoom is Quota.Room, unless a part of the disk is less.
	defaultRoom = 1 << 30
	roomPart    = 20
	// lookEvery is how often the disk is asked, in milliseconds.
	lookEvery = parley.Time(1000)
)

// room is what a line knows of the disk.
type room struct {
	at         parley.Time
	free, size int64
}

// tight reports whether so little of the disk is free that it is kept from the
// other side. A disk that cannot be asked is not kept.
func (r *room) tight(l *Line, now parley.Time) bool {
	if l.quota.Room < 0 {
		return false
	}
	if r.at == 0 || now < r.at || now >= r.at+lookEvery {
		var err error
		if r.free, r.size, err = l.journal.Room(); err != nil {
			r.free, r.size = 1, 0
		}
		r.at = now
	}
	least := l.quota.Room
	if least == 0 {
		least = min(defaultRoom, r.size/roomPart)
	}
	return r.free < least
}
