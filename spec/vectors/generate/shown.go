package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// proofOfSet is the proof that the leaves at these indexes are among them.
func proofOfSet(leaves [][]byte, indexes ...int) [][]byte { return setBetween(leaves, 0, indexes) }

func setBetween(leaves [][]byte, from int, indexes []int) [][]byte {
	if !slices.ContainsFunc(indexes, func(i int) bool { return i >= from && i < from+len(leaves) }) {
		return [][]byte{treeRoot(leaves)}
	}
	if len(leaves) == 1 {
		return nil
	}
	k := split(len(leaves))
	return append(setBetween(leaves[:k], from, indexes), setBetween(leaves[k:], from+k, indexes)...)
}

// shown is a proof of messages (PROOF §2).
type shown struct {
	party, peer        string
	words              []string
	entries            []statement // of the messages
	changes            []statement
	hashes             [][]byte
	note, other        []byte
	receipts, refusals []statement
	officers           []officer

	generations, otherGenerations [][]byte

	otherChanges []statement
	otherHashes  [][]byte
}

// text is the file without its last line.
func (p shown) text() string {
	s := "parley-proof v1\n"
	for _, w := range p.words {
		s += strings.TrimSuffix("# "+w, " ") + "\n"
	}
	s += "party " + p.party + " " + p.peer + "\n"
	list := func(keyword string, l []statement) {
		for _, x := range l {
			s += fmt.Sprintf("%s %d %s\n", keyword, x.number, b64(x.bytes))
		}
	}
	list("entry", p.entries)
	list("change", p.changes)
	for _, h := range p.hashes {
		s += fmt.Sprintf("hash %x\n", h)
	}
	statements := func(keyword string, l [][]byte) {
		for i, x := range l {
			s += fmt.Sprintf("%s %d %s\n", keyword, i+2, b64(x))
		}
	}
	statements("generation", p.generations)
	s += barred("checkpoint", p.note)
	statements("other-generation", p.otherGenerations)
	if p.other != nil {
		s += barred("other", p.other)
	}
	list("other-change", p.otherChanges)
	for _, h := range p.otherHashes {
		s += fmt.Sprintf("other-hash %x\n", h)
	}
	list("receipt", p.receipts)
	list("refusal", p.refusals)
	for _, o := range p.officers {
		s += fmt.Sprintf("officer %x %s\n", o.key.id, o.name)
	}
	return s
}

// fields is the value in CBOR.
func (p shown) fields() fields {
	f := fields{{1, u(1)}, {2, tstr(p.party)}, {3, tstr(p.peer)}}
	add := func(key uint64, items [][]byte) {
		if len(items) > 0 {
			f = append(f, field{key, array(items...)})
		}
	}
	byteses := func(l []statement) (out [][]byte) {
		for _, x := range l {
			out = append(out, bstr(x.bytes))
		}
		return out
	}
	abouts := func(l []statement) (out [][]byte) {
		for _, x := range l {
			out = append(out, array(u(uint64(x.number)), bstr(x.bytes)))
		}
		return out
	}
	var hashes, officers [][]byte
	for _, h := range p.hashes {
		hashes = append(hashes, bstr(h))
	}
	for _, o := range p.officers {
		officers = append(officers, array(bstr(o.key.id), tstr(o.name)))
	}
	add(4, byteses(p.entries))
	add(5, byteses(p.changes))
	add(6, hashes)
	f = append(f, field{7, bstr(p.note)})
	if p.other != nil {
		f = append(f, field{8, bstr(p.other)})
	}
	add(9, abouts(p.receipts))
	add(10, abouts(p.refusals))
	add(11, officers)
	add(12, byteses(p.otherChanges))
	var otherHashes [][]byte
	for _, h := range p.otherHashes {
		otherHashes = append(otherHashes, bstr(h))
	}
	add(13, otherHashes)
	var own, others [][]byte
	for _, g := range p.generations {
		own = append(own, bstr(g))
	}
	for _, g := range p.otherGenerations {
		others = append(others, bstr(g))
	}
	add(14, own)
	add(15, others)
	return f
}

// with returns the proof changed. It shares nothing that a case changes.
func (p shown) with(change func(*shown)) shown {
	p.words, p.entries, p.hashes = slices.Clone(p.words), slices.Clone(p.entries), slices.Clone(p.hashes)
	change(&p)
	return p
}

