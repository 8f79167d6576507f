package journal

import (
	"database/sql/driver"
	"fmt"
	"math"
)

// row is one result row. The schema is strict, so a column has the type it was
// declared with, or is NULL where that is allowed and reads as zero.
type row struct{ values []driver.Value }

func (r row) int(i int) int64 {
	v, _ := r.values[i].(int64)
	return v
}

func (r row) uint(i int) uint64 { return uint64(r.int(i)) }

func (r row) bool(i int) bool { return r.int(i) != 0 }

func (r row) text(i int) string {
	v, _ := r.values[i].(string)
	return v
}

// bytes returns the blob, nil when it is empty; the caller may keep it.
func (r row) bytes(i int) []byte {
	v, _ := r.values[i].([]byte)
	if len(v) == 0 {
		return nil
	}
	return v
}

// fill copies the blob into dst, a fixed-size name; NULL leaves dst as it is.
func (r row) fill(i int, dst []byte) error {
	v, _ := r.values[i].([]byte)
	if v == nil {
		return nil
	}
	if len(v) != len(dst) {
		return fmt.Errorf("%w: a name of %d bytes where %d were stored", ErrCorrupt, len(v), len(dst))
	}
	copy(dst, v)
	return nil
}

// blob is what is bound for b: never NULL, which the schema refuses.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// number checks that n can be stored and compared as SQLite's signed integer.
func number(what string, n uint64) (int64, error) {
	if n > math.MaxInt64 {
		return 0, fmt.Errorf("%s %d: %w", what, n, ErrLimit)
	}
	return int64(n), nil
}

// clamp is n for a comparison: no stored number is above the largest.
func clamp(n uint64) int64 { return int64(min(n, math.MaxInt64)) }
