package transcript

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"parley"
)

// A proof of a set shows several leaves of a tree at once: it has the roots of what
// is not shown, from the left to the right (RFC 6962 §2.1 and spec/TRANSCRIPT.md §4).

// Place is a leaf and where it stands: entry n has index n−1.
type Place struct {
	Index uint64
	Leaf  parley.Hash
}

// ProveSet returns the proof that the leaves at these indexes, ascending, are in the
// tree of the first size leaves. The error wraps ErrSize, or is what l returned.
func ProveSet(size uint64, indexes []uint64, l Leaves) ([]parley.Hash, error) {
	if err := checkSet(size, indexes); err != nil {
		return nil, fmt.Errorf("prove %d leaves of %d: %w", len(indexes), size, err)
	}
	p := prover{reader: reader{l}}
	if err := p.prove(0, size, indexes); err != nil {
		return nil, fmt.Errorf("prove %d leaves of %d: %w", len(indexes), size, err)
	}
	return p.proof, nil
}

type prover struct {
	reader reader
	proof  []parley.Hash
}

// prove walks the leaves from a to b, of which those at indexes are shown.
func (p *prover) prove(a, b uint64, indexes []uint64) error {
	if len(indexes) == 0 {
		h, err := p.reader.root(a, b)
		p.proof = append(p.proof, parley.Hash(h))
		return err
	}
	if b-a == 1 {
		return nil
	}
	mid := split(a, b)
	at, _ := slices.BinarySearch(indexes, mid)
	if err := p.prove(a, mid, indexes[:at]); err != nil {
		return err
	}
	return p.prove(mid, b, indexes[at:])
}

// CheckSet returns nil if proof proves that the leaves of places, ascending, stand
// there in the tree of that size and root. The error wraps ErrProof or ErrSize.
func CheckSet(proof []parley.Hash, size uint64, root parley.Hash, places []Place) error {
	indexes := make([]uint64, len(places))
	for i, p := range places {
		indexes[i] = p.Index
	}
	err := checkSet(size, indexes)
	if err == nil {
		c := checker{proof: proof}
		if got := c.root(0, size, places); c.short || len(c.proof) > 0 || parley.Hash(got) != root {
			err = ErrProof
		}
	}
	if err != nil {
		return fmt.Errorf("%d leaves of %d: %w", len(places), size, err)
	}
	return nil
}

// checker walks as prover does and takes from the proof what is not shown.
type checker struct {
	proof []parley.Hash
	short bool // a hash is missing
}

func (c *checker) root(a, b uint64, places []Place) tlog.Hash {
	switch {
	case len(places) == 0 && len(c.proof) == 0:
		c.short = true
		return tlog.Hash{}
	case len(places) == 0:
		h := c.proof[0]
		c.proof = c.proof[1:]
		return tlog.Hash(h)
	case b-a == 1:
		return tlog.Hash(places[0].Leaf)
	}
	mid := split(a, b)
	at, _ := slices.BinarySearchFunc(places, mid, func(p Place, n uint64) int { return cmp.Compare(p.Index, n) })
	left := c.root(a, mid, places[:at])
	return tlog.NodeHash(left, c.root(mid, b, places[at:]))
}

// Inclusion returns the inclusion proof of RFC 6962 for the one leaf, at index, that
// the proof of a set shows: the same hashes, from the leaf to the root. The error
// wraps ErrProof where they are not as many as they must be, or ErrSize.
func Inclusion(set []parley.Hash, size, index uint64) ([]parley.Hash, error) {
	order, err := siblings(size, index, len(set))
	if err != nil {
		return nil, err
	}
	path := make([]parley.Hash, len(set))
	for i, at := range order {
		path[i] = set[at]
	}
	return path, nil
}

// SetOf is the inverse of Inclusion.
func SetOf(path []parley.Hash, size, index uint64) ([]parley.Hash, error) {
	order, err := siblings(size, index, len(path))
	if err != nil {
		return nil, err
	}
	set := make([]parley.Hash, len(path))
	for i, at := range order {
		set[at] = path[i]
	}
	return set, nil
}

// siblings returns the siblings on the way from a leaf to the root, each as its place
// among all of them from the left to the right. There must be count.
func siblings(size, index uint64, count int) ([]int, error) {
	if err := checkSet(size, []uint64{index}); err != nil {
		return nil, fmt.Errorf("leaf %d of %d: %w", index, size, err)
	}
	var order []int
	first, last := 0, count-1
	for a, b := uint64(0), size; b-a > 1; {
		if mid := split(a, b); index < mid {
			order, last, b = append(order, last), last-1, mid
		} else {
			order, first, a = append(order, first), first+1, mid
		}
	}
	if len(order) != count {
		return nil, fmt.Errorf("leaf %d of %d: %d hashes, where %d are needed: %w", index, size, count, len(order), ErrProof)
	}
	slices.Reverse(order)
	return order, nil
}

// checkSet says whether a proof can be about these indexes.
func checkSet(size uint64, indexes []uint64) error {
	if size > MaxSize || len(indexes) == 0 || indexes[len(indexes)-1] >= size {
		return ErrSize
	}
	for i, n := range indexes {
		if i > 0 && n <= indexes[i-1] {
			return fmt.Errorf("leaf %d behind leaf %d: %w", n, indexes[i-1], ErrSize)
		}
	}
	return nil
}

// split returns where the tree of the leaves from a to b parts: behind the largest
// complete subtree that leaves some over. b is at least a + 2.
func split(a, b uint64) uint64 { return a + 1<<(bits.Len64(b-a-1)-1) }

// root returns the root of the leaves from a to b, which prover's walk came to.
func (r reader) root(a, b uint64) (tlog.Hash, error) {
	if n := b - a; n&(n-1) == 0 {
		level := bits.TrailingZeros64(n)
		return r.node(level, a>>level)
	}
	mid := split(a, b)
	left, err := r.root(a, mid)
	if err != nil {
		return tlog.Hash{}, err
	}
	right, err := r.root(mid, b)
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.NodeHash(left, right), nil
}
