package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// Vectors about the record: what officers released, narrow entries,
// checkpoints, cosignatures, proofs and forks.

// releasedVectors are judged by south, as what north released to it.
func releasedVectors() []vector {
	a, b, c := north.officer('a'), north.officer('b'), north.officer('c')
	t := text("one", "All quiet.")
	one := t.encode()
	flash := t.with(5, u(1)).encode()
	good := approve(a, one)
	changed := bytes.Clone(good.sig)
	changed[0] ^= 1

	v := []vector{
		ok("immediate", "one officer, as the terms ask for Immediate", sign(one, a)),
		ok("flash", "two officers, as the terms ask for Flash", sign(flash, a, b)),
		ok("chief", "from north/chief, by an officer of that desk", sign(t.with(3, tstr("north/chief")).encode(), c)),
		ok("text-not-allowed-elsewhere", "right-to-left marks are text", sign(t.with(11, tstr("\u200fسلام")).encode(), a)),

		no("flash-one", "quorum", "one officer where two must sign", sign(flash, a)),
		no("flash-three", "quorum", "three officers where two must sign: exactly the quorum", sign(flash, a, b, c)),
		no("immediate-two", "quorum", "two officers where one must sign", sign(one, a, b)),

		no("officer-unknown", "officer", "somebody whom the roster does not know", sign(one, newKey("officer", "somebody"))),
		no("officer-of-south", "officer", "an officer of the addressee", sign(one, south.officer('a'))),
		no("station-key", "officer", "the station key signs no content", sign(one, north.station)),
		no("officer-as-station", "officer", "an officer's key under the key id of another role", assemble(one, signature{keyID("station", a.public), good.sig})),

		no("signature-changed", "bad signature", "a bit of the signature was changed", assemble(one, signature{a.id, changed})),
		no("content-changed", "bad signature", "signed for another text", assemble(t.with(11, tstr("All quiet?")).encode(), good)),
		no("signature-of-another", "bad signature", "another officer's signature", assemble(one, signature{a.id, approve(b, one).sig})),
		no("large-s", "bad signature", "S is larger than the order of the group", assemble(one, signature{a.id, largeS(good.sig)})),
		no("other-domain", "bad signature", "signed for another purpose", assemble(one, signature{a.id, ed25519.Sign(a.private, toBeSigned("parley/v1/other", a.id, one))})),
		no("signed-as-cose-sign1", "bad signature", "the signature is one of COSE_Sign1", assemble(one, signature{a.id, ed25519.Sign(a.private, toBeSigned1("parley/v1/content", a.id, one))})),
		no("second-signature-bad", "bad signature", "of two, one is bad", func() []byte {
			x, y := approve(a, flash), approve(b, flash)
			if bytes.Compare(x.id, y.id) > 0 {
				x, y = y, x
			}
			y.sig = bytes.Clone(y.sig)
			y.sig[63] ^= 1
			return assemble(flash, x, y)
		}()),

		no("desk-of-another-officer", "desk", "the officer may not release for north/chief", sign(t.with(3, tstr("north/chief")).encode(), a)),
		no("desk-of-south", "desk", "from a desk of the addressee", sign(t.with(3, tstr("south/duty")).with(4, array(tstr("north/duty"))).encode(), a)),
		no("desk-unknown", "desk", "from a desk that the roster does not know", sign(t.with(3, tstr("north/press")).encode(), a)),

		no("addressee-own", "addressee", "to a desk of the sender only, sealed again to another", sign(t.with(4, array(tstr("north/chief"))).encode(), a)),
		no("addressee-unknown", "addressee", "to a desk that the roster does not know", sign(t.with(4, array(tstr("south/press"))).encode(), a)),
		no("addressee-third", "addressee", "to a party that is not of this line", sign(t.with(4, array(tstr("west/duty"))).encode(), a)),

		no("line-other", "line", "of another line", sign(t.with(1, bstr(zeros)).encode(), a)),
		no("text-override", "text", "signed text that holds U+202E", sign(t.with(11, tstr("P-12\u202e")).encode(), a)),
		no("content-malformed", "malformed", "what is signed is not content", sign([]byte("content"), a)),
		no("content-unknown-kind", "malformed", "kind 3 does not exist in this version", sign(t.with(7, u(3)).encode(), a)),

		no("signers-none", "malformed", "nobody signed", assemble(one)),
		no("signers-twice", "malformed", "one officer stands twice", assemble(flash, approve(a, flash), approve(a, flash))),
		no("signers-unsorted", "malformed", "the signers are not sorted by key id", func() []byte {
			x, y := approve(a, flash), approve(b, flash)
			if bytes.Compare(x.id, y.id) < 0 {
				x, y = y, x
			}
			return assemble(flash, x, y)
		}()),
		no("body-protected", "malformed", "the body's protected header is not empty", array(bstr(join([]byte{0xa1, 0x01, 0x27})), emptyMap, bstr(one), array(good.encode()))),
		no("unprotected", "malformed", "a signer's unprotected header is not empty", array(bstr(nil), emptyMap, bstr(one), array(array(bstr(protected(a.id)), join([]byte{0xa1, 0x04}, bstr(a.id)), bstr(good.sig))))),
		no("cose-tag", "malformed", "the tag of COSE_Sign (98) stands before it", append([]byte{0xd8, 98}, sign(one, a)...)),
	}
	for _, bad := range badArrays(bstr(nil), emptyMap, bstr(one), array(good.encode())) {
		v = append(v, no("cose-"+bad.name, "malformed", bad.why, bad.bytes))
	}
	return v
}

