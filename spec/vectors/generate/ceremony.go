package main

import (
	"bytes"
	"fmt"
	"strings"
)

// Vectors of the files that people carry and read: card, invite, accept,
// roster and transcript.

// badLines are the errors that every file of the ceremony can have. body is the
// file without its last line.
func badLines(body string) []vector {
	whole := end(body)
	first, rest, _ := strings.Cut(body, "\n")
	n := strings.Count(body, "\n") + 1
	return []vector{
		no("nothing", "malformed", "there are no bytes", nil),
		no("cut-off", "malformed", "the last LF is missing", whole[:len(whole)-1]),
		no("end-missing", "malformed", "the last line is missing", []byte(body)),
		no("end-other", "malformed", "END counts a line too few", fmt.Appendf(nil, "%sEND %d\n", body, n-1)),
		no("end-zero", "malformed", "the number in END has a leading zero", fmt.Appendf(nil, "%sEND 0%d\n", body, n)),
		no("line-behind", "malformed", "a line stands behind END", append(bytes.Clone(whole), '\n')),
		no("crlf", "malformed", "lines end in CR LF", []byte(strings.ReplaceAll(string(whole), "\n", "\r\n"))),
		no("byte-order-mark", "malformed", "it begins with U+FEFF", append([]byte("\ufeff"), whole...)),
		no("not-utf8", "malformed", "it is not UTF-8", end(first+"\n\xff"+rest)),
		no("title-other", "malformed", "another title", end("parley-something v1\n"+rest)),
		no("version-2", "malformed", "version 2 is not known", end(strings.Replace(first, "v1", "v2", 1)+"\n"+rest)),
		no("empty-line", "malformed", "an empty line", end(first+"\n\n"+rest)),
		no("space-behind", "malformed", "a space at the end of a line", end(first+" \n"+rest)),
		no("keyword-unknown", "malformed", "a line that does not belong here", end(first+"\ncomment hello\n"+rest)),
		no("line-missing", "malformed", "the second line is missing", end(first+"\n"+rest[strings.Index(rest, "\n")+1:])),
	}
}

// replaced is a body in which one text stands for another, once.
func replaced(body, old, new string) string {
	if !strings.Contains(body, old) {
		check(fmt.Errorf("%q is not in the file", old))
	}
	return strings.Replace(body, old, new, 1)
}

