package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
)

// transcriptVectors are audited against the roster of the line.
func transcriptVectors() []vector {
	root2 := treeRoot([][]byte{leaf1, leaf2})
	cosignedBy := func(note []byte, text string) []byte {
		return append(bytes.Clone(note), cosignature(south.receipt, receiptName("south"), text, noon/1000+3)...)
	}
	t := record{
		line: line, exporter: "north",
		north: recordLog{
			party: "north", id: north.log, entries: [][]byte{entry1, entry2}, checkpoint: checkpoint2,
			cosigned: cosignedBy(checkpoint2, checkpointText(north.log, 2, root2)),
			receipts: []statement{{2, sign1(south.receipt, receiptDomain, receiptFields.encode())}},
		},
		south: recordLog{party: "south", id: south.log, entries: [][]byte{southEntry1}, checkpoint: checkpoint(south, 1, leafHash(southEntry1))},
	}
	with := func(change func(*record)) []byte {
		c := t
		change(&c)
		return counted(c.text())
	}
	// rewritten is north's log with another entry 2, and a checkpoint over it.
	rewritten := func(second []byte) func(*record) {
		return func(r *record) {
			r.north.entries = [][]byte{entry1, second}
			r.north.checkpoint = checkpoint(north, 2, treeRoot([][]byte{leaf1, leafHash(second)}))
			r.north.cosigned, r.north.receipts = nil, nil
		}
	}
	whole := t.text()
	// changed is north's log: entry 1, what makes it change its side, and then texts.
	changed := func(second []byte, then ...[]byte) func(*record) {
		return func(r *record) {
			entries, leaves := [][]byte{entry1}, [][]byte{leaf1}
			for i, signed := range append([][]byte{second}, then...) {
				e := entryFields(north.log, uint64(i+2), leaves[i], signed).encode()
				entries, leaves = append(entries, e), append(leaves, leafHash(e))
			}
			r.north = recordLog{party: "north", id: north.log, entries: entries, checkpoint: checkpoint(north, uint64(len(entries)), treeRoot(leaves))}
		}
	}
	a, b := northA.key, northB.key
	byNew := sign(text("new", "north d has the watch.").with(3, tstr("north/chief")).encode(), northD.key)
	byOld := sign(text("old", "north c has the watch.").with(3, tstr("north/chief")).encode(), northC.key)
	replaces := sign(changeContent, a, b)

	v := []vector{
		ok("good", "two entries of north, one of south, receipts", counted(whole)),
		ok("refused", "south refused entry 2, for whatever reason", with(func(r *record) {
			r.north.refusals = []statement{{2, sign1(south.station, refusalDomain, refusalFields.encode())}}
		})),
		ok("empty", "nobody has said anything", with(func(r *record) {
			r.north = recordLog{party: "north", id: north.log}
			r.south = recordLog{party: "south", id: south.log}
		})),
		ok("refused-indeed", "entry 2 is not released, and south refused it", with(func(r *record) {
			bad := entryFields(north.log, 2, leaf1, sign(second, south.officer('a'))).encode()
			rewritten(bad)(r)
			r.north.refusals = []statement{{2, sign1(south.station, refusalDomain, refusalFields.with(3, bstr(leafHash(bad))).with(4, u(6)).encode())}}
		})),
		ok("refused-seen", "entry 2 has seen a log that is not of this line, and south refused it: no fault of the file", with(func(r *record) {
			bad := entry2Fields.with(5, array(array(bstr(zeros[:16]), u(1)))).encode()
			rewritten(bad)(r)
			r.north.refusals = []statement{{2, sign1(south.station, refusalDomain, refusalFields.with(3, bstr(leafHash(bad))).with(4, u(14)).encode())}}
		})),
		ok("refused-replay", "entry 2 came first, and entry 1, which has the same draft, was refused as a replay", with(func(r *record) {
			rewritten(entryFields(north.log, 2, leaf1, firstSigned).encode())(r)
			r.north.refusals = []statement{{1, sign1(south.station, refusalDomain, refusalFields.with(2, u(1)).with(3, bstr(leaf1)).with(4, u(9)).encode())}}
		})),

		ok("seen-beyond", "north, who exports, has seen more of south than is in the file: it is a claim, and told as one", with(rewritten(entry2Fields.with(5, array(array(bstr(south.log), u(9)))).encode()))),

		ok("changed", "north d comes for north c in entry 2, and releases entry 3", with(changed(replaces, byNew))),
		ok("changed-and-refused", "south refused a change that is right: it is in force all the same", with(func(r *record) {
			changed(replaces, byNew)(r)
			leaf := leafHash(r.north.entries[1])
			r.north.refusals = []statement{{2, sign1(south.station, refusalDomain, refusalFields.with(3, bstr(leaf)).with(4, u(13)).encode())}}
		})),
		no("changed-by-old", "officer", "north c releases entry 3, and left in entry 2", with(changed(replaces, byOld))),
		no("changed-too-soon", "officer", "north d releases entry 2, and comes in entry 3", with(changed(byNew, replaces))),
		no("changed-twice", "change", "entry 3 says the change of entry 2 again", with(changed(replaces, replaces))),
		no("changed-below-quorum", "quorum", "one officer signed the change", with(changed(sign(changeContent, a)))),
		no("changed-beside", "change", "entry 3 has another first change", with(changed(replaces, sign(changing("beside",
			change{"north", 1, north.side(), north.with(northB, northC).side(), leave(northA)}.text()).encode(), northB.key, northD.key)))),

		no("end-missing", "malformed", "the last line is missing", []byte(whole)),
		no("cut-off", "malformed", "the last byte is missing", counted(whole)[:len(counted(whole))-1]),
		no("altered-below-end", "malformed", "a byte was changed and END was not", bytes.Replace(counted(whole), []byte("exporter north"), []byte("exporter south"), 1)),
		no("title-other", "malformed", "version 2 is not known", counted(replaced(whole, "transcript v1", "transcript v2"))),
		no("exporter-third", "malformed", "exported by a party that is not of the line", counted(replaced(whole, "exporter north", "exporter west"))),
		no("entry-missing", "malformed", "entry 1 is missing from the file", counted(replaced(whole, "entry 1 "+b64(entry1)+"\n", ""))),
		no("entry-count", "malformed", "the log says it has three entries", counted(replaced(whole, fmt.Sprintf("%x 2\n", north.log), fmt.Sprintf("%x 3\n", north.log)))),
		no("logs-unsorted", "malformed", "south's log stands first", with(func(r *record) { r.north, r.south = r.south, r.north })),
		no("receipt-of-none", "malformed", "a receipt of an entry that is not here", counted(replaced(whole, "receipt 2 ", "receipt 3 "))),
		no("base64-loose", "malformed", "base64 with a line's worth of space", counted(replaced(whole, "entry 1 ", "entry 1  "))),

		no("line-other", "roster", "of another line", with(func(r *record) { r.line = zeros })),
		no("log-other", "roster", "a log that the roster does not name", with(func(r *record) { r.south = recordLog{party: "south", id: zeros[:16]} })),
		no("checkpoint-missing", "missing", "a log with entries and without a checkpoint", with(func(r *record) { r.north.checkpoint, r.north.cosigned = nil, nil })),
		no("checkpoint-larger", "missing", "the last entry was left out", with(func(r *record) {
			r.north.entries, r.north.receipts = [][]byte{entry1}, nil
		})),
		no("checkpoint-forged", "bad signature", "another key signed the checkpoint", with(func(r *record) {
			r.north.checkpoint = signNote(origin(north.log), south.logKey, checkpointText(north.log, 2, root2))
		})),
		no("root-other", "altered", "the entries do not have the root that was signed", with(func(r *record) {
			r.north.checkpoint = checkpoint(north, 2, leaf1)
			r.north.cosigned = nil
		})),
		no("chain-broken", "altered", "entry 1 is another one than entry 2 follows", with(func(r *record) {
			other := entryFields(north.log, 1, zeros, sign(text("other", "Nothing to report.").encode(), north.officer('a'))).encode()
			r.north.entries = [][]byte{other, entry2}
		})),
		no("cosigned-other-root", "altered", "south receipted other entries", with(func(r *record) {
			r.north.cosigned = cosignedBy(checkpoint(north, 2, leaf1), checkpointText(north.log, 2, leaf1))
		})),
		no("cosigned-by-north", "bad signature", "north receipted its own log", with(func(r *record) {
			r.north.cosigned = append(bytes.Clone(checkpoint2), cosignature(north.receipt, receiptName("south"), checkpointText(north.log, 2, root2), noon/1000)...)
		})),
		no("cosigned-pq", "bad signature", "a note with four signatures, and no receipt-pq key on the roster", with(func(r *record) {
			n := pqLines{pqLine, pqOrigin, 2, root2}
			pq := n.by("north", noon/1000+5) + n.by("south", noon/1000+6)
			r.north.cosignedPQ = append(bytes.Clone(r.north.cosigned), strings.ReplaceAll(pq, hex.EncodeToString(pqLine), hex.EncodeToString(line))...)
		})),
		no("cosigned-pq-of-two", "malformed", "where the note with four signatures stands there is one with two", with(func(r *record) { r.north.cosignedPQ = r.north.cosigned })),
		no("cosigned-pq-order", "malformed", "the note with four signatures stands above the one with two", counted(replaced(whole, "cosigned\n", barred("cosigned-pq", checkpoint2)+"cosigned\n"))),
		ok("witnessed", "a witness saw entry 1, and two saw both", with(func(r *record) {
			r.north.witnessed = [][]byte{seenBy(checkpoint1, witness1), seenBy(checkpoint2, witness1, witness2)}
		})),
		no("witnessed-other-root", "altered", "a witness saw another entry 1, under north's log key", with(func(r *record) {
			r.north.witnessed = [][]byte{seenBy(checkpoint(north, 1, leaf2), witness1)}
		})),
		no("witnessed-by-south", "bad signature", "a witness cosigned what north's log key did not sign", with(func(r *record) {
			r.north.witnessed = [][]byte{seenBy(signNote(origin(north.log), south.logKey, checkpointIn(checkpoint2)), witness1)}
		})),
		no("witnessed-of-south", "log", "what a witness saw of south's log stands in north's", with(func(r *record) {
			r.north.witnessed = [][]byte{seenBy(r.south.checkpoint, witness1)}
		})),
		no("witnessed-unsorted", "malformed", "the larger size stands first", with(func(r *record) {
			r.north.witnessed = [][]byte{seenBy(checkpoint2, witness1), seenBy(checkpoint1, witness1)}
		})),
		no("witnessed-twice", "malformed", "two notes of one size", with(func(r *record) {
			r.north.witnessed = [][]byte{seenBy(checkpoint2, witness1), seenBy(checkpoint2, witness2)}
		})),
		no("witnessed-beyond", "malformed", "a witness saw more entries than stand in the file", with(func(r *record) {
			r.north.witnessed = [][]byte{seenBy(checkpoint(north, 3, leaf2), witness1)}
		})),
		no("witnessed-by-nobody", "malformed", "a note without a cosignature", with(func(r *record) { r.north.witnessed = [][]byte{checkpoint2} })),
		no("witnessed-order", "malformed", "what a witness saw stands above what south cosigned", counted(replaced(whole, "cosigned\n", barred("witnessed", seenBy(checkpoint2, witness1))+"cosigned\n"))),
		no("receipt-forged", "bad signature", "north signed the receipt itself", with(func(r *record) {
			r.north.receipts = []statement{{2, sign1(north.receipt, receiptDomain, receiptFields.encode())}}
		})),
		no("receipt-elsewhere", "statement", "a receipt of another leaf", with(func(r *record) {
			r.north.receipts = []statement{{2, sign1(south.receipt, receiptDomain, receiptFields.with(3, bstr(leaf1)).encode())}}
		})),
		no("not-released", "officer", "entry 2 is signed by nobody of north, and nobody refused it", with(rewritten(entryFields(north.log, 2, leaf1, sign(second, south.officer('a'))).encode()))),
		no("replayed", "replay", "entry 2 says entry 1 again", with(rewritten(entryFields(north.log, 2, leaf1, firstSigned).encode()))),
		no("seen-other-log", "seen", "entry 2 has seen a log that is not of this line", with(rewritten(entry2Fields.with(5, array(array(bstr(zeros[:16]), u(1)))).encode()))),
		no("seen-none", "seen", "entry 1 has seen one of south, and entry 2 says nothing of it", with(func(r *record) {
			first := entryFields(north.log, 1, zeros, firstSigned).with(5, array(array(bstr(south.log), u(1)))).encode()
			then := entryFields(north.log, 2, leafHash(first), sign(second, north.officer('b'))).encode()
			rewritten(then)(r)
			r.north.entries[0], r.north.checkpoint = first, checkpoint(north, 2, treeRoot([][]byte{leafHash(first), leafHash(then)}))
		})),
		no("seen-left-out", "missing", "south has seen more of north's log than north exports", with(func(r *record) {
			e := entryFields(south.log, 1, zeros, sign(ack, south.officer('a'))).with(5, array(array(bstr(north.log), u(9)))).encode()
			r.south.entries, r.south.checkpoint = [][]byte{e}, checkpoint(south, 1, leafHash(e))
		})),
	}
	return v
}