const (
	proofEnd    = "Of other messages it shows how many there were, and nothing else."
	proofEnd2   = "Of other messages it shows those changes, how many there were, and nothing else."
	proofCheck  = "These words are made from the lines below. parley-verify checks both, with the roster of the line."
	north2Head  = "north 2, at 2026-11-28 12:00:02 UTC by north's clock: "
	north2Text  = "real immediate text from north/duty to south/duty, "
	north2Body  = "> \u2068Survey ended 0910Z. P-21 returns.\u2069"
	northSeen1  = "When north wrote it, it had seen south's messages up to 1."
	northSeen0  = "When north wrote it, it had seen no message of south."
	southHolds  = "south signed that it holds all of them, at 2026-11-28 12:00:03 UTC by south's clock."
	southOther  = "south signed that its own log has 1 entry, and north that it holds them, at 2026-11-28 12:00:04 UTC by north's clock."
	southSigned = "south signed that it received it, at 2026-11-28 12:00:02 UTC by south's clock."
)

func logHas(n int, among string) string {
	return fmt.Sprintf("north signed that its log has %d entries, and that %s among them.", n, among)
}

// cosignedNote is a checkpoint of a log with the cosignature of the other party.
func cosignedNote(owner, by party, size uint64, root []byte, seconds uint64) []byte {
	text := checkpointText(owner.log, size, root)
	return append(checkpoint(owner, size, root), cosignature(by.receipt, receiptName(by.name), text, seconds)...)
}

var (
	bothLeaves    = [][]byte{leaf1, leaf2}
	southLeaf     = leafHash(southEntry1)
	southNote     = cosignedNote(south, north, 1, southLeaf, noon/1000+4)
	northNote     = cosignedNote(north, south, 2, treeRoot(bothLeaves), noon/1000+3)
	secondReceipt = statement{2, sign1(south.receipt, receiptDomain, receiptFields.encode())}
	secondRefusal = statement{2, sign1(south.station, refusalDomain, refusalFields.encode())}

	// secondShown is the example: entry 2 of north, receipted by itself and with the rest.
	secondShown = shown{
		party: "north", peer: "south",
		words: []string{
			"One message that north said to south, with its proof.", "",
			north2Head + north2Text + "signed by \u2068north b\u2069.", north2Body, northSeen1, southSigned, "",
			logHas(2, "this is"), southHolds, southOther, "", proofEnd, proofCheck,
		},
		entries: []statement{{2, entry2}}, hashes: [][]byte{leaf1}, note: northNote, other: southNote,
		receipts: []statement{secondReceipt}, officers: []officer{northB},
	}
)