func cardVectors() []vector {
	p := north
	body := p.cardBody()
	sign := func(body string) []byte { return signCard(p.root, body) }
	good := p.card()
	a, b := p.officers[0], p.officers[1]
	lineOf := func(o officer) string {
		return "officer " + b64(o.key.public) + " " + strings.Join(o.desks, ",") + " " + o.name + "\n"
	}
	v := []vector{
		ok("good", "north's card", good),
		ok("no-prekeys", "only a last resort", sign(replaced(replaced(body, "prekey "+b64(p.prekeys[0].public)+"\n", ""), "prekey "+b64(p.prekeys[1].public)+"\n", ""))),

		no("changed", "root signature", "the language was changed after it was signed", bytes.Replace(good, []byte("language en"), []byte("language fr"), 1)),
		no("other-root", "root signature", "another root key signed it", signCard(south.root, body)),

		no("key-twice", "key", "the hop key is the station key", sign(replaced(body, "hop "+b64(p.hop.public), "hop "+b64(p.station.public)))),
		no("key-of-officer", "key", "an officer's key is the root key", sign(replaced(body, lineOf(a), "officer "+b64(p.root.public)+" north/duty north a\n"))),
		no("key-small-order", "key", "the hop key is a point of small order", sign(replaced(body, "hop "+b64(p.hop.public), "hop "+b64(append([]byte{1}, make([]byte, 31)...))))),
		no("prekey-twice", "key", "a prekey stands twice", sign(replaced(body, "prekey "+b64(p.prekeys[1].public), "prekey "+b64(p.prekeys[0].public)))),

		no("party-upper-case", "malformed", "a party is written in lower case", sign(replaced(body, "party north", "party North"))),
		no("log-zeros", "malformed", "the log id is not random", sign(replaced(body, fmt.Sprintf("log %x", p.log), "log "+strings.Repeat("00", 16)))),
		no("log-upper-case", "malformed", "hexadecimal is written in lower case", sign(replaced(body, fmt.Sprintf("log %x", p.log), fmt.Sprintf("log %X", p.log)))),
		no("key-short", "malformed", "a key has 31 bytes", sign(replaced(body, "hop "+b64(p.hop.public), "hop "+b64(p.hop.public[1:])))),
		no("key-unpadded", "malformed", "base64 without padding", sign(replaced(body, "hop "+b64(p.hop.public), "hop "+strings.TrimRight(b64(p.hop.public), "=")))),
		no("desk-of-south", "malformed", "a desk of another party", sign(replaced(body, "desk north/duty\n", "desk south/duty\n"))),
		no("desk-without-officer", "malformed", "a desk that could never answer", sign(replaced(body, "desk north/duty\n", "desk north/duty\ndesk north/press\n"))),
		no("desks-unsorted", "malformed", "the desks are not sorted", sign(replaced(body, "desk north/chief\ndesk north/duty\n", "desk north/duty\ndesk north/chief\n"))),
		no("officers-unsorted", "malformed", "the officers are not sorted by name", sign(replaced(body, lineOf(a)+lineOf(b), lineOf(b)+lineOf(a)))),
		no("officer-unnamed", "malformed", "an officer without a name", sign(replaced(body, "north/duty north a\n", "north/duty\n"))),
		no("officer-two-spaces", "malformed", "two spaces within a name", sign(replaced(body, "north/duty north a\n", "north/duty north  a\n"))),
		no("officer-bidi", "malformed", "a name that turns direction", sign(replaced(body, "north/duty north a\n", "north/duty north\u202ea\n"))),
		no("officer-desk-unknown", "malformed", "an officer of a desk that is not on the card", sign(replaced(body, "north/duty north a\n", "north/press north a\n"))),
		no("last-resort-missing", "malformed", "there is no last resort", sign(replaced(body, "last-resort "+b64(p.lastResort.public)+"\n", ""))),
		no("prekey-short", "malformed", "a prekey has 1,215 bytes", sign(replaced(body, "prekey "+b64(p.prekeys[0].public), "prekey "+b64(p.prekeys[0].public[1:])))),
	}
	signed := string(good[:bytes.LastIndex(good, []byte("END "))])
	return append(v, badLines(signed)...)
}

func inviteVectors() []vector {
	card := string(north.card())
	body := "parley-invite v1\nto south\n" + terms + card
	with := func(old, new string) []byte {
		return end("parley-invite v1\nto south\n" + replaced(terms, old, new) + card)
	}
	v := []vector{
		ok("good", "north invites south", invited),
		ok("quorum-kind", "acknowledgements need one officer at every precedence", with("channel cable", "quorum-kind acknowledgement 1\nchannel cable")),
		ok("channel-narrow", "a slow channel", with("7700\n", "7700 narrow\n")),
		ok("channel-ipv6", "an address of IPv6", with("192.0.2.1:7700", "[2001:db8::7]:7700")),

		no("to-itself", "party", "north invites itself", end("parley-invite v1\nto north\n"+strings.TrimPrefix(body, "parley-invite v1\nto south\n"))),
		no("listener-third", "party", "a party listens that is not of the line", with("tcp north", "tcp west")),
		no("quorum-out-of-reach", "quorum", "no desk has four officers", with("flash 2", "flash 4")),
		no("deniable", "deniable", "deniable lines are of a later version", with("attributable", "deniable")),
		no("card-changed", "root signature", "the card in it was changed", end(replaced(body, "language en\nlog", "language fr\nlog"))),

		no("quorum-0", "malformed", "nobody needs to sign", with("flash 2", "flash 0")),
		no("quorum-9", "malformed", "nine officers are more than content can carry", with("flash 2", "flash 9")),
		no("quorum-missing", "malformed", "no quorum for routine", with("quorum routine 1\n", "")),
		no("channels-none", "malformed", "there is no channel", end("parley-invite v1\nto south\n"+replaced(replaced(terms, "channel cable tcp north 192.0.2.1:7700\n", ""), "channel stick pouch\n", "")+card)),
		no("channel-twice", "malformed", "two channels of one name", with("channel stick", "channel cable")),
		no("channel-kind", "malformed", "a kind of channel that is not known", with("pouch", "pigeon")),
		no("port-0", "malformed", "port 0", with(":7700", ":0")),
		no("port-leading-zero", "malformed", "a port with a leading zero", with(":7700", ":07700")),
		no("span-not-largest", "malformed", "60s is written 1m", with("check-every 30s", "check-every 60s")),
		no("span-too-short", "malformed", "a check every 99 ms", with("check-every 30s", "check-every 99ms")),
		no("language-twice", "malformed", "a language stands twice, in another case", with("languages en", "languages en,EN")),
		no("evidence-unknown", "malformed", "a mode of evidence that is not known", with("attributable", "perhaps")),
		no("card-missing", "malformed", "there is no card", end("parley-invite v1\nto south\n"+terms)),
	}
	return append(v, badLines(body)...)
}

