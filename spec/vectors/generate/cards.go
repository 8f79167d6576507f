package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
)

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

// changed is b with other bytes from at on.
func changed(b []byte, at int, with ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[at:], with)
	return b
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
	hop := func(key []byte) []byte { return sign(replaced(body, "hop "+b64(p.hop.public), "hop "+b64(key))) }
	order8, err := hex.DecodeString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
	check(err)
	prekey := func(at int, with ...byte) []byte {
		return sign(replaced(body, "prekey "+b64(p.prekeys[0].public), "prekey "+b64(changed(p.prekeys[0].public, at, with...))))
	}
	v := []vector{
		ok("good", "north's card", good),
		ok("no-prekeys", "only a last resort", sign(replaced(replaced(body, "prekey "+b64(p.prekeys[0].public)+"\n", ""), "prekey "+b64(p.prekeys[1].public)+"\n", ""))),

		no("changed", "root signature", "the language was changed after it was signed", bytes.Replace(good, []byte("language en"), []byte("language fr"), 1)),
		no("other-root", "root signature", "another root key signed it", signCard(south.root, body)),

		no("key-twice", "key", "the hop key is the station key", sign(replaced(body, "hop "+b64(p.hop.public), "hop "+b64(p.station.public)))),
		no("key-of-officer", "key", "an officer's key is the root key", sign(replaced(body, lineOf(a), "officer "+b64(p.root.public)+" north/duty north a\n"))),
		no("key-small-order", "key", "the hop key is a point of small order", sign(replaced(body, "hop "+b64(p.hop.public), "hop "+b64(append([]byte{1}, make([]byte, 31)...))))),
		no("key-zero-beyond", "key", "y = 2^255 − 19, which stands for 0: a point of small order", hop(append([]byte{0xed}, append(bytes.Repeat([]byte{0xff}, 30), 0x7f)...))),
		no("key-one-signed", "key", "y = 1 with the highest bit set: a point of small order", hop(append([]byte{1}, append(make([]byte, 30), 0x80)...))),
		no("key-order-8", "key", "a point of order 8", hop(order8)),
		ok("key-no-point", "y = 2 is no point of the curve: nothing verifies with it, and that is its owner's affair", hop(append([]byte{2}, make([]byte, 31)...))),
		ok("key-beyond", "y = 2^255 − 16, which stands for 3: another writing of a point", hop(append([]byte{0xf0}, append(bytes.Repeat([]byte{0xff}, 30), 0x7f)...))),
		no("prekey-coefficient", "key", "the first coefficient of a prekey is 3,329", prekey(0, 0x01, 0x0d)),
		no("prekey-coefficient-odd", "key", "the second coefficient of a prekey is 4,095", prekey(1, 0xf0|p.prekeys[0].public[1]&0xf, 0xff)),
		no("prekey-small-order", "key", "the X25519 part of a prekey is 1, a point of small order", prekey(1184, append([]byte{1}, make([]byte, 31)...)...)),
		no("last-resort-coefficient", "key", "the last coefficient of the last resort is 4,095", sign(replaced(body, "last-resort "+b64(p.lastResort.public), "last-resort "+b64(changed(p.lastResort.public, 1150, 0xf0, 0xff))))),
		ok("prekey-coefficient-largest", "the first coefficient of a prekey is 3,328", prekey(0, 0x00, 0x0d|p.prekeys[0].public[1]&0xf0)),
		ok("prekey-high-bit", "the highest bit of the X25519 part of a prekey is set, which counts for nothing", prekey(1215, 0x80|p.prekeys[0].public[1215])),
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
		no("officer-filler", "malformed", "a name that ends in U+3164, a letter that shows as nothing", sign(replaced(body, "north/duty north a\n", "north/duty north a\u3164\n"))),
		no("officer-variation", "malformed", "a name with U+FE0F, a mark that shows as nothing", sign(replaced(body, "north/duty north a\n", "north/duty north\ufe0f a\n"))),
		no("officer-desk-unknown", "malformed", "an officer of a desk that is not on the card", sign(replaced(body, "north/duty north a\n", "north/press north a\n"))),
		no("last-resort-missing", "malformed", "there is no last resort", sign(replaced(body, "last-resort "+b64(p.lastResort.public)+"\n", ""))),
		no("prekey-short", "malformed", "a prekey has 1,215 bytes", sign(replaced(body, "prekey "+b64(p.prekeys[0].public), "prekey "+b64(p.prekeys[0].public[1:])))),
	}
	signed := string(good[:bytes.LastIndex(good, []byte("END "))])
	return append(v, badLines(signed)...)
}