// goodShown are proofs that hold, by name.
func goodShown() map[string]shown {
	north1 := []string{
		"north 1, at 2026-11-28 12:00:01 UTC by north's clock: real immediate text from north/duty to south/duty, signed by \u2068north a\u2069.",
		"> \u2068Patrol boat P-21 leaves harbour at 0600Z for a survey. No exercise is planned.\u2069", northSeen0,
	}
	sorted := func(o ...officer) []officer {
		slices.SortFunc(o, func(a, b officer) int { return bytes.Compare(a.key.id, b.key.id) })
		return o
	}
	// changed is north's log with a change in entry 2 and a text by north d in entry 3.
	entry3by := func(k key) []byte {
		return entryFields(north.log, 3, leafHash(changing2()), sign(text("new", "north d has the watch.").with(3, tstr("north/chief")).encode(), k)).encode()
	}
	three := [][]byte{leaf1, leafHash(changing2()), leafHash(entry3by(northD.key))}
	ofThree := cosignedNote(north, south, 3, treeRoot(three), noon/1000+3)
	byID := sorted(northA, northB)
	changeLines := strings.TrimSuffix(strings.ReplaceAll("> \u2068"+replacing.text(), "\n", "\u2069\n# > \u2068"), " \u2068")
	besides := "Shown besides, because they change who may sign for north: entries 2."
	all := map[string]shown{
		"one": secondShown,
		"not-cosigned": secondShown.with(func(p *shown) {
			p.note, p.other, p.receipts = checkpoint2, nil, nil
			p.words = append(slices.Delete(p.words[:9], 5, 6), "That south holds them all is not shown.", "", proofEnd, proofCheck)
			p.words = slices.DeleteFunc(p.words, func(w string) bool { return w == southHolds })
		}),
		"no-names": secondShown.with(func(p *shown) {
			p.officers = nil
			p.words[2] = north2Head + north2Text + fmt.Sprintf("signed by %x.", northB.key.id)
		}),
		"refused": secondShown.with(func(p *shown) {
			p.officers, p.refusals = nil, []statement{secondRefusal}
			p.words[2] = north2Head + north2Text + fmt.Sprintf("said to be signed by %x.", northB.key.id)
			p.words = slices.Insert(p.words, 6, "south signed that it does not believe it, for reason 4 of RECEIPT §4.")
		}),
		"rolled": secondShown.with(func(p *shown) {
			p.note = append(bytes.Clone(checkpoint2), cosignature(southReceipt, receiptName("south"), checkpointText(north.log, 2, treeRoot(bothLeaves)), noon/1000+3)...)
			p.receipts = []statement{{2, sign1(southReceipt, receiptDomain, receiptFields.encode())}}
			p.other = cosignedNote(south, north, 2, treeRoot([][]byte{southLeaf, leafHash(southRolling)}), noon/1000+4)
			p.otherChanges, p.otherHashes = []statement{{2, southRolling}}, [][]byte{southLeaf}
			p.words[9] = strings.Replace(southOther, "1 entry", "2 entries", 1)
			p.words[11] = proofEnd2
			p.words = slices.Insert(p.words, 10, "Shown besides, because they change who signs receipts for south: entries 2 of its log.")
		}),
		"range": secondShown.with(func(p *shown) {
			p.entries, p.hashes = []statement{{1, entry1}, {2, entry2}}, nil
			p.officers = sorted(northA, northB)
			p.words[0] = "Messages 1 to 2 that north said to south, with their proof: none between them is missing."
			p.words[7] = logHas(2, "these are")
			p.words = slices.Insert(p.words, 2, append(north1, "")...)
		}),
		"acknowledgement": {
			party: "south", peer: "north",
			words: []string{
				"One message that south said to north, with its proof.", "",
				"south 1, at 2026-11-28 12:00:01 UTC by south's clock: real immediate acknowledgement from south/duty to north/duty, signed by \u2068south a\u2069.",
				fmt.Sprintf("It refers to entry 1 of log %x.", north.log), "It answers: read.",
				"When south wrote it, it had seen north's messages up to 1.", "",
				"south signed that its log has 1 entry, and that this is among them.",
				"north signed that it holds all of them, at 2026-11-28 12:00:04 UTC by north's clock.",
				"north signed that its own log has 2 entries, and south that it holds them, at 2026-11-28 12:00:03 UTC by south's clock.",
				"", proofEnd, proofCheck,
			},
			entries: []statement{{1, southEntry1}}, note: southNote, other: northNote, officers: []officer{south.officers[0]},
		},
		"changed": {
			party: "north", peer: "south",
			words: []string{
				"One message that north said to south, with its proof.", "",
				"north 3, at 2026-11-28 12:00:03 UTC by north's clock: real immediate text from north/chief to south/duty, signed by \u2068north d\u2069.",
				"> \u2068north d has the watch.\u2069", northSeen0, "", logHas(3, "this is"), southHolds, besides, "", proofEnd2, proofCheck,
			},
			entries: []statement{{3, entry3by(northD.key)}}, changes: []statement{{2, changing2()}}, hashes: [][]byte{leaf1}, note: ofThree,
			officers: []officer{northD},
		},
		"changed-and-refused": {
			party: "north", peer: "south",
			words: []string{
				"Messages 2 to 3 that north said to south, with their proof: none between them is missing.", "",
				north2Head + fmt.Sprintf("real routine change from north/duty to south/duty, said to be signed by %x, %x.", byID[0].key.id, byID[1].key.id),
				changeLines, northSeen0, "south signed that it does not believe it, for reason 13 of RECEIPT §4.", "",
				"north 3, at 2026-11-28 12:00:03 UTC by north's clock: real immediate text from north/chief to south/duty, signed by \u2068north d\u2069.",
				"> \u2068north d has the watch.\u2069", northSeen0, "", logHas(3, "these are"), southHolds, "", proofEnd, proofCheck,
			},
			entries: []statement{{2, changing2()}, {3, entry3by(northD.key)}}, hashes: [][]byte{leaf1}, note: ofThree,
			refusals: []statement{{2, sign1(south.station, refusalDomain, refusalFields.with(3, bstr(leafHash(changing2()))).with(4, u(13)).encode())}},
			officers: []officer{northD},
		},
		"changed-later": {
			party: "north", peer: "south",
			words: append(append([]string{"One message that north said to south, with its proof.", ""}, north1...),
				"", logHas(3, "this is"), southHolds, besides, "", proofEnd2, proofCheck),
			entries: []statement{{1, entry1}}, changes: []statement{{2, changing2()}}, hashes: three[2:], note: ofThree,
			officers: []officer{northA},
		},
	}
	for name, p := range renewedShown(all) {
		all[name] = p
	}
	return all
}

