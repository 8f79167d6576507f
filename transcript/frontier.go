package transcript

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"parley"
)

// LeafHash returns the leaf of an entry: SHA-256 of 0x00 and the bytes of the
// entry (RFC 6962 §2.1, spec/TRANSCRIPT.md §2).
func LeafHash(entry []byte) parley.Hash { return parley.Hash(tlog.RecordHash(entry)) }

// Frontier is the right edge of a log's tree: the roots of its complete
// subtrees, the largest first. It is all that is needed to append a leaf and
// to know the root, each in time and room of the logarithm of the size.
//
// The zero Frontier is that of the empty log. A Frontier that was copied by
// assignment shares memory with its original: use Clone.
type Frontier struct {
	size  uint64
	peaks []parley.Hash // one for each bit set in size
}

// Size returns the number of leaves.
func (f *Frontier) Size() uint64 { return f.size }

// Append adds the leaf of the next entry.
func (f *Frontier) Append(leaf parley.Hash) {
	h := tlog.Hash(leaf)
	for full := f.size; full&1 != 0; full >>= 1 {
		last := len(f.peaks) - 1
		h = tlog.NodeHash(tlog.Hash(f.peaks[last]), h)
		f.peaks = f.peaks[:last]
	}
	f.peaks = append(f.peaks, parley.Hash(h))
	f.size++
}

// Root returns the root of the tree; for the empty log the hash of nothing
// (RFC 6962 §2.1).
func (f *Frontier) Root() parley.Hash {
	if f.size == 0 {
		return emptyRoot()
	}
	last := len(f.peaks) - 1
	h := tlog.Hash(f.peaks[last])
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(tlog.Hash(f.peaks[i]), h)
	}
	return parley.Hash(h)
}

// Clone returns a copy that shares nothing with f.
func (f *Frontier) Clone() *Frontier {
	return &Frontier{size: f.size, peaks: slices.Clone(f.peaks)}
}

// frontierForm is the first byte of an encoded frontier.
const frontierForm = 1

// AppendBinary appends f in the one form that ParseFrontier reads: the byte 1,
// the size in 8 bytes, and the roots of the complete subtrees, the largest
// first. Its error is always nil; it is there for encoding.BinaryAppender.
func (f *Frontier) AppendBinary(dst []byte) ([]byte, error) {
	dst = append(dst, frontierForm)
	dst = binary.BigEndian.AppendUint64(dst, f.size)
	for _, h := range f.peaks {
		dst = append(dst, h[:]...)
	}
	return dst, nil
}

// ParseFrontier is the inverse of Frontier.AppendBinary. The error wraps
// ErrMalformed.
func ParseFrontier(b []byte) (*Frontier, error) {
	if len(b) < 9 || b[0] != frontierForm {
		return nil, fmt.Errorf("frontier: %w: does not begin with %d and a size", ErrMalformed, frontierForm)
	}
	f := &Frontier{size: binary.BigEndian.Uint64(b[1:])}
	if f.size > MaxSize {
		return nil, fmt.Errorf("frontier: %w: size %d is beyond %d", ErrMalformed, f.size, uint64(MaxSize))
	}
	b = b[9:]
	if want := bits.OnesCount64(f.size); len(b) != want*len(parley.Hash{}) {
		return nil, fmt.Errorf("frontier: %w: a log of %d leaves has %d hashes, this has %d bytes", ErrMalformed, f.size, want, len(b))
	}
	for h := range slices.Chunk(b, len(parley.Hash{})) {
		f.peaks = append(f.peaks, parley.Hash(h))
	}
	return f, nil
}

func emptyRoot() parley.Hash {
	h, _ := tlog.TreeHash(0, nil) // a constant: reads nothing, cannot fail
	return parley.Hash(h)
}
