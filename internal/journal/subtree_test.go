package journal

import (
	"encoding/binary"
	"testing"

	"parley"
	"parley/transcript"
)

// leavesOf are leaves in memory.
type leavesOf []parley.Hash

func (l leavesOf) Leaf(i uint64) (parley.Hash, error) { return l[i], nil }

// TestSubtrees makes proofs of a log as the journal holds it, and the same of its
// leaves alone.
func TestSubtrees(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	log := parley.LogID{1}
	const size = 4*group + 77
	var leaves leavesOf
	for i := range uint64(size) {
		leaves = append(leaves, transcript.LeafHash(binary.BigEndian.AppendUint64(nil, i)))
	}
	commit(t, j, func(tx *Tx) error { return tx.CreateLog(Log{ID: log, Party: "north", Mine: true}) })
	for from := 0; from < size; from += 500 {
		to := min(from+500, size)
		commit(t, j, func(tx *Tx) error {
			for i := from; i < to; i++ {
				r := Record{Log: log, Number: uint64(i + 1), Leaf: leaves[i], Entry: []byte{1}, Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, State: Believed}
				if err := tx.Append(r); err != nil {
					return err
				}
			}
			return tx.PutLog(Log{ID: log, Party: "north", Mine: true, Size: uint64(to)})
		})
	}
	err := j.Read(func(v *View) error {
		if n, err := v.subtrees(log, levelStep); err != nil || n != size/group {
			t.Errorf("%d roots are kept, %v", n, err)
		}
		for _, indexes := range [][]uint64{{0}, {700}, {size - 1}, {3, 255, 256, 1023}} {
			want, err := transcript.ProveSet(size, indexes, leaves)
			if err != nil {
				return err
			}
			held := v.Leaves(log)
			got, err := transcript.ProveSet(size, indexes, held)
			if err != nil {
				return err
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("leaves %v: hash %d differs", indexes, i)
				}
			}
			if len(indexes) == 1 && len(held.read) > 3 {
				t.Errorf("leaf %v: %d groups were read", indexes, len(held.read))
			}
		}
		_, err := v.Leaves(log).Leaf(size)
		if err == nil {
			t.Error("a leaf that is not held")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSubtreesCatchUp has a journal whose entries were written before roots were kept.
func TestSubtreesCatchUp(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	log := parley.LogID{1}
	const blocks = fillMost + 2
	commit(t, j, func(tx *Tx) error {
		if err := tx.CreateLog(Log{ID: log, Party: "north", Mine: true}); err != nil {
			return err
		}
		for i := range uint64(blocks * group) {
			leaf := transcript.LeafHash(binary.BigEndian.AppendUint64(nil, i))
			if err := tx.Append(Record{Log: log, Number: i + 1, Leaf: leaf, Entry: []byte{1}, Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, State: Believed}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, want := range []uint64{fillMost, blocks, blocks} {
		commit(t, j, func(tx *Tx) error {
			return tx.PutLog(Log{ID: log, Party: "north", Mine: true, Size: blocks * group})
		})
		if err := j.Read(func(v *View) error {
			if n, err := v.subtrees(log, levelStep); err != nil || n != want {
				t.Errorf("%d roots, want %d, %v", n, want, err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// What is kept of a tree goes with the entries that are cut out, and comes again with
// those in their place.
func TestCutSubtrees(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	log := parley.LogID{1}
	fill := func(from, to uint64, mark byte) (leaves leavesOf) {
		commit(t, j, func(tx *Tx) error {
			for n := from; n <= to; n++ {
				leaf := transcript.LeafHash([]byte{mark, byte(n), byte(n >> 8)})
				leaves = append(leaves, leaf)
				r := Record{Log: log, Number: n, Leaf: leaf, Entry: []byte{1}, Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, State: Believed}
				if err := tx.Append(r); err != nil {
					return err
				}
			}
			return tx.PutLog(Log{ID: log, Party: "north", Mine: true, Size: to})
		})
		return leaves
	}
	commit(t, j, func(tx *Tx) error { return tx.CreateLog(Log{ID: log, Party: "north", Mine: true}) })
	const close = 2*group - 1
	leaves := fill(1, 2*group+5, 0)
	commit(t, j, func(tx *Tx) error { return tx.CutLog(Log{ID: log, Party: "north", Mine: true, Size: close}) })
	err := j.Read(func(v *View) error {
		if n, err := v.subtrees(log, levelStep); err != nil || n != 1 {
			t.Errorf("%d roots are kept after the cut, %v; want the one of the entries that stayed", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	leaves = append(leaves[:close], fill(close+1, 2*group+1, 1)...)
	err = j.Read(func(v *View) error {
		got, ok, err := v.Leaves(log).Subtree(levelStep, 1)
		var f transcript.Frontier
		for _, leaf := range leaves[group : 2*group] {
			f.Append(leaf)
		}
		if err == nil && (!ok || got != f.Root()) {
			t.Error("the root that is kept is not of the entries that are held")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