// southRolling is entry 2 of south, which brings other keys and has seen one entry of north.
var southRolling = entryFields(south.log, 2, leafHash(southEntry1), sign(
	changing("roll", southRolls.text()).with(3, tstr("south/duty")).with(4, array(tstr("north/duty"))).encode(),
	south.officer('a'), south.officer('b'),
)).with(5, array(array(bstr(north.log), u(1)))).encode()

// changing2 is entry 2 of north, by which north d comes for north c.
func changing2() []byte {
	return entryFields(north.log, 2, leaf1, sign(changeContent, northA.key, northB.key)).encode()
}

// badShown are proofs that are well-formed and do not hold.
func badShown() (list []struct {
	name, expect, why string
	shown             shown
}) {
	good := goodShown()
	no := func(name, expect, why, of string, change func(*shown)) {
		list = append(list, struct {
			name, expect, why string
			shown             shown
		}{name, expect, why, good[of].with(change)})
	}
	root := treeRoot(bothLeaves)
	no("hash-other", "bad proof", "a hash that is not of this log", "one", func(p *shown) { p.hashes[0] = zeros })
	no("hash-missing", "bad proof", "a hash too few", "one", func(p *shown) { p.hashes = nil })
	no("hash-more", "bad proof", "a hash too many", "one", func(p *shown) { p.hashes = append(p.hashes, zeros) })
	no("hash-in-range", "bad proof", "all is shown, and a hash stands besides", "range", func(p *shown) { p.hashes = [][]byte{leaf1} })
	no("root-other", "bad proof", "the log that was signed is another", "one", func(p *shown) {
		p.note = cosignedNote(north, south, 2, leaf1, noon/1000+3)
	})
	no("checkpoint-forged", "bad signature", "another key signed the checkpoint", "one", func(p *shown) {
		text := checkpointText(north.log, 2, root)
		p.note = append(signNote(origin(north.log), south.logKey, text), cosignature(south.receipt, receiptName("south"), text, noon/1000+3)...)
	})
	no("cosigned-by-north", "bad signature", "north cosigned its own log", "one", func(p *shown) {
		p.note = append(bytes.Clone(checkpoint2), cosignature(north.receipt, receiptName("south"), checkpointText(north.log, 2, root), noon/1000+3)...)
	})
	no("checkpoint-of-south", "log", "a checkpoint of the other log", "acknowledgement", func(p *shown) {
		p.note = northNote
		p.words[7] = "south signed that its log has 2 entries, and that this is among them."
		p.words[8] = "north signed that it holds all of them, at 2026-11-28 12:00:03 UTC by north's clock."
	})
	no("other-by-south", "bad signature", "south cosigned its own log", "one", func(p *shown) {
		p.other = append(checkpoint(south, 1, southLeaf), cosignature(south.receipt, receiptName("north"), checkpointText(south.log, 1, southLeaf), noon/1000+4)...)
	})
	no("receipt-forged", "bad signature", "north signed the receipt itself", "one", func(p *shown) {
		p.receipts = []statement{{2, sign1(north.receipt, receiptDomain, receiptFields.encode())}}
	})
	no("receipt-elsewhere", "statement", "a receipt of another leaf", "one", func(p *shown) {
		p.receipts = []statement{{2, sign1(south.receipt, receiptDomain, receiptFields.with(3, bstr(leaf1)).encode())}}
	})
	no("party-other", "roster", "a party that is not of the line", "one", func(p *shown) {
		p.peer = "west"
		for i := range p.words {
			p.words[i] = strings.ReplaceAll(p.words[i], "south signed", "west signed")
			p.words[i] = strings.ReplaceAll(p.words[i], "south's", "west's")
			p.words[i] = strings.ReplaceAll(p.words[i], "to south,", "to west,")
		}
	})
	no("name-other", "officer", "it was north b who signed", "one", func(p *shown) {
		p.officers = []officer{{name: "north a", key: northB.key}}
		p.words[2] = strings.Replace(p.words[2], "north b", "north a", 1)
	})
	no("name-beside", "officer", "north a did not sign it", "one", func(p *shown) {
		p.officers = append([]officer{northA}, northB)
		slices.SortFunc(p.officers, func(a, b officer) int { return bytes.Compare(a.key.id, b.key.id) })
	})
	no("change-left-out", "officer", "north d signs, and the change by which it came is not shown", "changed", func(p *shown) {
		p.changes, p.hashes = nil, [][]byte{treeRoot([][]byte{leaf1, leafHash(changing2())})}
		p.words = slices.Delete(p.words, 8, 9)
		p.words[9] = proofEnd
	})
	no("change-is-none", "statement", "a text is shown as a change", "one", func(p *shown) {
		p.changes, p.hashes = []statement{{1, entry1}}, nil
		p.words = slices.Insert(p.words, 10, "Shown besides, because they change who may sign for north: entries 1.")
		p.words[12] = proofEnd2
	})
	seen := entry2Fields.with(5, array(array(bstr(south.log), u(9)))).encode()
	no("seen-beyond", "seen", "it has seen more of south than south signed that there is", "one", func(p *shown) {
		leaves := [][]byte{leaf1, leafHash(seen)}
		p.entries, p.note, p.receipts = []statement{{2, seen}}, cosignedNote(north, south, 2, treeRoot(leaves), noon/1000+3), nil
		p.words = slices.Delete(p.words, 5, 6)
		p.words[4] = strings.Replace(p.words[4], "up to 1", "up to 9", 1)
	})
	no("rolled-old", "ended key", "the receipt key that south's change ended cosigned more than that has seen", "rolled", func(p *shown) {
		p.note = northNote
	})
	no("rolled-old-receipt", "ended key", "a receipt by the ended key that counts more than the change has seen", "rolled", func(p *shown) {
		p.receipts = []statement{secondReceipt}
	})
	no("rolled-left-out", "bad signature", "a receipt key that is not known: the change that brings it is not shown", "rolled", func(p *shown) {
		p.otherChanges, p.otherHashes = nil, nil
		p.words = slices.Delete(p.words, 10, 11)
		p.words[11] = proofEnd
	})
	no("rolled-hash-missing", "bad proof", "the change of south is not proved to stand in its log", "rolled", func(p *shown) { p.otherHashes = nil })
	no("rolled-hash-other", "bad proof", "a hash that is not of south's log", "rolled", func(p *shown) { p.otherHashes = [][]byte{zeros} })
	no("rolled-is-none", "statement", "an acknowledgement is shown as a change of south", "rolled", func(p *shown) {
		p.otherChanges, p.otherHashes = []statement{{1, southEntry1}}, [][]byte{leafHash(southRolling)}
		p.note, p.receipts = northNote, []statement{secondReceipt}
		p.words[10] = strings.Replace(p.words[10], "entries 2", "entries 1", 1)
	})
	no("seen-none", "seen", "entry 1 has seen one of south, and entry 2 says nothing of it", "range", func(p *shown) {
		first := entryFields(north.log, 1, zeros, firstSigned).with(5, array(array(bstr(south.log), u(1)))).encode()
		then := entryFields(north.log, 2, leafHash(first), sign(second, north.officer('b'))).encode()
		p.entries, p.receipts = []statement{{1, first}, {2, then}}, nil
		p.note = cosignedNote(north, south, 2, treeRoot([][]byte{leafHash(first), leafHash(then)}), noon/1000+3)
		p.words[4], p.words[8] = northSeen1, northSeen0
		p.words = slices.DeleteFunc(p.words, func(w string) bool { return w == southSigned })
	})
	no("line-other", "roster", "a checkpoint of another line", "one", func(p *shown) {
		name := originOf(zeros, north.log)
		text := checkpointTextOf(name, 2, root)
		p.note = append(signNote(name, north.logKey, text), cosignature(south.receipt, strings.Replace(receiptName("south"), fmt.Sprintf("%x", line), fmt.Sprintf("%x", zeros), 1), text, noon/1000+3)...)
	})
	no("receipt-number", "malformed", "a receipt of entry 1 stands at entry 2", "one", func(p *shown) {
		p.receipts = []statement{{2, sign1(south.receipt, receiptDomain, receiptFields.with(2, u(1)).encode())}}
	})
	alien := entryFields(north.log, 2, leaf1, sign(second, south.officer('a'))).encode()
	no("not-released", "officer", "signed by nobody of north, and nobody refused it", "one", func(p *shown) {
		leaves := [][]byte{leaf1, leafHash(alien)}
		p.entries, p.note, p.receipts, p.other, p.officers = []statement{{2, alien}}, cosignedNote(north, south, 2, treeRoot(leaves), noon/1000+3), nil, nil, nil
		p.words[2] = north2Head + north2Text + fmt.Sprintf("signed by %x.", south.officers[0].key.id)
		p.words[4] = northSeen0
		p.words = slices.Delete(p.words, 9, 10)
		p.words = slices.Delete(p.words, 5, 6)
	})
	first2 := entryFields(north.log, 1, zeros, sign(text("other", "Nothing to report.").encode(), north.officer('a'))).encode()
	no("chain-broken", "altered", "entry 2 follows another entry 1", "range", func(p *shown) {
		leaves := [][]byte{leafHash(first2), leaf2}
		p.entries[0], p.note = statement{1, first2}, cosignedNote(north, south, 2, treeRoot(leaves), noon/1000+3)
		p.words[3] = "> \u2068Nothing to report.\u2069"
	})
	for _, b := range badRenewed() {
		no(b.name, b.expect, b.why, b.of, b.change)
	}
	return list
}

