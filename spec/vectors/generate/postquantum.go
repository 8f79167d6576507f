package main

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// mldsa is what the standard library cannot compute yet: keys and signatures of
// ML-DSA-44, made by an implementation of FIPS 204 from such seeds as newKey uses,
// deterministically (rnd of zeros) and with an empty context. Its lines, in base64, are
//
//	key NAME PUBLIC                    the private key is seed(NAME)
//	signature NAME MESSAGE SIGNATURE
//
// A test of package receipt makes them again.
//
//go:embed mldsa.txt
var mldsa string

// mldsaLine is what stands behind these words in a line of the file.
func mldsaLine(words string) []byte {
	for l := range strings.Lines(mldsa) {
		if rest, ok := strings.CutPrefix(l, words+" "); ok {
			b, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(rest, "\n"))
			check(err)
			return b
		}
	}
	check(fmt.Errorf("mldsa.txt has no %s", words))
	return nil
}

func mldsaKey(name string) []byte { return mldsaLine("key " + name) }

func mldsaSign(name string, message []byte) []byte {
	return mldsaLine("signature " + name + " " + b64(message))
}

// withPQ is what the roster says of a side that has a receipt-pq key.
func withPQ(p party) string {
	receipt := "receipt " + b64(p.receipt.public) + "\n"
	return replaced(p.identity(), receipt, receipt+"receipt-pq "+b64(mldsaKey(p.name+" receipt-pq"))+"\n")
}

// The roster of a line of the same parties, with the keys of both, and north's checkpoint
// of size 2 on it.
var (
	pqRoster = end("parley-roster v1\n" + withPQ(north) + withPQ(south) + terms)
	pqLine   = lineOf(pqRoster)
	pqOrigin = originOf(pqLine, north.log)
)

// messagePQ is what is signed (C2SP tlog-cosignature, ML-DSA-44).
func messagePQ(name, origin string, seconds, size uint64, root []byte) []byte {
	return join([]byte("subtree/v1\n\x00"), []byte{byte(len(name))}, []byte(name), binary.BigEndian.AppendUint64(nil, seconds),
		[]byte{byte(len(origin))}, []byte(origin), make([]byte, 8), binary.BigEndian.AppendUint64(nil, size), root)
}

// pqLines makes the lines of a note.
type pqLines struct {
	line   []byte
	origin string
	size   uint64
	root   []byte
}

func (n pqLines) text() string { return checkpointTextOf(n.origin, n.size, n.root) }

func (n pqLines) checkpoint() string { return string(signNote(n.origin, north.logKey, n.text())) }

func (n pqLines) receipt() string {
	return cosignature(south.receipt, receiptNameOf(n.line, "south"), n.text(), noon/1000+3)
}

// by is the cosignature of a party by its receipt-pq key.
func (n pqLines) by(party string, seconds uint64) string {
	return n.under("parley/v1/"+hex.EncodeToString(n.line)+"/receipt-pq/"+party, party, seconds)
}

func (n pqLines) under(name, party string, seconds uint64) string {
	key := party + " receipt-pq"
	sig := mldsaSign(key, messagePQ(name, n.origin, seconds, n.size, n.root))
	return noteLine(name, noteKeyHash(name, 6, mldsaKey(key)), append(binary.BigEndian.AppendUint64(nil, seconds), sig...))
}