// narrowItems is the narrow form of entry 2 of north.
func narrowItems() [][]byte {
	sig := approve(north.officer('b'), second)
	return [][]byte{u(2), u(noon + 2000), u(1), array(array(bstr(sig.id), bstr(sig.sig))), text("two", "Survey ended 0910Z. P-21 returns.").without(1).encode()}
}

func narrowVectors() []vector {
	with := []input{{"line", line}, {"log", north.log}, {"peer log", south.log}, {"previous", leaf1}}
	items := narrowItems()
	put := func(i int, v []byte) []byte {
		out := append([][]byte(nil), items...)
		out[i] = v
		return array(out...)
	}
	sig := approve(north.officer('b'), second)
	v := []vector{
		ok("second", "entry 2, which has seen one entry of the addressee's log", array(items...), append(with, input{"entry", entry2})...),
		ok("seen-none", "nothing seen", put(2, u(0)), append(with, input{"entry", entryFields(north.log, 2, leaf1, sign(second, north.officer('b'))).encode()})...),

		no("number-0", "form", "numbers begin at 1", put(0, u(0)), with...),
		no("first", "form", "entry 1 has no previous leaf, but one was given", put(0, u(1)), with...),
		no("signers-none", "form", "nobody signed", put(3, array()), with...),
		no("signature-short", "form", "the signature has 63 bytes", put(3, array(array(bstr(sig.id), bstr(sig.sig[1:])))), with...),
		no("key-id-long", "form", "the key id has 9 bytes", put(3, array(array(bstr(append(bytes.Clone(sig.id), 0)), bstr(sig.sig)))), with...),
		no("with-line", "form", "the narrow form leaves the line out", put(4, second), with...),
		no("content-malformed", "form", "precedence 9 does not exist", put(4, text("two", "x").without(1).with(5, u(9)).encode()), with...),
		no("content-bytes", "form", "the content is in a byte string", put(4, bstr(text("two", "x").without(1).encode())), with...),
	}
	for _, b := range badArrays(items...) {
		v = append(v, no("cbor-"+b.name, "form", b.why, b.bytes, with...))
	}
	return v
}