// proofVectors are the text of proofs, judged with the roster of the line.
func proofVectors() (v []vector) {
	good := goodShown()
	for _, name := range slices.Sorted(keys(good)) {
		v = append(v, ok(name, "a proof that holds", counted(good[name].text())))
	}
	for _, b := range badShown() {
		v = append(v, no(b.name, b.expect, b.why, counted(b.shown.text())))
	}
	whole := secondShown.text()
	text := func(name, why, old, new string) {
		v = append(v, no(name, "malformed", why, counted(replaced(whole, old, new))))
	}
	text("words-other", "the words say another thing", "Survey ended", "Survey begins")
	text("words-seen", "the words say that more was seen", "messages up to 1.", "messages up to 2.")
	text("words-missing", "a line of the words is missing", "# "+southHolds+"\n", "")
	text("words-more", "a line more", "# "+proofEnd+"\n", "# "+proofEnd+"\n# South agrees.\n")
	text("version-2", "version 2 is not known", "parley-proof v1", "parley-proof v2")
	text("number-other", "the entry has another number", "\nentry 2 ", "\nentry 3 ")
	text("party-twice", "both parties are one", "party north south", "party north north")
	text("officer-unnamed", "a key without a name", " north b\n", "\n")
	text("receipt-first", "a receipt above the checkpoint", "checkpoint\n| ", "receipt 2 "+b64(secondReceipt.bytes)+"\ncheckpoint\n| ")
	gap := good["range"].with(func(p *shown) { p.entries = []statement{p.entries[1], p.entries[0]} })
	return append(v,
		no("entries-unsorted", "malformed", "entry 2 stands above entry 1", counted(gap.text())),
		no("altered", "malformed", "a byte was changed and END was not", bytes.Replace(counted(whole), []byte("Survey"), []byte("survey"), 1)),
		no("end-missing", "malformed", "the last line is missing", []byte(whole)),
		no("cut-off", "malformed", "the last byte is missing", counted(whole)[:len(counted(whole))-1]),
		no("nothing", "malformed", "there are no bytes", nil),
	)
}