// record is a transcript file; see examples.go for one written out.
type record struct {
	line         []byte
	exporter     string
	north, south recordLog
}

type recordLog struct {
	party                string
	id                   []byte
	generations          [][]byte
	entries              [][]byte
	checkpoint, cosigned []byte
	cosignedPQ           []byte
	witnessed            [][]byte
	receipts, refusals   []statement
}

type statement struct {
	number int
	bytes  []byte
}

// text is the file without its last line.
func (r record) text() string {
	s := fmt.Sprintf("parley-transcript v1\nline %x\nexporter %s\n", r.line, r.exporter)
	for _, l := range []recordLog{r.north, r.south} {
		s += fmt.Sprintf("log %s %x %d\n", l.party, l.id, len(l.entries))
		for i, g := range l.generations {
			s += fmt.Sprintf("generation %d %s\n", i+2, b64(g))
		}
		for i, e := range l.entries {
			s += fmt.Sprintf("entry %d %s\n", i+1, b64(e))
		}
		if l.checkpoint != nil {
			s += barred("checkpoint", l.checkpoint)
		}
		if l.cosigned != nil {
			s += barred("cosigned", l.cosigned)
		}
		if l.cosignedPQ != nil {
			s += barred("cosigned-pq", l.cosignedPQ)
		}
		for _, n := range l.witnessed {
			s += barred("witnessed", n)
		}
		for _, x := range l.receipts {
			s += fmt.Sprintf("receipt %d %s\n", x.number, b64(x.bytes))
		}
		for _, x := range l.refusals {
			s += fmt.Sprintf("refusal %d %s\n", x.number, b64(x.bytes))
		}
	}
	return s
}
