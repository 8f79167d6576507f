//go:build !linux

package journal

import (
	"math"
	"os"
)

// allocate gives f size bytes of room on the disk.
func allocate(f *os.File, size int64) error { return writeZeros(f, size) }

// diskBytes is not known here: the reserve is made by trying.
func diskBytes(string) (free, size int64, err error) { return math.MaxInt64, math.MaxInt64, nil }