// proofCBORVectors are the same in CBOR.
func proofCBORVectors() (v []vector) {
	good := goodShown()
	for _, name := range slices.Sorted(keys(good)) {
		v = append(v, ok(name, "a proof that holds", good[name].fields().encode()))
	}
	for _, b := range badShown() {
		v = append(v, no(b.name, b.expect, b.why, b.shown.fields().encode()))
	}
	f := secondShown.fields()
	for _, b := range badMaps(f) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes))
	}
	rolled := good["rolled"]
	return append(v,
		no("other-changes-alone", "malformed", "changes of the other log without its checkpoint", rolled.with(func(p *shown) { p.other = nil }).fields().encode()),
		no("other-hashes-alone", "malformed", "hashes of the other log without changes", rolled.with(func(p *shown) { p.otherChanges = nil }).fields().encode()),
		no("version-2", "version", "version 2 is not known", f.with(1, u(2)).encode()),
		no("entries-none", "malformed", "no message is shown", f.with(4, array()).encode()),
		no("hash-short", "malformed", "31 bytes of a hash", f.with(6, array(bstr(leaf1[1:]))).encode()),
		no("changes-empty", "malformed", "an empty list is present", f.with(5, array()).encode()),
		no("name-empty", "malformed", "a name without letters", f.with(11, array(array(bstr(northB.key.id), tstr("")))).encode()),
		no("name-space", "malformed", "a space behind the name", f.with(11, array(array(bstr(northB.key.id), tstr("north b ")))).encode()),
		no("name-hidden", "text", "a name with a character that shows as nothing", f.with(11, array(array(bstr(northB.key.id), tstr("north\u200bb")))).encode()),
		no("name-long", "malformed", "a name of 257 bytes", f.with(11, array(array(bstr(northB.key.id), tstr(strings.Repeat("n", 257))))).encode()),
		no("officers-unsorted", "malformed", "two officers in the wrong order", f.with(11, array(array(bstr(northB.key.id), tstr("north b")), array(bstr(northA.key.id), tstr("north a")))).encode()),
		no("receipt-long", "limit", "a receipt of 1,025 bytes", f.with(9, array(array(u(2), bstr(make([]byte, 1025))))).encode()),
		no("note-long", "malformed", "a note of 2,049 bytes", f.with(7, bstr(append(bytes.Clone(northNote), bytes.Repeat([]byte("\n"), 2049-len(northNote))...))).encode()),
		no("name-lines", "malformed", "a name of two lines", f.with(11, array(array(bstr(northB.key.id), tstr("north\nb")))).encode()),
		no("receipt-of-none", "malformed", "a receipt of an entry that is not shown", f.with(9, array(array(u(1), bstr(secondReceipt.bytes)))).encode()),
		no("note-two-cosignatures", "malformed", "three signatures below the checkpoint", f.with(7, bstr(append(bytes.Clone(northNote), northNote[len(checkpoint2):]...))).encode()),
	)
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// tlogText is a proof in the form of C2SP tlog-proof.
func tlogText(entry []byte, index int, path [][]byte, note []byte) []byte {
	s := fmt.Sprintf("c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n", b64(entry), index)
	for _, h := range path {
		s += b64(h) + "\n"
	}
	return []byte(s + "\n" + string(note))
}

