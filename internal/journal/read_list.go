package journal

import (
	"fmt"
	"math"

	"parley"
)

// maxList is the largest number of records that List returns.
const maxList = 1000

// Filter chooses entries for List. The zero value of a field chooses all.
type Filter struct {
	Line       parley.LineID
	Mine       *bool // true: of this station's own logs; false: of the peers'
	State      State
	Precedence parley.Precedence
	Status     parley.Status
	// After continues a list: records that come after the one with this Seq,
	// which are the older ones when Newest is set. 0 begins.
	After  uint64
	Limit  int  // at most 1,000; 0 means 100
	Newest bool // the latest arrival first; otherwise the earliest
}

// List returns the chosen entries in order of arrival over all logs. A filter
// that few entries meet is answered by reading until enough are found, but for
// those that have an index: what is not believed, and Flash.
func (v *View) List(f Filter) ([]Record, error) {
	if f.Limit < 0 || f.Limit > maxList {
		return nil, fmt.Errorf("list %d entries: %w: at most %d", f.Limit, ErrLimit, maxList)
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	sql, args := f.query()
	return v.records(sql, args...)
}

func (f Filter) query() (sql string, args []any) {
	sql = `SELECT ` + recordColumns + ` FROM entry CROSS JOIN log ON log.id = entry.log WHERE `
	if f.Newest {
		sql += `entry.seq < ?`
		if f.After == 0 {
			f.After = math.MaxInt64
		}
		args = append(args, clamp(f.After))
	} else {
		sql += `entry.seq > ?`
		args = append(args, clamp(f.After))
	}
	and := func(condition string, chosen bool, value any) {
		if chosen {
			sql += ` AND ` + condition
			args = append(args, value)
		}
	}
	and(`log.line = ?`, f.Line != (parley.LineID{}), f.Line[:])
	and(`log.mine = ?`, f.Mine != nil, flag(f.Mine != nil && *f.Mine))
	if f.State == Believed {
		and(`entry.state = ?`, true, int64(f.State))
	} else {
		// The second half is what the index of the undecided holds.
		and(`entry.state = ? AND entry.state <> 2`, f.State != 0, int64(f.State))
	}
	if f.Precedence == parley.Flash {
		sql += ` AND entry.precedence = 1` // what the index of Flash holds
	} else {
		and(`entry.precedence = ?`, f.Precedence != 0, int64(f.Precedence))
	}
	and(`entry.status = ?`, f.Status != 0, int64(f.Status))
	sql += ` ORDER BY entry.seq`
	if f.Newest {
		sql += ` DESC`
	}
	return sql + ` LIMIT ?`, append(args, int64(f.Limit))
}
