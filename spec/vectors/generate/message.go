package main

import (
	"bytes"
	"crypto/sha256"
	"strings"
)

// text is a short message of north to south.
func text(draft, body string) fields {
	return fields{
		{1, bstr(line)},
		{2, bstr(seed("draft " + draft)[:16])},
		{3, tstr("north/duty")},
		{4, array(tstr("south/duty"))},
		{5, u(2)},
		{6, u(1)},
		{7, u(1)},
		{10, tstr("en")},
		{11, tstr(body)},
	}
}

// acknowledgement is south's answer to north 1.
func acknowledgement(answer ...field) fields {
	return fields{
		{1, bstr(line)},
		{2, bstr(seed("draft ack")[:16])},
		{3, tstr("south/duty")},
		{4, array(tstr("north/duty"))},
		{5, u(2)},
		{6, u(1)},
		{7, u(2)},
		{8, array(array(bstr(north.log), u(1)))},
		{10, tstr("en")},
		{12, fields(answer).encode()},
	}
}

func leafHash(entry []byte) []byte {
	h := sha256.Sum256(append([]byte{0}, entry...))
	return h[:]
}

// entryFields are those of entry n of a log.
func entryFields(log []byte, n uint64, previous []byte, signed []byte) fields {
	return fields{
		{1, u(1)}, {2, bstr(log)}, {3, u(n)}, {4, bstr(previous)}, {6, u(noon + 1000*n)}, {7, bstr(signed)},
	}
}

var zeros = make([]byte, 32)

var (
	first       = text("one", "Patrol boat P-21 leaves harbour at 0600Z for a survey. No exercise is planned.").encode()
	firstSigned = sign(first, north.officer('a'))
	entry1      = entryFields(north.log, 1, zeros, firstSigned).encode()

	second       = text("two", "Survey ended 0910Z. P-21 returns.").encode()
	entry2Fields = entryFields(north.log, 2, leafHash(entry1), sign(second, north.officer('b'))).with(5, array(array(bstr(south.log), u(1))))
	entry2       = entry2Fields.encode()

	ack         = acknowledgement(field{1, u(1)}).encode()
	southEntry1 = entryFields(south.log, 1, zeros, sign(ack, south.officer('a'))).with(5, array(array(bstr(north.log), u(1)))).encode()
)

