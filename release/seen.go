package release

import (
	"fmt"

	"parley"
	"parley/wire"
)

// CheckSeen judges what an entry says it has seen, which its addressee does before
// anything else of it (spec/MESSAGE.md §6): of no log but the addressee's, whose id
// is log, not less than least, what the believed entries before it said, and not more
// than most, what there is. It returns what the entries up to this one said then. The
// error wraps ErrSeen.
func CheckSeen(seen []wire.Seen, log parley.LogID, least, most uint64) (uint64, error) {
	now := least
	if len(seen) == 0 && least > 0 {
		return least, fmt.Errorf("it says that nothing was seen, after %d: %w", least, ErrSeen)
	}
	for _, s := range seen {
		switch {
		case s.Log != log:
			return least, fmt.Errorf("it says what was seen of log %s: %w", s.Log, ErrSeen)
		case s.Size < least:
			return least, fmt.Errorf("it says that %d entries were seen, after %d: %w", s.Size, least, ErrSeen)
		case s.Size > most:
			return least, fmt.Errorf("it says that %d entries were seen, of %d: %w", s.Size, most, ErrSeen)
		}
		now = s.Size
	}
	return now, nil
}