// checkpointVectors are judged as checkpoints of north's log.
func checkpointVectors() []vector {
	root2 := treeRoot([][]byte{leaf1, leaf2})
	name := origin(north.log)
	good := string(checkpointText(north.log, 2, root2))
	sign := func(text string) []byte { return signNote(name, north.logKey, text) }
	nothing := sha256.Sum256(nil)
	last := func(n []byte) []byte {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		n = bytes.Clone(n)
		c := &n[len(n)-3] // before "=" and LF; its two low bits stand for nothing
		*c = alphabet[strings.IndexByte(alphabet, *c)|1]
		return n
	}
	return []vector{
		ok("size-1", "the first entry", checkpoint1),
		ok("size-2", "two entries", checkpoint2),
		ok("size-0", "the empty log: the root is the hash of nothing", checkpoint(north, 0, nothing[:])),

		no("log-of-south", "log", "a checkpoint of the other log", checkpoint(south, 1, leafHash(southEntry1))),
		no("line-other", "log", "a log of another line", func() []byte {
			n := strings.Replace(name, hex.EncodeToString(line), strings.Repeat("00", 32), 1)
			return signNote(n, north.logKey, strings.Replace(good, name, n, 1))
		}()),
		no("key-of-south", "bad signature", "another key signed it", signNote(name, south.logKey, good)),
		no("key-name-other", "bad signature", "the right key under another name", signNote("north", north.logKey, good)),
		no("station-key", "bad signature", "the station key signs no checkpoint", signNote(name, north.station, good)),
		no("size-changed", "bad signature", "the size was changed", bytes.Replace(checkpoint2, []byte("\n2\n"), []byte("\n3\n"), 1)),
		no("signature-changed", "bad signature", "a bit of the signature was changed", func() []byte {
			sig := ed25519.Sign(north.logKey.private, []byte(good))
			sig[5] ^= 1
			return []byte(good + "\n" + noteLine(name, noteKeyHash(name, 1, north.logKey.public), sig))
		}()),
		no("unsigned", "malformed", "there is no signature", []byte(good+"\n")),
		no("text-only", "malformed", "there is only the text", []byte(good)),
		no("nothing", "malformed", "there are no bytes", nil),
		no("size-leading-zero", "malformed", "the size has a leading zero", sign(strings.Replace(good, "\n2\n", "\n02\n", 1))),
		no("size-negative", "malformed", "the size is negative", sign(strings.Replace(good, "\n2\n", "\n-2\n", 1))),
		no("size-empty", "malformed", "there is no size", sign(strings.Replace(good, "\n2\n", "\n\n", 1))),
		no("size-0-with-root", "malformed", "an empty log has the root of the empty log", checkpoint(north, 0, leaf1)),
		no("size-too-large", "malformed", "2^40+1 entries", checkpoint(north, 1<<40+1, root2)),
		no("root-short", "malformed", "the root has 31 bytes", checkpoint(north, 2, root2[1:])),
		no("root-unpadded", "malformed", "base64 without padding", sign(strings.Replace(good, "=", "", 1))),
		no("extension", "malformed", "a line follows the root", sign(good+"extension\n")),
		no("crlf", "malformed", "lines end in CR LF", sign(strings.ReplaceAll(good, "\n", "\r\n"))),
		no("log-upper-case", "malformed", "the log is in upper case", signNote(name, north.logKey, strings.Replace(good, hex.EncodeToString(north.log), strings.ToUpper(hex.EncodeToString(north.log)), 1))),
		no("origin-other", "malformed", "the first line is not an origin of ours", sign(strings.Replace(good, "parley/v1/", "parley/v2/", 1))),
		no("signature-twice", "malformed", "the signature stands twice", append(bytes.Clone(checkpoint2), checkpoint2[len(good)+1:]...)),
		no("signature-of-stranger", "malformed", "somebody else signed as well", append(bytes.Clone(checkpoint2), signNote("stranger", south.logKey, good)[len(good)+1:]...)),
		no("cut-off", "malformed", "the last byte is missing", checkpoint2[:len(checkpoint2)-1]),
		no("base64-changed", "malformed", "the signature's base64 is damaged", func() []byte { n := bytes.Clone(checkpoint2); n[len(n)-3] = '*'; return n }()),
		no("last-bits", "malformed", "the bits of base64 that stand for nothing are not zero", last(checkpoint2)),
	}
}