func contentVectors() []vector {
	t := text("one", "All quiet.")
	v := []vector{
		ok("text", "a short text, precedence Immediate", t.encode()),
		ok("text-flash-exercise", "precedence Flash, status exercise", t.with(5, u(1)).with(6, u(2)).encode()),
		ok("text-all-keys", "two desks, two references, an expiry", t.
			with(4, array(tstr("south/chief"), tstr("south/duty"))).
			with(8, array(array(bstr(north.log), u(1)), array(bstr(south.log), u(7)))).
			with(9, u(noon+3600000)).encode()),
		ok("text-arabic", "right-to-left text with the marks that are allowed: LRM, RLM, ALM, ZWJ, ZWNJ, LF, TAB",
			t.with(11, tstr("\u0633\u0644\u0627\u0645\u200c\u200d\u200e\u200f\u061c\n\tP-21")).with(10, tstr("ar")).encode()),
		ok("text-marks-30", "30 combining marks in a row, as many as may be", t.with(11, tstr("x"+strings.Repeat("\u0301", 30))).encode()),
		ok("text-marks-decomposed-30", "U+1EB7 decomposes to a letter and 2 marks, and 28 follow", t.with(11, tstr("\u1eb7"+strings.Repeat("\u0301", 28))).encode()),
		ok("text-marks-enclosing", "31 enclosing marks, of combining class 0", t.with(11, tstr("x"+strings.Repeat("\u20dd", 31))).encode()),
		ok("text-emoji", "U+FE0F and U+200D make one picture of several", t.with(11, tstr("\u2764\ufe0f \U0001f469\u200d\U0001f680")).encode()),
		ok("text-longest-body", "a body of 32,768 bytes", t.with(11, tstr(strings.Repeat("a", 32768))).encode()),
		ok("acknowledgement", "read", acknowledgement(field{1, u(1)}).encode()),
		ok("acknowledgement-note", "declined, with a note", acknowledgement(field{1, u(6)}).with(11, tstr("Not our area.")).encode()),
		ok("acknowledgement-reply-by", "an answer is promised by a time", acknowledgement(field{1, u(7)}, field{2, u(noon + 600000)}).encode()),

		no("text-no-body", "malformed", "a text without a body", t.without(11).encode()),
		no("text-empty-body", "malformed", "a text with an empty body", t.with(11, tstr("")).encode()),
		no("text-answer", "malformed", "a text that answers", t.with(12, fields{{1, u(1)}}.encode()).encode()),
		no("acknowledgement-no-answer", "malformed", "an acknowledgement without an answer", acknowledgement(field{1, u(1)}).without(12).encode()),
		no("acknowledgement-no-reference", "malformed", "an acknowledgement of nothing", acknowledgement(field{1, u(1)}).without(8).encode()),
		no("acknowledgement-two-references", "malformed", "an acknowledgement of two entries",
			acknowledgement(field{1, u(1)}).with(8, array(array(bstr(north.log), u(1)), array(bstr(north.log), u(2)))).encode()),
		no("acknowledgement-reply-by-nothing", "malformed", "reply-by without a time", acknowledgement(field{1, u(7)}).encode()),
		no("acknowledgement-read-by", "malformed", "a time for an answer other than reply-by", acknowledgement(field{1, u(1)}, field{2, u(noon)}).encode()),
		no("acknowledgement-answer-8", "malformed", "answer 8 does not exist", acknowledgement(field{1, u(8)}).encode()),
		no("acknowledgement-answer-0", "malformed", "answer 0 does not exist", acknowledgement(field{1, u(0)}).encode()),
		no("precedence-0", "malformed", "precedence 0 does not exist", t.with(5, u(0)).encode()),
		no("precedence-5", "malformed", "precedence 5 does not exist", t.with(5, u(5)).encode()),
		no("status-3", "malformed", "status 3 does not exist", t.with(6, u(3)).encode()),
		no("kind-4", "malformed", "kind 4 does not exist in this version", t.with(7, u(4)).encode()),
		no("line-short", "malformed", "the line has 31 bytes", t.with(1, bstr(line[1:])).encode()),
		no("draft-long", "malformed", "the draft id has 17 bytes", t.with(2, bstr(make([]byte, 17))).encode()),
		no("from-upper-case", "malformed", "a desk is written in lower case", t.with(3, tstr("North/duty")).encode()),
		no("from-party", "malformed", "a party is not a desk", t.with(3, tstr("north")).encode()),
		no("to-none", "malformed", "no addressee", t.with(4, array()).encode()),
		no("to-unsorted", "malformed", "the desks are not sorted", t.with(4, array(tstr("south/duty"), tstr("south/chief"))).encode()),
		no("to-twice", "malformed", "a desk stands twice", t.with(4, array(tstr("south/duty"), tstr("south/duty"))).encode()),
		no("references-empty", "malformed", "an empty list is left out", t.with(8, array()).encode()),
		no("reference-0", "malformed", "numbers begin at 1", t.with(8, array(array(bstr(north.log), u(0)))).encode()),
		no("language-empty", "malformed", "the language is missing", t.with(10, tstr("")).encode()),
		no("language-underscore", "malformed", "BCP 47 has hyphens", t.with(10, tstr("en_GB")).encode()),
		no("body-not-utf8", "text", "a lone continuation byte", t.with(11, tstr("P-12\x80")).encode()),
		no("body-surrogate", "text", "a surrogate in UTF-8", t.with(11, tstr("P-12\xed\xa0\x80")).encode()),
		no("body-overlong", "text", "a slash in two bytes", t.with(11, tstr("P-12\xc0\xaf")).encode()),
		no("body-null", "malformed", "null is not an absent body", acknowledgement(field{1, u(1)}).with(11, null).encode()),
		no("to-null", "malformed", "null is not a list", t.with(4, null).encode()),
		no("references-null", "malformed", "null is not an absent list", t.with(8, null).encode()),
		no("desk-null", "malformed", "null is not a desk", t.with(4, array(null)).encode()),
		no("body-bytes", "malformed", "the body is a byte string", t.with(11, bstr([]byte("All quiet."))).encode()),

		no("to-nine", "limit", "nine desks", t.with(4, array(nineDesks()...)).encode()),
		no("references-seventeen", "limit", "seventeen references", t.with(8, array(seventeenReferences()...)).encode()),
		no("body-too-long", "limit", "a body of 32,769 bytes", t.with(11, tstr(strings.Repeat("a", 32769))).encode()),
		no("language-too-long", "limit", "a language of 36 characters", t.with(10, tstr("en-"+strings.Repeat("a", 33))).encode()),
	}
	for name, body := range map[string][2]string{
		"not-nfc":          {"e and a combining acute accent, which NFC writes as one character", "cafe\u0301"},
		"bidi-override":    {"U+202E turns the direction of what follows", "P-12\u202e"},
		"bidi-isolate":     {"U+2066 opens an isolate that may never close", "P-12\u2066"},
		"carriage-return":  {"a lone CR", "P-12\rP-21"},
		"crlf":             {"lines end in LF", "P-12\r\nP-21"},
		"escape":           {"U+001B begins terminal commands", "\x1b[2J"},
		"nul":              {"U+0000", "P-12\x00"},
		"c1-control":       {"U+0085", "P-12\u0085"},
		"byte-order-mark":  {"U+FEFF", "\ufeffP-12"},
		"noncharacter":     {"U+FFFF is never assigned", "P-12\uffff"},
		"private-use":      {"U+E000 means nothing to the other side", "P-12\ue000"},
		"unassigned":       {"U+0378 is not assigned in Unicode 15.0.0", "P-12\u0378"},
		"zero-width-space": {"U+200B shows as nothing", "P\u200b-12"},
		"soft-hyphen":      {"U+00AD shows as nothing", "P\u00ad-12"},
		"hangul-filler":    {"U+3164 is a letter that shows as nothing", "P\u3164-12"},
		"grapheme-joiner":  {"U+034F is a mark that shows as nothing", "P\u034f-12"},
		"line-separator":   {"U+2028: lines end in LF", "P-12\u2028P-21"},
		"language-tag":     {"U+E0065 is an invisible tag", "P-12\U000e0065"},
		"marks-31":         {"31 combining marks in a row", "x" + strings.Repeat("\u0301", 31)},
		"marks-decomposed": {"U+1EB7 decomposes to a letter and 2 marks, and 29 follow", "\u1eb7" + strings.Repeat("\u0301", 29)},
		"vowels-31":        {"31 of U+09BE, of class 0 and NFC_Quick_Check=Maybe", "\u0995" + strings.Repeat("\u09be", 31)},
		"unicode-17":       {"U+11DB0 is assigned only after Unicode 15.0.0", "P-12\U00011db0"},
	} {
		v = append(v, no("body-"+name, "text", body[0], t.with(11, tstr(body[1])).encode()))
	}
	for _, b := range badMaps(t) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes))
	}
	return v
}

