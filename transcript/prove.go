package transcript

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"parley"
)

// Leaves is a log's leaves, as a journal or a file holds them. The index is
// that of the tree: entry n has index n−1.
type Leaves interface {
	Leaf(index uint64) (parley.Hash, error)
}

// Subtrees is what Leaves may be besides, so that a proof need not read all of them:
// it keeps the roots of some complete subtrees.
type Subtrees interface {
	// Subtree returns the root of the 2^level leaves that begin at leaf index·2^level,
	// and false if it is not kept.
	Subtree(level int, index uint64) (parley.Hash, bool, error)
}

// Root returns the root of the first size leaves. Where leaves arrive one by
// one, a Frontier gives the same for less.
func Root(size uint64, l Leaves) (parley.Hash, error) {
	if size > MaxSize {
		return parley.Hash{}, fmt.Errorf("root of %d leaves: %w", size, ErrSize)
	}
	h, err := tlog.TreeHash(int64(size), reader{l})
	if err != nil {
		return parley.Hash{}, fmt.Errorf("root of %d leaves: %w", size, err)
	}
	return parley.Hash(h), nil
}

// ProveInclusion returns the proof that the leaf at index is in the tree of the
// first size leaves (RFC 6962 §2.1.1).
func ProveInclusion(size, index uint64, l Leaves) ([]parley.Hash, error) {
	if size > MaxSize || index >= size {
		return nil, fmt.Errorf("prove leaf %d of %d: %w", index, size, ErrSize)
	}
	proof, err := tlog.ProveRecord(int64(size), int64(index), reader{l})
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d of %d: %w", index, size, err)
	}
	return ours(proof), nil
}

// CheckInclusion returns nil if proof proves that leaf stands at index in the
// tree of that size and root (RFC 6962 §2.1.1). The error wraps ErrProof or
// ErrSize.
func CheckInclusion(proof []parley.Hash, size uint64, root parley.Hash, index uint64, leaf parley.Hash) error {
	if size > MaxSize || index >= size {
		return fmt.Errorf("leaf %d of %d: %w", index, size, ErrSize)
	}
	if tlog.CheckRecord(theirs(proof), int64(size), tlog.Hash(root), int64(index), tlog.Hash(leaf)) != nil {
		return fmt.Errorf("leaf %d of %d: inclusion: %w", index, size, ErrProof)
	}
	return nil
}

// ProveConsistency returns the proof that the tree of the first from leaves is
// the beginning of the tree of the first to leaves (RFC 6962 §2.1.2). From the
// empty log, which is the beginning of every log, the proof is empty.
func ProveConsistency(from, to uint64, l Leaves) ([]parley.Hash, error) {
	if to > MaxSize || from > to {
		return nil, fmt.Errorf("prove %d before %d: %w", from, to, ErrSize)
	}
	if from == 0 {
		return nil, nil
	}
	proof, err := tlog.ProveTree(int64(to), int64(from), reader{l})
	if err != nil {
		return nil, fmt.Errorf("prove %d before %d: %w", from, to, err)
	}
	return ours(proof), nil
}

// CheckConsistency returns nil if proof proves that the tree of size from and
// root fromRoot is the beginning of the tree of size to and root toRoot
// (RFC 6962 §2.1.2). The error wraps ErrProof or ErrSize.
func CheckConsistency(proof []parley.Hash, from uint64, fromRoot parley.Hash, to uint64, toRoot parley.Hash) error {
	if to > MaxSize || from > to {
		return fmt.Errorf("%d before %d: %w", from, to, ErrSize)
	}
	ok := false
	switch {
	case from == 0:
		ok = len(proof) == 0 && fromRoot == emptyRoot() && (to > 0 || toRoot == fromRoot)
	case from == to:
		ok = len(proof) == 0 && fromRoot == toRoot
	default:
		ok = tlog.CheckTree(theirs(proof), int64(to), tlog.Hash(toRoot), int64(from), tlog.Hash(fromRoot)) == nil
	}
	if !ok {
		return fmt.Errorf("%d before %d: consistency: %w", from, to, ErrProof)
	}
	return nil
}

// reader gives tlog the nodes of a tree of which only the leaves are kept.
type reader struct{ leaves Leaves }

func (r reader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		h, err := r.node(level, uint64(n))
		if err != nil {
			return nil, err
		}
		hashes[i] = h
	}
	return hashes, nil
}

// node returns the root of the complete subtree of 2^level leaves that begins
// at leaf n·2^level.
func (r reader) node(level int, n uint64) (tlog.Hash, error) {
	if level == 0 {
		h, err := r.leaves.Leaf(n)
		return tlog.Hash(h), err
	}
	if kept, ok := r.leaves.(Subtrees); ok {
		if h, ok, err := kept.Subtree(level, n); ok || err != nil {
			return tlog.Hash(h), err
		}
	}
	left, err := r.node(level-1, 2*n)
	if err != nil {
		return tlog.Hash{}, err
	}
	right, err := r.node(level-1, 2*n+1)
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.NodeHash(left, right), nil
}

func ours(proof []tlog.Hash) []parley.Hash {
	hashes := make([]parley.Hash, len(proof))
	for i, h := range proof {
		hashes[i] = parley.Hash(h)
	}
	return hashes
}

func theirs(proof []parley.Hash) []tlog.Hash {
	hashes := make([]tlog.Hash, len(proof))
	for i, h := range proof {
		hashes[i] = tlog.Hash(h)
	}
	return hashes
}