var secondTlog = tlogText(entry2, 1, inclusion(1, bothLeaves), northNote)

func tlogProofVectors() []vector {
	changed := func(old, new string) []byte { return []byte(replaced(string(secondTlog), old, new)) }
	return []vector{
		ok("second", "entry 2 of north", secondTlog),
		ok("first", "entry 1 of north", tlogText(entry1, 0, inclusion(0, bothLeaves), northNote)),
		ok("alone", "the only entry of south", tlogText(southEntry1, 0, nil, southNote)),

		no("hash-other", "bad proof", "a hash that is not of this log", tlogText(entry2, 1, [][]byte{zeros}, northNote)),
		no("entry-other", "bad proof", "another entry 2", tlogText(entryFields(north.log, 2, leaf1, firstSigned).encode(), 1, inclusion(1, bothLeaves), northNote)),
		no("log-unknown", "log", "a log that the roster does not name", tlogText(entry1, 0, nil, bytes.ReplaceAll(checkpoint1, fmt.Appendf(nil, "/%x", north.log), fmt.Appendf(nil, "/%x", zeros[:16])))),
		no("later", "log", "a checkpoint of a later generation, which the roster does not name", tlogText(laterEntry, 1, inclusion(1, laterLeaves), laterNote)),
		no("entry-of-south", "log", "an entry of the other log", tlogText(southEntry1, 0, inclusion(0, bothLeaves), northNote)),
		no("forged", "bad signature", "another key cosigned", tlogText(entry2, 1, inclusion(1, bothLeaves),
			append(bytes.Clone(checkpoint2), cosignature(north.receipt, receiptName("south"), checkpointText(north.log, 2, treeRoot(bothLeaves)), noon/1000+3)...))),
		no("index-other", "malformed", "the index is that of another entry", changed("index 1", "index 0")),
		no("index-leading-zero", "malformed", "the index has a leading zero", changed("index 1", "index 01")),
		no("hash-missing", "malformed", "a hash too few", tlogText(entry2, 1, nil, northNote)),
		no("hash-more", "malformed", "a hash too many", tlogText(entry2, 1, [][]byte{leaf1, leaf1}, northNote)),
		no("extra-missing", "malformed", "the entry is missing", changed("extra "+b64(entry2)+"\n", "")),
		no("extra-other", "malformed", "what stands there is no entry", changed(b64(entry2), b64([]byte("entry")))),
		no("not-cosigned", "malformed", "the cosignature was cut off", tlogText(entry2, 1, inclusion(1, bothLeaves), checkpoint2)),
		no("version-2", "malformed", "version 2 is not known", changed("@v1", "@v2")),
		no("crlf", "malformed", "lines end in CR LF", bytes.ReplaceAll(secondTlog, []byte("\n"), []byte("\r\n"))),
		no("cut-off", "malformed", "the last byte is missing", secondTlog[:len(secondTlog)-1]),
		no("nothing", "malformed", "there are no bytes", nil),
	}
}

