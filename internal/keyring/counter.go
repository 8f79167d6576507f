package keyring

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	counterFile  = "starts"
	counterTitle = "parley-starts v1 "
)

// StartCounter counts a station's starts, outside the database: a database
// restored from a backup, or copied, holds another count than the counter, and
// is so found out before it signs anything (DESIGN.md §4).
type StartCounter struct {
	w    workshop
	path string
}

// Counter returns the start counter of dir. It is no secret, and is kept out of
// backups of the database.
func Counter(dir string) *StartCounter { return onDisk().counter(dir) }

func (w workshop) counter(dir string) *StartCounter {
	return &StartCounter{w: w, path: filepath.Join(dir, counterFile)}
}

// Load returns the number of starts so far. A counter that is not there has
// counted none; a lost one therefore shows as a difference to the database's.
// Errors: ErrMalformed, ErrExposed.
func (c *StartCounter) Load() (uint64, error) {
	b, err := readPrivate(c.path, 64, 0)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read start counter %s: %w", c.path, err)
	}
	n, err := parseCounter(b)
	if err != nil {
		return 0, fmt.Errorf("read start counter %s: %w", c.path, err)
	}
	return n, nil
}

// Advance counts one more start, durably, and returns the new number. After an
// error the counter holds the old number or the new one: call Load again.
func (c *StartCounter) Advance() (uint64, error) {
	n, err := c.Load()
	if err != nil {
		return 0, err
	}
	if n == math.MaxUint64 {
		return 0, fmt.Errorf("advance start counter %s: at its end", c.path)
	}
	if err := c.w.replaceFile(c.path, appendCounter(nil, n+1)); err != nil {
		return 0, fmt.Errorf("advance start counter %s: %w", c.path, err)
	}
	return n + 1, nil
}

// Restore gives a counter that has counted nothing the number of starts of the journal
// beside it, which was restored from a backup and knows that it was. Errors: ErrExists,
// or what the disk said.
func (c *StartCounter) Restore(n uint64) error {
	if err := c.w.createFile(c.path, appendCounter(nil, n)); err != nil {
		return fmt.Errorf("restore start counter %s: %w", c.path, err)
	}
	return nil
}

func appendCounter(dst []byte, n uint64) []byte {
	return append(strconv.AppendUint(append(dst, counterTitle...), n, 10), '\n')
}

func parseCounter(b []byte) (uint64, error) {
	text, _ := strings.CutPrefix(string(b), counterTitle)
	n, err := strconv.ParseUint(strings.TrimSuffix(text, "\n"), 10, 64)
	if err != nil || string(appendCounter(nil, n)) != string(b) {
		return 0, fmt.Errorf("%w: not \"%sNUMBER\"", ErrMalformed, counterTitle)
	}
	return n, nil
}