// cosignedPQVectors are judged as north's checkpoint, cosigned by both.
func cosignedPQVectors() []vector {
	root2 := treeRoot([][]byte{leaf1, leaf2})
	n := pqLines{pqLine, pqOrigin, 2, root2}
	other := pqLines{pqLine, pqOrigin, 2, leaf1}
	smaller := pqLines{pqLine, pqOrigin, 1, leaf1}
	at := noon / 1000
	owner, answer := n.by("north", at+5), n.by("south", at+6)
	first := n.checkpoint() + n.receipt()
	good := first + owner + answer

	in := input{"roster", pqRoster}
	yes := func(name, why, text string) vector { return ok(name, why, []byte(text), in) }
	bad := func(name, expect, why, text string) vector { return no(name, expect, why, []byte(text), in) }
	flipped := func(line string) string { // a bit of the signature
		b, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(line[strings.LastIndex(line, " ")+1:], "\n"))
		check(err)
		b[100] ^= 1
		return line[:strings.LastIndex(line, " ")+1] + base64.StdEncoding.EncodeToString(b) + "\n"
	}
	half := end("parley-roster v1\n" + withPQ(north) + south.identity() + terms)
	halfNote := pqLines{lineOf(half), originOf(lineOf(half), north.log), 2, root2}
	return []vector{
		yes("good", "both parties cosigned both entries", good),
		yes("one-moment", "both parties cosigned at one second", first+n.by("north", at+6)+answer),

		bad("offer", "malformed", "south has not answered", first+owner),
		bad("cosigned", "malformed", "it is an ordinary cosigned checkpoint", first),
		bad("owner-missing", "malformed", "north did not cosign", first+answer),
		bad("receipt-missing", "malformed", "south's receipt key did not cosign", n.checkpoint()+owner+answer),
		bad("five", "malformed", "south's stands twice", good+answer),
		bad("nothing", "malformed", "there are no bytes", ""),
		bad("cut-off", "malformed", "the last byte is missing", good[:len(good)-1]),
		bad("no-moment", "malformed", "at no time", first+owner+n.by("south", 0)),
		bad("order", "bad signature", "south's stands above north's", first+answer+owner),
		bad("by-north-twice", "bad signature", "north answers itself", first+owner+n.by("north", at+6)),
		bad("owner-changed", "bad signature", "a bit of north's was changed; the three others verify", first+flipped(owner)+answer),
		bad("answer-changed", "bad signature", "a bit of south's was changed; the three others verify", first+owner+flipped(answer)),
		bad("receipt-changed", "bad signature", "a bit of the cosignature by Ed25519 was changed; both by ML-DSA-44 verify",
			n.checkpoint()+noteLine(receiptNameOf(pqLine, "south"), noteKeyHash(receiptNameOf(pqLine, "south"), 4, south.receipt.public), make([]byte, 72))+owner+answer),
		bad("time-changed", "bad signature", "south's time was changed", first+owner+func() string {
			name := "parley/v1/" + hex.EncodeToString(pqLine) + "/receipt-pq/south"
			sig := mldsaSign("south receipt-pq", messagePQ(name, n.origin, at+6, 2, root2))
			return noteLine(name, noteKeyHash(name, 6, mldsaKey("south receipt-pq")), append(binary.BigEndian.AppendUint64(nil, at+7), sig...))
		}()),
		bad("of-another-size", "bad signature", "south's is of size 1", first+owner+smaller.by("south", at+6)),
		bad("of-another-root", "bad signature", "south's is of another root", first+owner+other.by("south", at+6)),
		bad("name-other", "bad signature", "the right key under the name of the receipt key", first+owner+n.under(receiptNameOf(pqLine, "south"), "south", at+6)),
		bad("type-other", "bad signature", "the key hash is that of Ed25519", first+owner+func() string {
			name := "parley/v1/" + hex.EncodeToString(pqLine) + "/receipt-pq/south"
			sig := mldsaSign("south receipt-pq", messagePQ(name, n.origin, at+6, 2, root2))
			return noteLine(name, noteKeyHash(name, 4, mldsaKey("south receipt-pq")), append(binary.BigEndian.AppendUint64(nil, at+6), sig...))
		}()),
		bad("signature-short", "malformed", "south's is a byte short", first+owner+func() string {
			name := "parley/v1/" + hex.EncodeToString(pqLine) + "/receipt-pq/south"
			sig := mldsaSign("south receipt-pq", messagePQ(name, n.origin, at+6, 2, root2))
			return noteLine(name, noteKeyHash(name, 6, mldsaKey("south receipt-pq")), append(binary.BigEndian.AppendUint64(nil, at+6), sig[1:]...))
		}()),
		bad("line-other", "log", "it is of the vectors' other line", string(bytes.ReplaceAll([]byte(good), []byte(hex.EncodeToString(pqLine)), []byte(hex.EncodeToString(line))))),
		no("one-key", "bad signature", "south has no receipt-pq key on this roster", []byte(halfNote.checkpoint()+halfNote.receipt()+halfNote.by("north", at+5)+strings.ReplaceAll(answer, hex.EncodeToString(pqLine), hex.EncodeToString(halfNote.line))), input{"roster", half}),
	}
}
