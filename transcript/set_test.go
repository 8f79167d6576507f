package transcript_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"parley"
	"parley/transcript"
)

// setOf returns the places of some leaves, chosen by the bits of mask.
func setOf(t *testing.T, l leaves, size uint64, mask uint64) (indexes []uint64, places []transcript.Place) {
	t.Helper()
	for i := range size {
		if mask>>i&1 != 0 {
			h, err := l.Leaf(i)
			if err != nil {
				t.Fatal(err)
			}
			indexes, places = append(indexes, i), append(places, transcript.Place{Index: i, Leaf: h})
		}
	}
	return indexes, places
}

// TestSet proves every set of leaves of every small tree, and alters the proofs.
func TestSet(t *testing.T) {
	l := someLeaves(9, "set")
	for size := uint64(1); size <= 9; size++ {
		root, err := transcript.Root(size, l)
		if err != nil {
			t.Fatal(err)
		}
		for mask := uint64(1); mask < 1<<size; mask++ {
			indexes, places := setOf(t, l, size, mask)
			set, err := transcript.ProveSet(size, indexes, l)
			if err != nil {
				t.Fatal(err)
			}
			check := func(set []parley.Hash, root parley.Hash, places []transcript.Place) error {
				return transcript.CheckSet(set, size, root, places)
			}
			if err := check(set, root, places); err != nil {
				t.Fatalf("leaves %v of %d: %v", indexes, size, err)
			}
			refused := map[string]error{
				"a hash more": check(append(slices.Clone(set), root), root, places),
				"other root":  check(set, parley.Hash{1}, places),
			}
			if len(set) > 0 {
				refused["a hash fewer"] = check(set[1:], root, places)
				other := slices.Clone(set)
				other[len(other)-1][0] ^= 1
				refused["another hash"] = check(other, root, places)
			}
			if len(places) > 1 {
				refused["a leaf fewer"] = check(set, root, places[1:])
			}
			other := slices.Clone(places)
			other[0].Leaf[31] ^= 1
			refused["another leaf"] = check(set, root, other)
			for what, err := range refused {
				if !errors.Is(err, transcript.ErrProof) {
					t.Errorf("leaves %v of %d, %s: %v", indexes, size, what, err)
				}
			}
		}
	}
}

// TestSetOfOne holds the proof of one leaf against RFC 6962, as others read it.
func TestSetOfOne(t *testing.T) {
	l := someLeaves(70, "one")
	for size := uint64(1); size <= 70; size++ {
		root, err := transcript.Root(size, l)
		if err != nil {
			t.Fatal(err)
		}
		for index := range size {
			set, err := transcript.ProveSet(size, []uint64{index}, l)
			if err != nil {
				t.Fatal(err)
			}
			path, err := transcript.Inclusion(set, size, index)
			if err != nil {
				t.Fatal(err)
			}
			leaf, _ := l.Leaf(index)
			var hashes [][]byte
			for _, h := range path {
				hashes = append(hashes, h[:])
			}
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf[:], hashes, root[:]); err != nil {
				t.Fatalf("leaf %d of %d: %v", index, size, err)
			}
			again, err := transcript.SetOf(path, size, index)
			if err != nil || !slices.Equal(again, set) {
				t.Fatalf("leaf %d of %d: %v, %v instead of %v", index, size, err, again, set)
			}
			if _, err := transcript.SetOf(append(path, root), size, index); !errors.Is(err, transcript.ErrProof) {
				t.Errorf("leaf %d of %d, a hash more: %v", index, size, err)
			}
		}
	}
}

// TestSetThatCannotBe asks for what no tree has.
func TestSetThatCannotBe(t *testing.T) {
	l := someLeaves(4, "none")
	for _, indexes := range [][]uint64{nil, {4}, {1, 1}, {2, 1}, {0, 9}} {
		if _, err := transcript.ProveSet(4, indexes, l); !errors.Is(err, transcript.ErrSize) {
			t.Errorf("leaves %v of 4: %v", indexes, err)
		}
		var places []transcript.Place
		for _, n := range indexes {
			places = append(places, transcript.Place{Index: n})
		}
		if err := transcript.CheckSet(nil, 4, parley.Hash{}, places); !errors.Is(err, transcript.ErrSize) {
			t.Errorf("leaves %v of 4: %v", indexes, err)
		}
	}
	if _, err := transcript.ProveSet(transcript.MaxSize+1, []uint64{0}, l); !errors.Is(err, transcript.ErrSize) {
		t.Errorf("a tree too large: %v", err)
	}
	if _, err := transcript.Inclusion(nil, 1, 1); !errors.Is(err, transcript.ErrSize) {
		t.Errorf("beyond the end: %v", err)
	}
}

// kept is leaves of which no single one of the first 8 is read, because the root of
// them is kept.
type kept struct {
	leaves
	t    *testing.T
	root parley.Hash
}

func (k kept) Leaf(i uint64) (parley.Hash, error) {
	if i < 8 {
		k.t.Errorf("leaf %d is read", i)
	}
	return k.leaves.Leaf(i)
}

func (k kept) Subtree(level int, index uint64) (parley.Hash, bool, error) {
	return k.root, level == 3 && index == 0, nil
}

// TestSubtrees makes a proof from a subtree that is kept.
func TestSubtrees(t *testing.T) {
	l := someLeaves(13, "kept")
	eight, err := transcript.Root(8, l)
	if err != nil {
		t.Fatal(err)
	}
	want, err := transcript.ProveSet(13, []uint64{11}, l)
	if err != nil {
		t.Fatal(err)
	}
	got, err := transcript.ProveSet(13, []uint64{11}, kept{l, t, eight})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v instead of %v", err, got, want)
	}
}
