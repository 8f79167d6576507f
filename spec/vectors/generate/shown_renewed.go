package main

import (
	"slices"
	"strings"
)

// North's log was closed behind its entry 1, and goes on under another name.
var (
	laterEntry  = entry2Fields.with(2, bstr(secondName)).encode()
	laterLeaves = [][]byte{leaf1, leafHash(laterEntry)}
	laterNote   = cosignedNote(north.under(secondName), south, 2, treeRoot(laterLeaves), noon/1000+3)
)

const (
	laterName = "north/2.2, at 2026-11-28 12:00:02 UTC by north's clock: "
	laterLine = "From entry north/2.2 on north's log is its generation 2: north asked for it, as after a restore, at 2026-11-28 13:00:00 UTC by north's clock, " +
		"and south closed the one before at 2026-11-28 13:00:01 UTC by south's clock."
)

// renewedShown are proofs across generations that hold, made of those that know none.
func renewedShown(of map[string]shown) map[string]shown {
	later := func(p *shown) {
		last := len(p.entries) - 1
		p.entries[last] = statement{2, laterEntry}
		p.note, p.generations = laterNote, [][]byte{generation2}
		p.receipts = []statement{{2, sign1(south.receipt, receiptDomain, receiptFields.with(3, bstr(laterLeaves[1])).encode())}}
		for i, w := range p.words {
			p.words[i] = strings.Replace(w, north2Head, laterName, 1)
		}
		p.words = slices.Insert(p.words, slices.Index(p.words, southOther)+1, laterLine)
	}
	empty := closingFields.with(4, u(0)).with(5, bstr(treeRoot(nil))).without(7)
	return map[string]shown{
		"later":  of["one"].with(later),
		"across": of["range"].with(later),
		"before-the-close": of["range"].with(func(p *shown) {
			later(p)
			p.entries, p.hashes, p.receipts, p.officers = p.entries[:1], laterLeaves[1:], nil, []officer{northA}
			p.other = nil
			p.words = append(append([]string{"One message that north said to south, with its proof.", ""}, p.words[2:5]...),
				"", logHas(2, "this is"), southHolds, laterLine, "", proofEnd, proofCheck)
		}),
		"other-later": of["acknowledgement"].with(func(p *shown) {
			p.other, p.otherGenerations = laterNote, [][]byte{generation2}
			p.words = slices.Insert(p.words, 10, laterLine)
		}),
		"other-closed": of["acknowledgement"].with(func(p *shown) {
			p.other, p.otherGenerations = northNote, [][]byte{generation(renewalFields, closingFields.with(4, u(2)).with(5, bstr(treeRoot(bothLeaves))))}
			p.words = slices.Insert(p.words, 10, strings.ReplaceAll(laterLine, "north/2.2", "north/2.3"))
		}),
		"seen-beside": of["acknowledgement"].with(func(p *shown) {
			first := entryFields(south.log, 1, zeros, sign(ack, south.officer('a'))).with(5, array(array(bstr(north.log), u(2)))).encode()
			p.entries, p.note = []statement{{1, first}}, cosignedNote(south, north, 1, leafHash(first), noon/1000+4)
			p.other, p.otherGenerations = cosignedNote(north, south, 1, leaf1, noon/1000+3), [][]byte{generation2}
			p.words[9] = strings.Replace(p.words[9], "2 entries", "1 entry", 1)
			p.words = slices.Insert(p.words, 10, laterLine)
		}),
		"at-once": of["acknowledgement"].with(func(p *shown) {
			renewal := renewalFields.with(2, tstr("south"))
			closing := empty.with(2, tstr("south")).with(3, bstr(south.log))
			p.generations = [][]byte{pair(sign1(south.logKey, renewalDomain, renewal.encode()), sign1(north.receipt, closingDomain, closing.encode()))}
			first := entryFields(secondName, 1, zeros, sign(ack, south.officer('a'))).with(5, array(array(bstr(north.log), u(1)))).encode()
			p.entries = []statement{{1, first}}
			p.note = cosignedNote(south.under(secondName), north, 1, leafHash(first), noon/1000+4)
			p.words[2] = strings.Replace(p.words[2], "south 1,", "south/2.1,", 1)
			says := strings.NewReplacer("north/2.2", "south/2.1", "north", "south", "south", "north")
			p.words = slices.Insert(p.words, 10, says.Replace(laterLine))
		}),
	}
}

