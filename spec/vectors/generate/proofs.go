package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// tree is a log of n leaves for proofs.
func tree(n int) [][]byte {
	var l [][]byte
	for i := range n {
		l = append(l, leafHash([]byte{byte(i)}))
	}
	return l
}

func number(name string, n int) input {
	return input{name, binary.BigEndian.AppendUint64(nil, uint64(n))}
}

func inclusionVectors() []vector {
	leaves := tree(7)
	root := treeRoot(leaves)
	of := func(size, index int) []input {
		return []input{number("size", size), number("index", index), {"leaf", leaves[index]}, {"root", treeRoot(leaves[:size])}}
	}
	proof := inclusion(2, leaves)
	swapped := [][]byte{proof[1], proof[0], proof[2]}
	v := []vector{
		ok("alone", "one leaf: its own root, and no proof", nil, of(1, 0)...),
		no("proof-empty", "bad proof", "the proof is missing", nil, of(7, 2)...),
		no("proof-short", "bad proof", "the last hash is missing", join(proof[:2]...), of(7, 2)...),
		no("proof-long", "bad proof", "a hash too many", join(append(proof[:3:3], root)...), of(7, 2)...),
		no("proof-order", "bad proof", "two hashes are swapped", join(swapped...), of(7, 2)...),
		no("proof-zeros", "bad proof", "the hashes are zeros", make([]byte, 96), of(7, 2)...),
		no("index-other", "bad proof", "the leaf stands elsewhere", join(proof...), number("size", 7), number("index", 3), input{"leaf", leaves[2]}, input{"root", root}),
		no("leaf-other", "bad proof", "another leaf", join(proof...), number("size", 7), number("index", 2), input{"leaf", leaves[3]}, input{"root", root}),
		no("root-other", "bad proof", "the root of six leaves", join(proof...), number("size", 7), number("index", 2), input{"leaf", leaves[2]}, input{"root", treeRoot(leaves[:6])}),
		no("size-other", "bad proof", "a size under which the proof has another shape", join(proof...), number("size", 4), number("index", 2), input{"leaf", leaves[2]}, input{"root", root}),
		no("alone-with-proof", "bad proof", "one leaf needs no proof", join(root), of(1, 0)...),
		no("index-beyond", "size", "the index is beyond the log", join(proof...), number("size", 7), number("index", 7), input{"leaf", leaves[2]}, input{"root", root}),
		no("size-0", "size", "nothing is in the empty log", nil, number("size", 0), number("index", 0), input{"leaf", leaves[2]}, input{"root", root}),
	}
	for _, index := range []int{0, 2, 4, 6} {
		v = append(v, ok(fmt.Sprintf("leaf-%d", index), "a leaf of seven", join(inclusion(index, leaves)...), of(7, index)...))
	}
	return v
}

func consistencyVectors() []vector {
	leaves := tree(8)
	of := func(from, to int) []input {
		return []input{number("from", from), {"from root", treeRoot(leaves[:from])}, number("to", to), {"to root", treeRoot(leaves[:to])}}
	}
	proof := consistency(3, leaves[:7])
	other := append(bytes.Clone(treeRoot(leaves[:3]))[:31], 0xff)
	v := []vector{
		ok("same", "a log begins with itself, without a proof", nil, of(7, 7)...),
		no("proof-empty", "bad proof", "the proof is missing", nil, of(3, 7)...),
		no("proof-short", "bad proof", "the last hash is missing", join(proof[:len(proof)-1]...), of(3, 7)...),
		no("proof-long", "bad proof", "a hash too many", join(join(proof...), zeros), of(3, 7)...),
		no("proof-zeros", "bad proof", "the hashes are zeros", make([]byte, 32*len(proof)), of(3, 7)...),
		no("proof-order", "bad proof", "the hashes are in the wrong order", join(proof[1], proof[0], join(proof[2:]...)), of(3, 7)...),
		no("from-root-other", "bad proof", "the smaller log had another root", join(proof...), number("from", 3), input{"from root", other}, number("to", 7), input{"to root", treeRoot(leaves[:7])}),
		no("to-root-other", "bad proof", "the larger log has another root", join(proof...), number("from", 3), input{"from root", treeRoot(leaves[:3])}, number("to", 7), input{"to root", treeRoot(leaves[:6])}),
		no("of-other-sizes", "bad proof", "the proof from 4 to 7", join(consistency(4, leaves[:7])...), of(3, 7)...),
		no("same-size-other-root", "bad proof", "two roots of one size", nil, number("from", 7), input{"from root", other}, number("to", 7), input{"to root", treeRoot(leaves[:7])}),
		no("same-with-proof", "bad proof", "a log that begins with itself needs no proof", join(zeros), of(7, 7)...),
		no("backwards", "size", "from 7 to 3", join(proof...), of(7, 3)...),
	}
	for _, sizes := range [][2]int{{1, 2}, {3, 7}, {4, 7}, {6, 8}} {
		v = append(v, ok(fmt.Sprintf("from-%d-to-%d", sizes[0], sizes[1]), "a log that has grown", join(consistency(sizes[0], leaves[:sizes[1]])...), of(sizes[0], sizes[1])...))
	}
	return v
}