func nineDesks() (d [][]byte) {
	for c := 'a'; c <= 'i'; c++ {
		d = append(d, tstr("south/"+string(c)))
	}
	return d
}

func seventeenReferences() (r [][]byte) {
	for n := range uint64(17) {
		r = append(r, array(bstr(north.log), u(n+1)))
	}
	return r
}

func entryVectors() []vector {
	e := entryFields(north.log, 1, zeros, firstSigned)
	v := []vector{
		ok("first", "the first entry of a log", entry1),
		ok("second", "the second, which has seen one entry of the other log", entry2),
		ok("acknowledgement", "the first of the other log", southEntry1),
		ok("content-unreadable", "what is inside is not judged here: storage and belief are separate", e.with(7, bstr([]byte("not a COSE_Sign"))).encode()),
		ok("number-largest", "number 2^62-1", e.with(3, u(1<<62-1)).with(4, bstr(leafHash(entry1))).encode()),

		no("version-2", "version", "version 2 is not known", e.with(1, u(2)).encode()),
		no("version-0", "malformed", "version 0 will never be", e.with(1, u(0)).encode()),
		no("number-0", "malformed", "numbers begin at 1", e.with(3, u(0)).encode()),
		no("first-has-previous", "malformed", "entry 1 has no previous leaf, so the hash is zeros", e.with(4, bstr(leafHash(entry1))).encode()),
		no("log-short", "malformed", "the log has 15 bytes", e.with(2, bstr(north.log[1:])).encode()),
		no("previous-long", "malformed", "the previous hash has 33 bytes", e.with(4, bstr(make([]byte, 33))).encode()),
		no("seen-empty", "malformed", "an empty list is left out", e.with(5, array()).encode()),
		no("seen-size-0", "malformed", "a log of which nothing was seen is left out", e.with(5, array(array(bstr(south.log), u(0)))).encode()),
		no("seen-unsorted", "malformed", "the logs are not sorted", e.with(5, array(array(bstr(bytes.Repeat([]byte{2}, 16)), u(1)), array(bstr(bytes.Repeat([]byte{1}, 16)), u(1)))).encode()),
		no("seen-twice", "malformed", "a log stands twice", e.with(5, array(array(bstr(south.log), u(1)), array(bstr(south.log), u(2)))).encode()),
		no("signed-missing", "malformed", "there is nothing inside", e.without(7).encode()),
		no("time-negative", "malformed", "a time before 1970", e.with(6, []byte{0x20}).encode()),
		no("time-float", "malformed", "a time in floating point", e.with(6, []byte{0xf9, 0x3c, 0x00}).encode()),

		no("signed-null", "malformed", "null is not a byte string", e.with(7, null).encode()),
		no("seen-null", "malformed", "null is not an absent list", e.with(5, null).encode()),
		no("previous-null", "malformed", "null is not a hash of zeros", e.with(4, null).encode()),
		no("number-too-large", "limit", "number 2^62", e.with(3, u(1<<62)).with(4, bstr(leafHash(entry1))).encode()),
		no("time-too-large", "limit", "2^53 milliseconds", e.with(6, u(1<<53)).encode()),

		no("signed-too-long", "limit", "40,961 bytes inside", e.with(7, bstr(make([]byte, 40961))).encode()),
	}
	for _, b := range badMaps(e) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes))
	}
	return v
}