// badRenewed are proofs across generations that do not hold.
func badRenewed() []struct {
	name, expect, why, of string
	change                func(*shown)
} {
	third := generation(renewedTwice.with(4, u(noon+3600000)), closedTwice.with(4, u(1)).with(5, bstr(leaf1)))
	without := func(p *shown) {
		p.generations = nil
		p.words = slices.DeleteFunc(p.words, func(w string) bool { return w == laterLine })
		for i, w := range p.words {
			p.words[i] = strings.Replace(w, "north/2.2", "north 2", 1)
		}
	}
	return []struct {
		name, expect, why, of string
		change                func(*shown)
	}{
		{"later-missing", "log", "the statement is not shown, and the checkpoint has its name", "later", without},
		{"later-none", "log", "a statement is shown, and the checkpoint of 2 has the first name", "later", func(p *shown) {
			p.note = checkpoint2
			p.words[slices.Index(p.words, southHolds)] = "That south holds them all is not shown."
		}},
		{"later-entry-old", "log", "entry 2 has the name that was closed", "later", func(p *shown) {
			p.entries, p.receipts = []statement{{2, entry2}}, []statement{secondReceipt}
			p.note = cosignedNote(north.under(secondName), south, 2, treeRoot(bothLeaves), noon/1000+3)
		}},
		{"later-renewed-by-south", "bad signature", "another key renewed the log", "later", func(p *shown) {
			p.generations = [][]byte{pair(sign1(south.logKey, renewalDomain, renewalFields.encode()), sign1(south.receipt, closingDomain, closingFields.encode()))}
		}},
		{"later-closed-by-north", "bad signature", "north closed its own log", "later", func(p *shown) {
			p.generations = [][]byte{pair(sign1(north.logKey, renewalDomain, renewalFields.encode()), sign1(north.receipt, closingDomain, closingFields.encode()))}
		}},
		{"later-repeated", "generation", "the third is no later than the second", "later", func(p *shown) {
			p.generations = append(p.generations, third)
			says := strings.NewReplacer("generation 2", "generation 3", "north/2.2", "north/3.2", "14:00:00", "13:00:00", "13:00:01", "14:00:01")
			p.words[2] = strings.Replace(p.words[2], "north/2.2", "north/3.2", 1)
			p.words = slices.Insert(p.words, slices.Index(p.words, laterLine)+1, says.Replace(laterLine))
		}},
		{"later-beyond", "malformed", "the statement closes beyond what the checkpoint covers", "later", func(p *shown) {
			p.generations = [][]byte{generation(renewalFields, closingFields.with(4, u(3)).with(5, bstr(treeRoot(laterLeaves))))}
		}},
		{"seen-not-beside", "seen", "south's entry is not said to be written beside the generation that was closed", "seen-beside", func(p *shown) {
			p.otherGenerations = [][]byte{generation(renewalFields, closingFields.without(7))}
			p.words[5] = strings.Replace(p.words[5], "up to 1", "up to 2", 1)
		}},
		{"later-no-statement", "malformed", "bytes that are no statement", "later", func(p *shown) { p.generations = [][]byte{{1}} }},
		{"later-without-other", "malformed", "statements of the other log without its checkpoint", "before-the-close", func(p *shown) { p.otherGenerations = [][]byte{generation2} }},
		{"cosigned-beyond", "closing", "south cosigned two entries under the name that it closed behind entry 1", "later", func(p *shown) {
			p.note = cosignedNote(north, south, 2, treeRoot(laterLeaves), noon/1000+3)
		}},
		{"receipt-later-name", "statement", "a receipt names the log by the later name", "later", func(p *shown) {
			p.receipts = []statement{{2, sign1(south.receipt, receiptDomain, receiptFields.with(1, bstr(secondName)).with(3, bstr(laterLeaves[1])).encode())}}
		}},
	}
}