// counted adds the last line of a text of the record.
func counted(text string) []byte {
	return fmt.Appendf(nil, "%sEND %d %x\n", text, strings.Count(text, "\n"), sha256.Sum256([]byte(text)))
}

// barred is a note below its keyword.
func barred(keyword string, note []byte) string {
	s := keyword + "\n"
	for l := range strings.Lines(string(note)) {
		s += strings.TrimSuffix("| "+strings.TrimSuffix(l, "\n"), " ") + "\n"
	}
	return s
}

// forkText is a proof of a fork.
func forkText(a, b []byte, prefix []byte, proof ...[]byte) string {
	s := "parley-fork v1\n" + barred("checkpoint", a) + barred("checkpoint", b)
	if prefix != nil {
		s += "prefix " + hex.EncodeToString(prefix) + "\n"
	}
	for _, h := range proof {
		s += "proof " + hex.EncodeToString(h) + "\n"
	}
	return s
}

// twoRoots is a fork of north's log at size 2.
var twoRoots = counted(forkText(checkpoint2, checkpoint(north, 2, treeRoot([][]byte{leaf1, leaf1})), nil))

func forkVectors() []vector {
	leaves := [][]byte{leaf1, leaf2, leafHash([]byte("third"))}
	three := checkpoint(north, 3, treeRoot(leaves))
	otherOne := checkpoint(north, 1, leaf2) // not the leaf with which size 3 begins
	proof := consistency(1, leaves)
	later := north.under(secondName)
	return []vector{
		ok("one-size", "two roots of one size", twoRoots),
		ok("two-sizes", "size 3 does not begin with what was signed as size 1", counted(forkText(otherOne, three, leaf1, proof...))),
		ok("later", "two roots of one size in a later generation, whatever the roster knows of it", counted(forkText(checkpoint(later, 2, leaf1), checkpoint(later, 2, leaf2), nil))),
		ok("later-two-sizes", "two sizes in a later generation", counted(forkText(checkpoint(later, 1, leaf2), checkpoint(later, 3, treeRoot(leaves)), leaf1, proof...))),

		no("same", "bad proof", "both checkpoints are one", counted(forkText(checkpoint2, checkpoint2, nil))),
		no("grown", "bad proof", "the larger begins with the smaller: no fork", counted(forkText(checkpoint1, three, leaf1, proof...))),
		no("no-proof", "bad proof", "two sizes and nothing that connects them", counted(forkText(otherOne, three, nil))),
		no("proof-bad", "bad proof", "the proof does not lead to the larger root", counted(forkText(otherOne, three, leaf1, proof[0], zeros))),
		no("prefix-bad", "bad proof", "the proof does not begin at the prefix", counted(forkText(otherOne, three, leaf2, proof...))),
		no("two-logs", "log", "the logs of two parties", counted(forkText(checkpoint1, checkpoint(south, 1, leafHash(southEntry1)), nil))),
		no("two-generations", "log", "two generations: what was lost contradicts nothing", counted(forkText(checkpoint(north, 2, leaf1), checkpoint(later, 2, leaf2), nil))),
		no("two-generations-later", "log", "the later one first", counted(forkText(checkpoint(later, 2, leaf1), checkpoint(north, 2, leaf2), nil))),
		no("later-same", "bad proof", "both checkpoints are one", counted(forkText(checkpoint(later, 2, leaf1), checkpoint(later, 2, leaf1), nil))),
		no("later-two-keys", "bad signature", "the two parties signed one each under a name that the roster does not know", counted(forkText(checkpoint(later, 2, leaf1), signNote(origin(later.log), south.logKey, checkpointText(later.log, 2, leaf2)), nil))),
		no("later-by-stranger", "log", "neither party's log key signed under that name", counted(forkText(
			signNote(origin(later.log), north.station, checkpointText(later.log, 2, leaf1)), signNote(origin(later.log), north.station, checkpointText(later.log, 2, leaf2)), nil))),
		no("unsigned", "bad signature", "the second was signed by another key", counted(forkText(checkpoint2, signNote(origin(north.log), south.logKey, checkpointText(north.log, 2, leaf1)), nil))),
		no("order", "malformed", "the larger checkpoint stands first", counted(forkText(three, otherOne, leaf1, proof...))),
		no("one-size-with-proof", "malformed", "two roots of one size need no further proof", counted(forkText(checkpoint2, checkpoint(north, 2, leaf1), leaf1))),
		no("cut-off", "malformed", "the last line is missing", []byte(forkText(checkpoint2, checkpoint1, nil))),
		no("altered", "malformed", "a digit was changed above END", bytes.Replace(twoRoots, []byte("\n| 2\n"), []byte("\n| 3\n"), 1)),
		no("version-2", "malformed", "version 2 is not known", counted(strings.Replace(forkText(checkpoint2, checkpoint1, nil), "v1", "v2", 1))),
		no("nothing", "malformed", "there are no bytes", nil),
	}
}
