package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// witness is a neutral witness: C2SP tlog-cosignature of Ed25519.
type witness struct {
	key
	name string
}

var (
	witness1 = witness{newKey("witness", "witness 1"), "witness.example/w1"}
	witness2 = witness{newKey("witness", "witness 2"), "witness.example/w2"}
)

// vkey is its verifier key, one line of text.
func (w witness) vkey() string {
	return w.name + "+" + hex.EncodeToString(noteKeyHash(w.name, 4, w.public)) + "+" + base64.StdEncoding.EncodeToString(append([]byte{4}, w.public...))
}

// line is its cosignature of a text, two hours after noon.
func (w witness) line(text string) string { return cosignature(w.key, w.name, text, noon/1000+7200) }

// seenBy is a checkpoint of north with the cosignatures of witnesses.
func seenBy(note []byte, by ...witness) []byte {
	text := checkpointIn(note)
	out := bytes.Clone(note)
	for _, w := range by {
		out = append(out, w.line(text)...)
	}
	return out
}

func checkpointIn(note []byte) string { return string(note[:bytes.Index(note, []byte("\n\n"))+1]) }

// witnessedVectors are judged as north's checkpoint, cosigned by witness 1.
func witnessedVectors() []vector {
	text := checkpointText(north.log, 2, treeRoot([][]byte{leaf1, leaf2}))
	key := input{"key", []byte(witness1.vkey())}
	accept := func(name, why string, in []byte) vector { return ok(name, why, in, key) }
	refuse := func(name, expect, why string, in []byte) vector { return no(name, expect, why, in, key) }
	with := func(lines ...string) []byte { return append(bytes.Clone(checkpoint2), strings.Join(lines, "")...) }
	good, other := witness1.line(text), witness2.line(text)
	raw := func(name string, w witness, seconds uint64, sig []byte) string {
		return noteLine(name, noteKeyHash(w.name, 4, w.public), append(binary.BigEndian.AppendUint64(nil, seconds), sig...))
	}
	at := func(seconds uint64) string { return cosignature(witness1.key, witness1.name, text, seconds) }
	many := func(n int) (lines []string) {
		lines = append(lines, good)
		for i := range n - 1 {
			w := witness{witness2.key, fmt.Sprintf("witness.example/x%d", i)}
			lines = append(lines, w.line(text))
		}
		return lines
	}
	plus := witness{witness1.key, "witness.example+w1"}
	return []vector{
		accept("good", "a witness saw two entries", with(good)),
		accept("two", "another witness, whose key is not asked about, saw them too", with(good, other)),
		accept("eight", "eight witnesses are the most", with(many(8)...)),
		accept("first-second", "the first second of 1970", with(at(1))),
		accept("last-second", "the last second of the year 9999", with(at(253402300799))),

		refuse("of-another", "bad signature", "only another witness cosigned it", with(other)),
		refuse("time-changed", "bad signature", "the time was changed", with(raw(witness1.name, witness1, noon/1000+7201, ed25519.Sign(witness1.private, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", noon/1000+7200, text)))))),
		refuse("of-another-size", "bad signature", "the cosignature is of size 1", with(witness1.line(checkpointText(north.log, 1, leaf1)))),
		refuse("by-another-key", "bad signature", "another key signed under its name and key id", with(raw(witness1.name, witness1, noon/1000+7200, ed25519.Sign(witness2.private, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", noon/1000+7200, text)))))),
		refuse("checkpoint-by-south", "bad signature", "south's log key signed the checkpoint", append(signNote(origin(north.log), south.logKey, text), good...)),
		refuse("log-of-south", "log", "it is of south's log", seenBy(checkpoint(south, 1, leafHash(southEntry1)), witness1)),

		refuse("none", "malformed", "no witness cosigned it", checkpoint2),
		refuse("nine", "malformed", "nine witnesses are too many", with(many(9)...)),
		refuse("twice", "malformed", "the cosignature stands twice", with(good, good)),
		refuse("unsorted", "malformed", "the cosignatures are not sorted by name", with(other, good)),
		refuse("no-time", "malformed", "there is no time", with(at(0))),
		refuse("year-10000", "malformed", "the time is beyond the year 9999", with(at(253402300800))),
		refuse("short", "malformed", "a signature of 63 bytes", with(raw(witness1.name, witness1, noon/1000, make([]byte, 63)))),
		refuse("without-a-time", "malformed", "an ordinary signature, without a time", with(noteLine(witness1.name, noteKeyHash(witness1.name, 1, witness1.public), ed25519.Sign(witness1.private, []byte(text))))),
		refuse("name-with-plus", "malformed", "a plus in the name", with(plus.line(text))),
		refuse("name-long", "malformed", "a name of 129 bytes", with(raw(strings.Repeat("w", 129), witness1, noon/1000, make([]byte, 64)))),
		refuse("name-not-ascii", "malformed", "a name that is written from the right", with(raw("w\u202ew", witness1, noon/1000, make([]byte, 64)))),
		refuse("name-of-nobody", "malformed", "no name", with(raw("", witness1, noon/1000, make([]byte, 64)))),
		refuse("log-signature-missing", "malformed", "the log key did not sign", []byte(text+"\n"+good)),
		refuse("order", "malformed", "the cosignature stands above the signature of the log", []byte(text+"\n"+good+string(checkpoint2[len(text)+1:]))),
		refuse("empty-log", "malformed", "an empty log has nothing to witness", seenBy(checkpoint(north, 0, treeRoot(nil)), witness1)),
		refuse("base64-loose", "malformed", "base64 without padding", bytes.ReplaceAll(with(good), []byte("==\n"), []byte("\n"))),
		refuse("cut-off", "malformed", "the last byte is missing", with(good)[:len(with(good))-1]),
		refuse("nothing", "malformed", "there are no bytes", nil),
	}
}
