package transcript

import (
	"errors"
	"fmt"

	"parley"
	"parley/wire"
)

var (
	// ErrNumber is returned for an entry that stands in the place of another.
	ErrNumber = errors.New("not in its place")

	// ErrChain is returned for an entry that follows another entry than the
	// one before it.
	ErrChain = errors.New("does not follow the entry before it")
)

// Chain follows a log from its first entry, one entry after the other. The
// entries of a log hold to each other twice: each has the leaf hash of the one
// before it, and the checkpoints have the root of them all.
type Chain struct {
	log      parley.LogID
	frontier Frontier
	last     parley.Hash
}

// NewChain returns the chain of a log that has no entry yet.
func NewChain(log parley.LogID) *Chain { return &Chain{log: log} }

// Append takes the next entry and returns its header, which is read even if the
// entry does not belong here. It reads only what is the same in every version.
// The error wraps ErrLog for an entry of another log, ErrNumber for a wrong
// number, ErrChain for a wrong previous hash, or what wire.ParseEntryHeader
// refuses; the chain then stays as it was.
func (c *Chain) Append(entry []byte) (wire.Header, error) {
	n := c.frontier.Size() + 1
	h, err := wire.ParseEntryHeader(entry)
	switch {
	case err != nil:
		return wire.Header{}, fmt.Errorf("entry %d: %w", n, err)
	case h.Log != c.log:
		return h, fmt.Errorf("entry %d: log %s: %w", n, h.Log, ErrLog)
	case h.Number != n:
		return h, fmt.Errorf("in the place of entry %d stands entry %d: %w", n, h.Number, ErrNumber)
	case h.Previous != c.last:
		return h, fmt.Errorf("entry %d follows leaf %s, before it stands leaf %s: %w", n, h.Previous, c.last, ErrChain)
	}
	c.last = LeafHash(entry)
	c.frontier.Append(c.last)
	return h, nil
}

// Size returns the number of entries.
func (c *Chain) Size() uint64 { return c.frontier.Size() }

// Root returns the root of the entries.
func (c *Chain) Root() parley.Hash { return c.frontier.Root() }

// Last returns the leaf hash of the last entry; zeros before the first.
func (c *Chain) Last() parley.Hash { return c.last }
