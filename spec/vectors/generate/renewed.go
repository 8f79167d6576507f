package main

import (
	"bytes"
	"fmt"
	"strings"
)

// under is a party whose log has another name: that of a later generation.
func (p party) under(name []byte) party {
	p.log = name
	return p
}

// renewedVectors are transcripts across generations, audited as the others are. North's
// log was closed behind its entry 1.
func renewedVectors() []vector {
	north2, north3 := north.under(secondName), north.under(thirdName)
	later := entryFields(secondName, 2, leaf1, sign(second, north.officer('b'))).with(5, array(array(bstr(south.log), u(1))))
	entry := later.encode()
	leaves := [][]byte{leaf1, leafHash(entry)}
	root := treeRoot(leaves)
	cosigned := func(p party, size uint64, root []byte) []byte {
		text := checkpointText(p.log, size, root)
		return append(checkpoint(p, size, root), cosignature(south.receipt, receiptName("south"), text, noon/1000+9)...)
	}
	receiptOf := func(log []byte) []statement {
		return []statement{{2, sign1(south.receipt, receiptDomain, receiptFields.with(1, bstr(log)).with(3, bstr(leaves[1])).encode())}}
	}
	t := record{
		line: line, exporter: "north",
		north: recordLog{
			party: "north", id: north.log, generations: [][]byte{generation2}, entries: [][]byte{entry1, entry}, checkpoint: checkpoint(north2, 2, root),
			cosigned: cosigned(north2, 2, root), receipts: receiptOf(north.log),
		},
		south: recordLog{party: "south", id: south.log, entries: [][]byte{southEntry1}, checkpoint: checkpoint(south, 1, leafHash(southEntry1))},
	}
	with := func(change func(*record)) []byte {
		c := t
		change(&c)
		return counted(c.text())
	}
	statements := func(list ...[]byte) []byte {
		return with(func(r *record) { r.north.generations = list })
	}
	// alone is north's log with entry 1 only, closed as a closing says.
	alone := func(closing fields) []byte {
		return with(func(r *record) {
			r.north = recordLog{party: "north", id: north.log, generations: [][]byte{generation(renewalFields, closing)}, entries: [][]byte{entry1}, checkpoint: checkpoint1}
		})
	}
	// rewritten is north's log with another entry 2.
	rewritten := func(second []byte) []byte {
		return with(func(r *record) {
			root := treeRoot([][]byte{leaf1, leafHash(second)})
			r.north.entries, r.north.checkpoint = [][]byte{entry1, second}, checkpoint(north2, 2, root)
			r.north.cosigned, r.north.receipts = nil, nil
		})
	}
	third := generation(renewedTwice, closedTwice.with(5, bstr(root)))
	ofSouth := func(f fields) fields { return f.with(2, tstr("south")) }
	southRenewal := ofSouth(renewalFields)
	southClosing := ofSouth(closingFields).with(3, bstr(south.log)).with(4, u(0)).with(5, bstr(treeRoot(nil))).without(7)
	southStatement := pair(sign1(south.logKey, renewalDomain, southRenewal.encode()), sign1(north.receipt, closingDomain, southClosing.encode()))
	line2 := fmt.Sprintf("generation 2 %s\n", b64(generation2))
	whole := t.text()
	sixtyFour := strings.Builder{}
	for g := 2; g <= 65; g++ {
		fmt.Fprintf(&sixtyFour, "generation %d %s\n", g, b64(generation2))
	}

	return []vector{
		ok("good", "north's log goes on behind entry 1", counted(whole)),
		ok("thrice", "it was restored again behind entry 2, and nothing was said since", statements(generation2, third)),
		ok("nothing-since", "nothing was said since the close", alone(closingFields)),
		ok("before-the-close", "the largest cosigned checkpoint is of the first generation", with(func(r *record) { r.north.cosigned = cosigned(north, 1, leaf1) })),
		ok("both", "south's log was renewed before anything stood in it", with(func(r *record) {
			renewed := renewalFields.with(3, bstr(thirdName))
			closed := closingFields.with(6, bstr(thirdName))
			r.north.generations = [][]byte{generation(renewed, closed)}
			e := later.with(2, bstr(thirdName)).encode()
			root := treeRoot([][]byte{leaf1, leafHash(e)})
			r.north.entries, r.north.checkpoint, r.north.cosigned, r.north.receipts = [][]byte{entry1, e}, checkpoint(north3, 2, root), nil, nil
			r.south.generations = [][]byte{southStatement}
			first := entryFields(secondName, 1, zeros, sign(ack, south.officer('a'))).with(5, array(array(bstr(north.log), u(1)))).encode()
			r.south.entries, r.south.checkpoint = [][]byte{first}, checkpoint(south.under(secondName), 1, leafHash(first))
		})),
		ok("seen-beside", "south had seen a second entry of north, which strayed: it was written beside the generation that was closed", with(func(r *record) {
			e := entryFields(south.log, 1, zeros, sign(ack, south.officer('a'))).with(5, array(array(bstr(north.log), u(5)))).encode()
			then := entryFields(south.log, 2, leafHash(e), sign(text("then", "All is well.").with(3, tstr("south/duty")).with(4, array(tstr("north/duty"))).encode(), south.officer('a'))).
				with(5, array(array(bstr(north.log), u(2)))).encode()
			r.south.entries, r.south.checkpoint = [][]byte{e, then}, checkpoint(south, 2, treeRoot([][]byte{leafHash(e), leafHash(then)}))
		})),
		no("seen-not-beside", "missing", "the same, and the closing says that nothing of south was written beside", with(func(r *record) {
			r.north.generations = [][]byte{generation(renewalFields, closingFields.without(7))}
			e := entryFields(south.log, 1, zeros, sign(ack, south.officer('a'))).with(5, array(array(bstr(north.log), u(5)))).encode()
			r.south.entries, r.south.checkpoint = [][]byte{e}, checkpoint(south, 1, leafHash(e))
		})),
		ok("refused-seen", "entry 2 names south's log by the name of no generation of it, and south refused it", with(func(r *record) {
			bad := later.with(5, array(array(bstr(thirdName), u(1)))).encode()
			root := treeRoot([][]byte{leaf1, leafHash(bad)})
			r.north.entries, r.north.checkpoint, r.north.cosigned, r.north.receipts = [][]byte{entry1, bad}, checkpoint(north2, 2, root), nil, nil
			r.north.refusals = []statement{{2, sign1(south.station, refusalDomain, refusalFields.with(3, bstr(leafHash(bad))).with(4, u(14)).encode())}}
		})),

		no("missing", "log", "the statement was left out, and the checkpoint has its name", statements()),
		no("missing-first", "generation", "the third stands in the place of the second", statements(third)),
		no("missing-number", "malformed", "generation 3 stands first", counted(replaced(whole, "generation 2 ", "generation 3 "))),
		no("repeated", "generation", "the second stands twice", statements(generation2, generation2)),
		no("repeated-number", "malformed", "generation 2 stands twice", counted(replaced(whole, line2, line2+line2))),
		no("order", "generation", "the third stands before the second", statements(third, generation2)),
		no("more-than-64", "malformed", "a 65th generation", counted(replaced(whole, line2, sixtyFour.String()))),
		no("behind-the-entries", "malformed", "it stands behind what is written in it", counted(replaced(replaced(whole, line2, ""), "receipt 2 ", line2+"receipt 2 "))),
		no("in-the-other-log", "bad signature", "it stands in south's log, too", with(func(r *record) { r.south.generations = [][]byte{generation2} })),
		no("number-leading-zero", "malformed", "the number has a leading zero", counted(replaced(whole, "generation 2 ", "generation 02 "))),
		no("no-bytes", "malformed", "nothing stands behind the number", counted(replaced(whole, line2, "generation 2 \n"))),
		no("too-long", "malformed", "more than 1,024 bytes", statements(make([]byte, 1025))),
		no("no-statement", "malformed", "bytes that are no statement", statements(array(bstr(nil), bstr(nil)))),
		no("renewed-by-stranger", "bad signature", "another key renews north's log", statements(pair(
			sign1(south.logKey, renewalDomain, renewalFields.encode()), sign1(south.receipt, closingDomain, closingFields.encode())))),
		no("closed-by-north", "bad signature", "north closes its own log", statements(pair(
			sign1(north.logKey, renewalDomain, renewalFields.encode()), sign1(north.receipt, closingDomain, closingFields.encode())))),
		no("size-less", "closing", "it is closed empty, and south had cosigned entry 1", with(func(r *record) {
			empty := closingFields.with(4, u(0)).with(5, bstr(treeRoot(nil)))
			r.north.generations, r.north.cosigned = [][]byte{generation(renewalFields, empty)}, cosigned(north, 1, leaf1)
		})),
		no("size-more", "log", "it is closed at entry 2, and the checkpoint of 2 has the later name", statements(generation(renewalFields, closingFields.with(4, u(2)).with(5, bstr(root))))),
		no("size-beyond", "missing", "it is closed at two entries, of which one stands here", alone(closingFields.with(4, u(2)).with(5, bstr(root)))),
		no("root-other", "altered", "entry 1 is not what south closed with", alone(closingFields.with(5, bstr(leaves[1])))),
		no("root-other-followed", "altered", "the same, with an entry behind", statements(generation(renewalFields, closingFields.with(5, bstr(leaves[1]))))),
		no("root-of-nothing", "altered", "it is closed empty, with the root of something", with(func(r *record) {
			r.north = recordLog{party: "north", id: north.log, generations: [][]byte{generation(renewalFields, closingFields.with(4, u(0)))}}
		})),
		no("entry-old-name", "log", "entry 2 has the name that was closed", rewritten(later.with(2, bstr(north.log)).encode())),
		no("entry-other-name", "log", "entry 2 has a name that was never opened", rewritten(later.with(2, bstr(thirdName)).encode())),
		no("entry-early", "log", "entry 1 has the later name", with(func(r *record) {
			first := entryFields(secondName, 1, zeros, firstSigned).encode()
			r.north = recordLog{party: "north", id: north.log, generations: [][]byte{generation(renewalFields, closingFields.with(5, bstr(leafHash(first))))},
				entries: [][]byte{first}, checkpoint: checkpoint(north, 1, leafHash(first))}
		})),
		no("checkpoint-old-name", "log", "the checkpoint of 2 has the name that was closed", with(func(r *record) { r.north.checkpoint = checkpoint(north, 2, root) })),
		no("checkpoint-early", "log", "the checkpoint of 1 has the later name", with(func(r *record) {
			r.north = recordLog{party: "north", id: north.log, generations: [][]byte{generation2}, entries: [][]byte{entry1}, checkpoint: checkpoint(north2, 1, leaf1)}
		})),
		no("cosigned-beyond", "closing", "south cosigned two entries under the name that it closed behind entry 1", with(func(r *record) { r.north.cosigned = cosigned(north, 2, treeRoot([][]byte{leaf1, leaf2})) })),
		no("cosigned-beyond-forged", "log", "the same, and south did not", with(func(r *record) {
			note := checkpoint(north, 2, root)
			r.north.cosigned = append(bytes.Clone(note), cosignature(north.receipt, receiptName("south"), checkpointText(north.log, 2, root), noon/1000+9)...)
		})),
		no("receipt-later-name", "statement", "a receipt names the log by the later name", with(func(r *record) { r.north.receipts = receiptOf(secondName) })),
		no("log-later-name", "roster", "the log stands under the later name", with(func(r *record) { r.north.id = secondName })),
		no("seen-later-name", "seen", "south names north's log by the later name", with(func(r *record) {
			e := entryFields(south.log, 1, zeros, sign(ack, south.officer('a'))).with(5, array(array(bstr(secondName), u(1)))).encode()
			r.south.entries, r.south.checkpoint = [][]byte{e}, checkpoint(south, 1, leafHash(e))
		})),
	}
}
