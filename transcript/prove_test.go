package transcript_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"parley"
	"parley/transcript"
)

// leaves are the leaves of a log in memory.
type leaves []parley.Hash

func (l leaves) Leaf(index uint64) (parley.Hash, error) {
	if index >= uint64(len(l)) {
		return parley.Hash{}, fmt.Errorf("leaf %d of %d: %w", index, len(l), transcript.ErrSize)
	}
	return l[index], nil
}

func someLeaves(n int, salt string) leaves {
	var l leaves
	for i := range n {
		l = append(l, transcript.LeafHash(fmt.Appendf(nil, "%s %d", salt, i)))
	}
	return l
}

func hashOf(t *testing.T, b []byte) parley.Hash {
	t.Helper()
	if len(b) != len(parley.Hash{}) {
		t.Skipf("a hash of %d bytes cannot be written in Go types", len(b))
	}
	return parley.Hash(b)
}

func hashesOf(t *testing.T, list [][]byte) []parley.Hash {
	t.Helper()
	var hashes []parley.Hash
	for _, b := range list {
		hashes = append(hashes, hashOf(t, b))
	}
	return hashes
}

// corpus calls check with every case under testdata/rfc6962/kind.
func corpus(t *testing.T, kind string, check func(t *testing.T, text []byte) (wantErr bool, err error)) {
	t.Helper()
	root := filepath.Join("testdata", "rfc6962", kind)
	cases := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		cases++
		t.Run(path[len(root)+1:], func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			wantErr, err := check(t, text)
			if (err != nil) != wantErr {
				t.Errorf("got %v, want an error: %v", err, wantErr)
			}
		})
		return nil
	})
	if err != nil || cases < 50 {
		t.Fatalf("%d cases read, %v", cases, err)
	}
}

func TestInclusionCorpus(t *testing.T) {
	corpus(t, "inclusion", func(t *testing.T, text []byte) (bool, error) {
		var c struct {
			LeafIdx, TreeSize uint64
			Root, LeafHash    []byte
			Proof             [][]byte
			WantErr           bool
		}
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		return c.WantErr, transcript.CheckInclusion(hashesOf(t, c.Proof), c.TreeSize, hashOf(t, c.Root), c.LeafIdx, hashOf(t, c.LeafHash))
	})
}

func TestConsistencyCorpus(t *testing.T) {
	corpus(t, "consistency", func(t *testing.T, text []byte) (bool, error) {
		var c struct {
			Size1, Size2 uint64
			Root1, Root2 []byte
			Proof        [][]byte
			WantErr      bool
		}
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		return c.WantErr, transcript.CheckConsistency(hashesOf(t, c.Proof), c.Size1, hashOf(t, c.Root1), c.Size2, hashOf(t, c.Root2))
	})
}

// TestAgainstMerkle proves that our roots and proofs are those of another
// implementation, and that it accepts them.
func TestAgainstMerkle(t *testing.T) {
	const most = 70
	l := someLeaves(most, "entry")
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	theirs := factory.NewEmptyRange(0)
	roots := []parley.Hash{hashOf(t, rfc6962.DefaultHasher.EmptyRoot())}
	var f transcript.Frontier
	if f.Root() != roots[0] {
		t.Fatalf("the empty log has the root %v, want %v", f.Root(), roots[0])
	}
	for i, leaf := range l {
		if err := theirs.Append(leaf[:], nil); err != nil {
			t.Fatal(err)
		}
		root, err := theirs.GetRootHash(nil)
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, hashOf(t, root))
		f.Append(leaf)
		size := uint64(i + 1)
		if f.Size() != size || f.Root() != roots[size] {
			t.Fatalf("size %d: frontier has size %d and root %v, want %v", size, f.Size(), f.Root(), roots[size])
		}
		if got, err := transcript.Root(size, l); err != nil || got != roots[size] {
			t.Fatalf("Root(%d) = %v, %v, want %v", size, got, err, roots[size])
		}
	}
	for size := uint64(1); size <= most; size++ {
		for index := range size {
			p, err := transcript.ProveInclusion(size, index, l)
			if err != nil {
				t.Fatal(err)
			}
			if err := transcript.CheckInclusion(p, size, roots[size], index, l[index]); err != nil {
				t.Fatal(err)
			}
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, l[index][:], slicesOf(p), roots[size][:]); err != nil {
				t.Fatalf("leaf %d of %d: %v", index, size, err)
			}
		}
		for from := uint64(0); from <= size; from++ {
			p, err := transcript.ProveConsistency(from, size, l)
			if err != nil {
				t.Fatal(err)
			}
			if err := transcript.CheckConsistency(p, from, roots[from], size, roots[size]); err != nil {
				t.Fatal(err)
			}
			if from == 0 {
				continue // the two implementations differ in what they ask of the empty root
			}
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, from, size, slicesOf(p), roots[from][:], roots[size][:]); err != nil {
				t.Fatalf("%d before %d: %v", from, size, err)
			}
		}
	}
}

func slicesOf(hashes []parley.Hash) [][]byte {
	var list [][]byte
	for _, h := range hashes {
		list = append(list, h[:])
	}
	return list
}

func TestImpossibleSizes(t *testing.T) {
	l := someLeaves(4, "entry")
	const huge = ^uint64(0)
	for name, f := range map[string]func() error{
		"root beyond MaxSize":        func() error { _, err := transcript.Root(huge, l); return err },
		"root beyond the leaves":     func() error { _, err := transcript.Root(5, l); return err },
		"inclusion in nothing":       func() error { _, err := transcript.ProveInclusion(0, 0, l); return err },
		"inclusion beyond the end":   func() error { _, err := transcript.ProveInclusion(4, 4, l); return err },
		"inclusion in a huge log":    func() error { return transcript.CheckInclusion(nil, huge, l[0], 0, l[0]) },
		"inclusion at a huge index":  func() error { return transcript.CheckInclusion(nil, 4, l[0], huge, l[0]) },
		"consistency backwards":      func() error { _, err := transcript.ProveConsistency(3, 2, l); return err },
		"consistency to a huge log":  func() error { return transcript.CheckConsistency(nil, 1, l[0], huge, l[0]) },
		"consistency between huge":   func() error { return transcript.CheckConsistency(nil, huge, l[0], huge, l[0]) },
		"consistency checked upward": func() error { return transcript.CheckConsistency(nil, 3, l[0], 2, l[0]) },
	} {
		if err := f(); !errors.Is(err, transcript.ErrSize) {
			t.Errorf("%s: got %v, want ErrSize", name, err)
		}
	}
	if err := transcript.CheckConsistency(nil, 0, l[0], 4, l[1]); !errors.Is(err, transcript.ErrProof) {
		t.Errorf("an empty log with another root than that of nothing: got %v, want ErrProof", err)
	}
}