// cosignedVectors are judged as north's checkpoint, receipted by south.
func cosignedVectors() []vector {
	root2 := treeRoot([][]byte{leaf1, leaf2})
	text := checkpointText(north.log, 2, root2)
	name := receiptName("south")
	at := noon/1000 + 3
	with := func(lines ...string) []byte { return append(bytes.Clone(checkpoint2), strings.Join(lines, "")...) }
	good := cosignature(south.receipt, name, text, at)
	seconds := binary.BigEndian.AppendUint64(nil, at)
	raw := func(sig []byte) string { return noteLine(name, noteKeyHash(name, 4, south.receipt.public), sig) }

	return []vector{
		ok("good", "south holds both entries", with(good)),

		no("not-cosigned", "malformed", "only the log key signed", checkpoint2),
		no("by-north", "bad signature", "the owner of the log cosigned it himself", with(cosignature(north.receipt, receiptName("north"), text, at))),
		no("by-station-key", "bad signature", "the station key does not cosign", with(cosignature(south.station, name, text, at))),
		no("name-other", "bad signature", "the right key under another name", with(cosignature(south.receipt, receiptName("west"), text, at))),
		no("of-another-size", "bad signature", "the cosignature is of size 1", with(cosignature(south.receipt, name, checkpointText(north.log, 1, leaf1), at))),
		no("of-another-root", "bad signature", "the cosignature is of another root", with(cosignature(south.receipt, name, checkpointText(north.log, 2, leaf1), at))),
		no("time-changed", "bad signature", "the time was changed", with(raw(append(binary.BigEndian.AppendUint64(nil, at+1), ed25519.Sign(south.receipt.private, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)))...)))),
		no("plain-signature", "bad signature", "it signed the text as a log does, without a time", with(raw(append(seconds, ed25519.Sign(south.receipt.private, []byte(text))...)))),
		no("type-ed25519", "bad signature", "the key hash is that of an ordinary signature", with(noteLine(name, noteKeyHash(name, 1, south.receipt.public), ed25519.Sign(south.receipt.private, []byte(text))))),
		no("log-signature-missing", "malformed", "the log key did not sign", []byte(text+"\n"+good)),
		no("checkpoint-changed", "bad signature", "the size was changed below both signatures", bytes.Replace(with(good), []byte("\n2\n"), []byte("\n3\n"), 1)),

		no("order", "bad signature", "the cosignature stands above the signature of the log", []byte(text+"\n"+good+string(checkpoint2[len(text)+1:]))),
		no("twice", "malformed", "the cosignature stands twice", with(good, good)),
		no("stranger", "malformed", "somebody else cosigned as well", with(good, cosignature(newKey("receipt", "stranger"), "stranger", text, at))),
		no("nothing", "malformed", "there are no bytes", nil),
		no("cut-off", "malformed", "the last byte is missing", with(good)[:len(with(good))-1]),
		no("log-of-south", "log", "it is south's own log", append(checkpoint(south, 1, leafHash(southEntry1)), cosignature(south.receipt, name, checkpointText(south.log, 1, leafHash(southEntry1)), at)...)),
	}
}

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
	return []vector{
		ok("one-size", "two roots of one size", twoRoots),
		ok("two-sizes", "size 3 does not begin with what was signed as size 1", counted(forkText(otherOne, three, leaf1, proof...))),

		no("same", "bad proof", "both checkpoints are one", counted(forkText(checkpoint2, checkpoint2, nil))),
		no("grown", "bad proof", "the larger begins with the smaller: no fork", counted(forkText(checkpoint1, three, leaf1, proof...))),
		no("no-proof", "bad proof", "two sizes and nothing that connects them", counted(forkText(otherOne, three, nil))),
		no("proof-bad", "bad proof", "the proof does not lead to the larger root", counted(forkText(otherOne, three, leaf1, proof[0], zeros))),
		no("prefix-bad", "bad proof", "the proof does not begin at the prefix", counted(forkText(otherOne, three, leaf2, proof...))),
		no("two-logs", "log", "the logs of two parties", counted(forkText(checkpoint1, checkpoint(south, 1, leafHash(southEntry1)), nil))),
		no("unsigned", "bad signature", "the second was signed by another key", counted(forkText(checkpoint2, signNote(origin(north.log), south.logKey, checkpointText(north.log, 2, leaf1)), nil))),
		no("order", "malformed", "the larger checkpoint stands first", counted(forkText(three, otherOne, leaf1, proof...))),
		no("one-size-with-proof", "malformed", "two roots of one size need no further proof", counted(forkText(checkpoint2, checkpoint(north, 2, leaf1), leaf1))),
		no("cut-off", "malformed", "the last line is missing", []byte(forkText(checkpoint2, checkpoint1, nil))),
		no("altered", "malformed", "a digit was changed above END", bytes.Replace(twoRoots, []byte("\n| 2\n"), []byte("\n| 3\n"), 1)),
		no("version-2", "malformed", "version 2 is not known", counted(strings.Replace(forkText(checkpoint2, checkpoint1, nil), "v1", "v2", 1))),
		no("nothing", "malformed", "there are no bytes", nil),
	}
}