// setVectors are proofs of some leaves of a tree of seven.
func setVectors() (v []vector) {
	leaves := tree(7)
	of := func(size int, indexes ...int) []input {
		var places []byte
		for _, i := range indexes {
			places = join(places, number("", i).bytes, leaves[i%7])
		}
		return []input{number("size", size), {"places", places}, {"root", treeRoot(leaves[:size])}}
	}
	for _, c := range [][]int{{0}, {2}, {6}, {2, 3}, {1, 4}, {0, 6}, {0, 1, 2, 3, 4, 5, 6}} {
		name := strings.ReplaceAll(strings.Trim(fmt.Sprint(c), "[]"), " ", "-")
		v = append(v, ok("leaves-"+name, "leaves of seven", join(proofOfSet(leaves, c...)...), of(7, c...)...))
	}
	two := proofOfSet(leaves, 1, 4)
	return append(v,
		ok("alone", "one leaf: its own root, and no proof", nil, of(1, 0)...),
		no("empty", "bad proof", "the proof is missing", nil, of(7, 1, 4)...),
		no("short", "bad proof", "the last hash is missing", join(two[:len(two)-1]...), of(7, 1, 4)...),
		no("long", "bad proof", "a hash too many", join(append(slices.Clone(two), zeros)...), of(7, 1, 4)...),
		no("order", "bad proof", "two hashes are swapped", join(append([][]byte{two[1], two[0]}, two[2:]...)...), of(7, 1, 4)...),
		no("zeros", "bad proof", "the hashes are zeros", make([]byte, 32*len(two)), of(7, 1, 4)...),
		no("of-other-leaves", "bad proof", "the proof of leaves 1 and 5", join(proofOfSet(leaves, 1, 5)...), of(7, 1, 4)...),
		no("in-order-of-a-path", "bad proof", "the hashes of RFC 6962, in its order", join(inclusion(2, leaves)...), of(7, 2)...),
		no("size-other", "bad proof", "a size under which the proof has another shape", join(two...), number("size", 5), of(7, 1, 4)[1], of(7, 1, 4)[2]),
		no("beyond", "size", "a leaf beyond the log", join(two...), of(7, 1, 7)...),
		no("twice", "size", "a leaf twice", join(two...), of(7, 1, 1)...),
		no("unsorted", "size", "the later leaf first", join(two...), of(7, 4, 1)...),
		no("none", "size", "no leaf", join(treeRoot(leaves)), of(7)...),
	)
}
