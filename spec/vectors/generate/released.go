package main

import (
	"bytes"
	"crypto/ed25519"
)

// releasedVectors are judged by south, as what north released to it.
func releasedVectors() []vector {
	a, b, c := north.officer('a'), north.officer('b'), north.officer('c')
	t := text("one", "All quiet.")
	one := t.encode()
	flash := t.with(5, u(1)).encode()
	good := approve(a, one)
	changed := bytes.Clone(good.sig)
	changed[0] ^= 1

	v := []vector{
		ok("immediate", "one officer, as the terms ask for Immediate", sign(one, a)),
		ok("flash", "two officers, as the terms ask for Flash", sign(flash, a, b)),
		ok("chief", "from north/chief, by an officer of that desk", sign(t.with(3, tstr("north/chief")).encode(), c)),
		ok("text-not-allowed-elsewhere", "right-to-left marks are text", sign(t.with(11, tstr("\u200fسلام")).encode(), a)),

		no("flash-one", "quorum", "one officer where two must sign", sign(flash, a)),
		no("flash-three", "quorum", "three officers where two must sign: exactly the quorum", sign(flash, a, b, c)),
		no("immediate-two", "quorum", "two officers where one must sign", sign(one, a, b)),

		no("officer-unknown", "officer", "somebody whom the roster does not know", sign(one, newKey("officer", "somebody"))),
		no("officer-of-south", "officer", "an officer of the addressee", sign(one, south.officer('a'))),
		no("station-key", "officer", "the station key signs no content", sign(one, north.station)),
		no("officer-as-station", "officer", "an officer's key under the key id of another role", assemble(one, signature{keyID("station", a.public), good.sig})),

		no("signature-changed", "bad signature", "a bit of the signature was changed", assemble(one, signature{a.id, changed})),
		no("content-changed", "bad signature", "signed for another text", assemble(t.with(11, tstr("All quiet?")).encode(), good)),
		no("signature-of-another", "bad signature", "another officer's signature", assemble(one, signature{a.id, approve(b, one).sig})),
		no("cofactor", "bad signature", "R has the point of order 2 added: it verifies only with the cofactor (MESSAGE §4)", assemble(one, signature{a.id, mirrored(a.private, toBeSigned("parley/v1/content", a.id, one))})),
		no("large-s", "bad signature", "S is larger than the order of the group", assemble(one, signature{a.id, largeS(good.sig)})),
		no("other-domain", "bad signature", "signed for another purpose", assemble(one, signature{a.id, ed25519.Sign(a.private, toBeSigned("parley/v1/other", a.id, one))})),
		no("signed-as-cose-sign1", "bad signature", "the signature is one of COSE_Sign1", assemble(one, signature{a.id, ed25519.Sign(a.private, toBeSigned1("parley/v1/content", a.id, one))})),
		no("second-signature-bad", "bad signature", "of two, one is bad", func() []byte {
			x, y := approve(a, flash), approve(b, flash)
			if bytes.Compare(x.id, y.id) > 0 {
				x, y = y, x
			}
			y.sig = bytes.Clone(y.sig)
			y.sig[63] ^= 1
			return assemble(flash, x, y)
		}()),

		no("desk-of-another-officer", "desk", "the officer may not release for north/chief", sign(t.with(3, tstr("north/chief")).encode(), a)),
		no("desk-of-south", "desk", "from a desk of the addressee", sign(t.with(3, tstr("south/duty")).with(4, array(tstr("north/duty"))).encode(), a)),
		no("desk-unknown", "desk", "from a desk that the roster does not know", sign(t.with(3, tstr("north/press")).encode(), a)),

		no("addressee-own", "addressee", "to a desk of the sender only, sealed again to another", sign(t.with(4, array(tstr("north/chief"))).encode(), a)),
		no("addressee-unknown", "addressee", "to a desk that the roster does not know", sign(t.with(4, array(tstr("south/press"))).encode(), a)),
		no("addressee-third", "addressee", "to a party that is not of this line", sign(t.with(4, array(tstr("west/duty"))).encode(), a)),

		no("line-other", "line", "of another line", sign(t.with(1, bstr(zeros)).encode(), a)),
		no("text-override", "text", "signed text that holds U+202E", sign(t.with(11, tstr("P-12\u202e")).encode(), a)),
		no("content-malformed", "malformed", "what is signed is not content", sign([]byte("content"), a)),
		no("content-unknown-kind", "malformed", "kind 4 does not exist in this version", sign(t.with(7, u(4)).encode(), a)),

		no("signers-none", "malformed", "nobody signed", assemble(one)),
		no("signers-twice", "malformed", "one officer stands twice", assemble(flash, approve(a, flash), approve(a, flash))),
		no("signers-unsorted", "malformed", "the signers are not sorted by key id", func() []byte {
			x, y := approve(a, flash), approve(b, flash)
			if bytes.Compare(x.id, y.id) < 0 {
				x, y = y, x
			}
			return assemble(flash, x, y)
		}()),
		no("body-protected", "malformed", "the body's protected header is not empty", array(bstr(join([]byte{0xa1, 0x01, 0x27})), emptyMap, bstr(one), array(good.encode()))),
		no("unprotected", "malformed", "a signer's unprotected header is not empty", array(bstr(nil), emptyMap, bstr(one), array(array(bstr(protected(a.id)), join([]byte{0xa1, 0x04}, bstr(a.id)), bstr(good.sig))))),
		no("cose-tag", "malformed", "the tag of COSE_Sign (98) stands before it", append([]byte{0xd8, 98}, sign(one, a)...)),
	}
	for _, bad := range badArrays(bstr(nil), emptyMap, bstr(one), array(good.encode())) {
		v = append(v, no("cose-"+bad.name, "malformed", bad.why, bad.bytes))
	}
	return v
}