// acceptVectors are judged as answers to the invite of the line.
func acceptVectors() []vector {
	body := string(accepted[:bytes.LastIndex(accepted, []byte("END "))])
	v := []vector{
		ok("good", "south accepts", accepted),

		no("invite-other", "invite", "it answers another invite", accept(south.card(), invite(north.card(), "south", replaced(terms, "30s", "31s")))),
		no("party-other", "party", "the card of a party that was not invited", accept(newParty("west").card(), invited)),
		no("party-same", "party", "the card of the inviter", accept(north.card(), invited)),
		no("card-changed", "root signature", "the card in it was changed", end(replaced(body, "language en", "language fr"))),
		no("key-of-north", "key", "south's hop key is north's", accept(func() []byte {
			return signCard(south.root, replaced(south.cardBody(), "hop "+b64(south.hop.public), "hop "+b64(north.hop.public)))
		}(), invited)),
		no("log-of-north", "key", "south's log id is north's", accept(func() []byte {
			return signCard(south.root, replaced(south.cardBody(), fmt.Sprintf("log %x", south.log), fmt.Sprintf("log %x", north.log)))
		}(), invited)),
		no("quorum-out-of-reach", "quorum", "south has one officer, and flash needs two", accept(func() []byte {
			b := south.cardBody()
			for _, o := range south.officers[:2] {
				b = replaced(b, "officer "+b64(o.key.public)+" "+strings.Join(o.desks, ",")+" "+o.name+"\n", "")
			}
			return signCard(south.root, b)
		}(), invited)),
		no("hash-upper-case", "malformed", "hexadecimal is written in lower case", end(func() string {
			first, rest, _ := strings.Cut(strings.TrimPrefix(body, "parley-accept v1\ninvite "), "\n")
			return "parley-accept v1\ninvite " + strings.ToUpper(first) + "\n" + rest
		}())),
	}
	return append(v, badLines(body)...)
}

func rosterVectors() []vector {
	body := string(roster[:bytes.LastIndex(roster, []byte("END "))])
	text := func(old, new string) []byte { return end(replaced(body, old, new)) }
	v := []vector{
		ok("good", "the roster of the line", roster),

		no("parties-unsorted", "malformed", "south stands before north", rosterText(south, north, terms)),
		no("party-twice", "party", "one party on both sides", rosterText(north, north, terms)),
		no("key-twice", "key", "one key on both sides", text("hop "+b64(south.hop.public), "hop "+b64(north.hop.public))),
		no("log-twice", "key", "one log id on both sides", text(fmt.Sprintf("log %x", south.log), fmt.Sprintf("log %x", north.log))),
		no("quorum-out-of-reach", "quorum", "no desk has four officers", text("flash 2", "flash 4")),
		no("deniable", "deniable", "deniable lines are of a later version", text("attributable", "deniable")),
		no("prekey", "malformed", "prekeys are no part of a roster", text("terms v1\n", "last-resort "+b64(south.lastResort.public)+"\nterms v1\n")),
		no("terms-v2", "malformed", "terms of a later version", text("terms v1", "terms v2")),
	}
	return append(v, badLines(body)...)
}

