package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// RFC 6962 §2.1, and notes as C2SP signed-note has them.

func treeRoot(leaves [][]byte) []byte {
	switch len(leaves) {
	case 0:
		h := sha256.Sum256(nil)
		return h[:]
	case 1:
		return leaves[0]
	}
	k := split(len(leaves))
	h := sha256.Sum256(join([]byte{1}, treeRoot(leaves[:k]), treeRoot(leaves[k:])))
	return h[:]
}

// split is the largest power of two below n.
func split(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

func inclusion(m int, leaves [][]byte) [][]byte {
	if len(leaves) == 1 {
		return nil
	}
	k := split(len(leaves))
	if m < k {
		return append(inclusion(m, leaves[:k]), treeRoot(leaves[k:]))
	}
	return append(inclusion(m-k, leaves[k:]), treeRoot(leaves[:k]))
}

func consistency(m int, leaves [][]byte) [][]byte { return subproof(m, leaves, true) }

func subproof(m int, leaves [][]byte, whole bool) [][]byte {
	n := len(leaves)
	if m == n {
		if whole {
			return nil
		}
		return [][]byte{treeRoot(leaves)}
	}
	k := split(n)
	if m <= k {
		return append(subproof(m, leaves[:k], whole), treeRoot(leaves[k:]))
	}
	return append(subproof(m-k, leaves[k:], false), treeRoot(leaves[:k]))
}

func originOf(line, log []byte) string {
	return "parley/v1/" + hex.EncodeToString(line) + "/" + hex.EncodeToString(log)
}

func origin(log []byte) string { return originOf(line, log) }

func checkpointTextOf(origin string, size uint64, root []byte) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, b64(root))
}

func checkpointText(log []byte, size uint64, root []byte) string {
	return checkpointTextOf(origin(log), size, root)
}

// noteKeyHash is the 4 bytes by which a note names a key.
func noteKeyHash(name string, kind byte, public []byte) []byte {
	h := sha256.Sum256(join([]byte(name), []byte{'\n', kind}, public))
	return h[:4]
}

func noteLine(name string, hash, sig []byte) string {
	return "\u2014 " + name + " " + base64.StdEncoding.EncodeToString(join(hash, sig)) + "\n"
}

// signNote is the note of a text with the signature of a log key.
func signNote(name string, k key, text string) []byte {
	return []byte(text + "\n" + noteLine(name, noteKeyHash(name, 1, k.public), ed25519.Sign(k.private, []byte(text))))
}

func checkpoint(p party, size uint64, root []byte) []byte {
	return signNote(origin(p.log), p.logKey, checkpointText(p.log, size, root))
}

// cosignature is the line that receipts a checkpoint: C2SP tlog-cosignature, at a time in seconds.
func cosignature(k key, name, text string, seconds uint64) string {
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)
	sig := binary.BigEndian.AppendUint64(nil, seconds)
	sig = append(sig, ed25519.Sign(k.private, []byte(message))...)
	return noteLine(name, noteKeyHash(name, 4, k.public), sig)
}

func receiptNameOf(line []byte, party string) string {
	return "parley/v1/" + hex.EncodeToString(line) + "/receipt/" + party
}

func receiptName(party string) string { return receiptNameOf(line, party) }

var (
	leaf1 = leafHash(entry1)
	leaf2 = leafHash(entry2)

	checkpoint1 = checkpoint(north, 1, leaf1)
	checkpoint2 = checkpoint(north, 2, treeRoot([][]byte{leaf1, leaf2}))
)
