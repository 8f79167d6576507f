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