// headerVectors are entries of any version, read for storage only.
func headerVectors() []vector {
	f := entryFields(north.log, 1, zeros, firstSigned)
	later := f.with(1, u(2))
	v := []vector{
		ok("this-version", "an entry of version 1", f.encode()),
		ok("later-version", "an entry of version 2", later.encode()),
		ok("later-without-signed", "version 2 has no key 7", later.without(7).encode()),
		ok("later-with-more", "version 2 has other keys, with text, a list and a map", later.
			with(7, tstr("text")).with(8, array(u(1), bstr(nil))).with(9, fields{{1, u(1)}}.encode()).encode()),

		no("version-0", "malformed", "version 0 will never be", f.with(1, u(0)).encode()),
		no("number-0", "malformed", "numbers begin at 1", later.with(3, u(0)).encode()),
		no("first-has-previous", "malformed", "entry 1 has no previous leaf", later.with(4, bstr(leaf1)).encode()),
		no("second-has-none", "malformed", "entry 2 has a previous leaf", later.with(3, u(2)).encode()),
		no("time-missing", "malformed", "key 6 is in every version", later.without(6).encode()),
		no("time-text", "malformed", "the time is text", later.with(6, tstr("noon")).encode()),
		no("seen-unsorted", "malformed", "the logs seen are not sorted", later.with(5, array(array(bstr(bytes.Repeat([]byte{2}, 16)), u(1)), array(bstr(bytes.Repeat([]byte{1}, 16)), u(1)))).encode()),
		no("later-indefinite", "malformed", "a key behind the header has no definite length", func() []byte {
			b := later.with(7, []byte{0x5f, 0x41, 0x00, 0xff})
			return b.encode()
		}()),
		no("later-long-integer", "malformed", "a number behind the header is not in its shortest form", later.with(7, []byte{0x18, 0x01}).encode()),
		no("later-null", "malformed", "null behind the header", later.with(7, null).encode()),
		no("later-true", "malformed", "true behind the header", later.with(7, []byte{0xf5}).encode()),
		no("later-negative", "malformed", "a negative number behind the header", later.with(7, []byte{0x20}).encode()),
		no("later-float", "malformed", "a float behind the header", later.with(7, []byte{0xf9, 0x3c, 0x00}).encode()),
		no("later-not-utf8", "malformed", "text behind the header that is not UTF-8", later.with(7, tstr("\xff")).encode()),
		no("later-nested-text-key", "malformed", "a map behind the header with a key of text", later.with(7, join([]byte{0xa1}, tstr("x"), u(0))).encode()),
		no("later-tag", "malformed", "a tag behind the header", later.with(7, []byte{0xc1, 0x00}).encode()),
		no("later-unsorted", "malformed", "keys behind the header are out of order", func() []byte {
			return append(later.without(7), field{9, u(0)}, field{8, u(0)}).encode()
		}()),
		no("later-text-key", "malformed", "a key behind the header is text", func() []byte {
			b := later.encode()
			b[0]++
			return join(b, tstr("x"), u(0))
		}()),
		no("too-long", "limit", "45,057 bytes in all", func() []byte {
			b := later.with(7, bstr(make([]byte, 45000)))
			return later.with(7, bstr(make([]byte, 45000+45057-len(b.encode())))).encode()
		}()),
	}
	for _, b := range badItems(f.encode()) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes))
	}
	return v
}

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

		ok("seen-beyond", "north, who exports, has seen more of south than is in the file: it is a claim, and told as one", with(rewritten(entry2Fields.with(5, array(array(bstr(south.log), u(9)))).encode()))),

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
		no("receipt-forged", "bad signature", "north signed the receipt itself", with(func(r *record) {
			r.north.receipts = []statement{{2, sign1(north.receipt, receiptDomain, receiptFields.encode())}}
		})),
		no("receipt-elsewhere", "statement", "a receipt of another leaf", with(func(r *record) {
			r.north.receipts = []statement{{2, sign1(south.receipt, receiptDomain, receiptFields.with(3, bstr(leaf1)).encode())}}
		})),
		no("not-released", "officer", "entry 2 is signed by nobody of north, and nobody refused it", with(rewritten(entryFields(north.log, 2, leaf1, sign(second, south.officer('a'))).encode()))),
		no("replayed", "replay", "entry 2 says entry 1 again", with(rewritten(entryFields(north.log, 2, leaf1, firstSigned).encode()))),
		no("seen-other-log", "seen", "entry 2 has seen a log that is not of this line", with(rewritten(entry2Fields.with(5, array(array(bstr(zeros[:16]), u(1)))).encode()))),
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
	entries              [][]byte
	checkpoint, cosigned []byte
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
		for i, e := range l.entries {
			s += fmt.Sprintf("entry %d %s\n", i+1, b64(e))
		}
		if l.checkpoint != nil {
			s += barred("checkpoint", l.checkpoint)
		}
		if l.cosigned != nil {
			s += barred("cosigned", l.cosigned)
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