// narrowItems is the narrow form of entry 2 of north.
func narrowItems() [][]byte {
	sig := approve(north.officer('b'), second)
	return [][]byte{u(2), u(noon + 2000), u(1), array(array(bstr(sig.id), bstr(sig.sig))), text("two", "Survey ended 0910Z. P-21 returns.").without(1).encode()}
}

func narrowVectors() []vector {
	with := []input{{"line", line}, {"log", north.log}, {"peer log", south.log}, {"previous", leaf1}}
	items := narrowItems()
	put := func(i int, v []byte) []byte {
		out := append([][]byte(nil), items...)
		out[i] = v
		return array(out...)
	}
	sig := approve(north.officer('b'), second)
	v := []vector{
		ok("second", "entry 2, which has seen one entry of the addressee's log", array(items...), append(with, input{"entry", entry2})...),
		ok("seen-none", "nothing seen", put(2, u(0)), append(with, input{"entry", entryFields(north.log, 2, leaf1, sign(second, north.officer('b'))).encode()})...),

		no("number-0", "form", "numbers begin at 1", put(0, u(0)), with...),
		no("first", "form", "entry 1 has no previous leaf, but one was given", put(0, u(1)), with...),
		no("signers-none", "form", "nobody signed", put(3, array()), with...),
		no("signature-short", "form", "the signature has 63 bytes", put(3, array(array(bstr(sig.id), bstr(sig.sig[1:])))), with...),
		no("key-id-long", "form", "the key id has 9 bytes", put(3, array(array(bstr(append(bytes.Clone(sig.id), 0)), bstr(sig.sig)))), with...),
		no("with-line", "form", "the narrow form leaves the line out", put(4, second), with...),
		no("content-malformed", "form", "precedence 9 does not exist", put(4, text("two", "x").without(1).with(5, u(9)).encode()), with...),
		no("content-bytes", "form", "the content is in a byte string", put(4, bstr(text("two", "x").without(1).encode())), with...),
	}
	for _, b := range badArrays(items...) {
		v = append(v, no("cbor-"+b.name, "form", b.why, b.bytes, with...))
	}
	return v
}
