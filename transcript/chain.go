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

// Renew has the log go on under another name, that of the generation to which the
// next entry belongs (spec/GENERATION.md §1).
func (c *Chain) Renew(log parley.LogID) { c.log = log }

// Append takes the next entry and returns its header, which is read even if the
// entry does not belong here. It reads only what is the same in every version.
// The error wraps ErrLog for an entry of another log, ErrNumber for a wrong
// number, ErrChain for a wrong previous hash, or what wire.ParseEntryHeader
// refuses; the chain then stays as it was.
func (c *Chain) Append(entry []byte) (wire.Header, error) {
	h, err := wire.ParseEntryHeader(entry)
	if err != nil {
		return wire.Header{}, fmt.Errorf("entry %d: %w", c.Size()+1, err)
	}
	return h, c.Follow(h, LeafHash(entry))
}

// Follow is Append for whoever has read the next entry already: its header and its
// leaf.
func (c *Chain) Follow(h wire.Header, leaf parley.Hash) error {
	n := c.Size() + 1
	switch {
	case h.Log != c.log:
		return fmt.Errorf("entry %d: log %s: %w", n, h.Log, ErrLog)
	case h.Number != n:
		return fmt.Errorf("in the place of entry %d stands entry %d: %w", n, h.Number, ErrNumber)
	case h.Previous != c.last:
		return fmt.Errorf("entry %d follows leaf %s, before it stands leaf %s: %w", n, h.Previous, c.last, ErrChain)
	}
	c.last = leaf
	c.frontier.Append(leaf)
	return nil
}

// Size returns the number of entries.
func (c *Chain) Size() uint64 { return c.frontier.Size() }

// Root returns the root of the entries.
func (c *Chain) Root() parley.Hash { return c.frontier.Root() }

// Last returns the leaf hash of the last entry; zeros before the first.
func (c *Chain) Last() parley.Hash { return c.last }
