package main

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"math/bits"
)

// The epoch of the vectors: north to south, to south's first prekey.
var (
	epochID = seed("epoch")[:8]

	enc, shared = south.prekeys[0].encapsulate("epoch")

	openingFields = fields{
		{1, bstr(line)}, {2, bstr(line)}, {3, tstr("north")}, {4, tstr("south")},
		{5, bstr(south.prekeys[0].hash())}, {6, bstr(enc)}, {7, bstr(epochID)},
	}
	opening   = sign1(north.station, openingDomain, openingFields.encode())
	info      = join([]byte("parley/v1/epoch\x00"), openingFields.without(6).encode())
	direction = export(shared, info, "parley/v1/direction")
	tag       = tagOf(line, "north")
	salt      = seed("salt")[:16]

	bundle = array(array(u(1), bstr(entry1)), array(u(3), bstr(checkpoint1)))
)

func tagOf(line []byte, party string) []byte {
	h := sha256.Sum256(join([]byte("parley/v1/tag\x00"), line, []byte(party)))
	return h[:8]
}

const (
	wide   = 1
	narrow = 2
)

// frameKey is the key of one frame.
func frameKey(direction, salt []byte, form byte) []byte {
	return must(hkdf.Key(sha256.New, direction, salt, "parley/v1/seal\x00"+string([]byte{form}), 32))
}

// frame is the parts of a frame.
type frame struct {
	version                 uint64
	tag, opening            []byte
	form                    uint64
	epoch, salt, ciphertext []byte
}

func (f frame) items() [][]byte {
	return [][]byte{u(f.version), bstr(f.tag), bstr(f.opening), u(f.form), bstr(f.epoch), bstr(f.salt), bstr(f.ciphertext)}
}

func (f frame) encode() []byte { return array(f.items()...) }

// sealed is the frame around a plaintext, which is padded already if it must be.
func sealed(form byte, opening, plain []byte) frame {
	f := frame{1, tag, opening, uint64(form), epochID, salt, nil}
	aad := array(u(1), bstr(f.tag), u(f.form), bstr(f.epoch), bstr(f.salt))
	f.ciphertext = chachaSeal(frameKey(direction, salt, form), aad, plain)
	return f
}

// pad is PADMÉ with a floor of 1,024 bytes.
func pad(b []byte) []byte {
	n := len(b) + 1
	size := padme(n)
	return append(append(bytes.Clone(b), 0x80), make([]byte, size-n)...)
}

func padme(n int) int {
	if n <= 1024 {
		return 1024
	}
	e := bits.Len(uint(n)) - 1
	s := bits.Len(uint(e))
	mask := 1<<(e-s) - 1
	return (n + mask) &^ mask
}

func padVectors() []vector {
	ones := func(n int) []byte { return bytes.Repeat([]byte{0xff}, n) }
	v := []vector{
		ok("empty", "nothing, padded", pad(nil), input{"plain", nil}),
		ok("short", "600 bytes, to the floor", pad(ones(600)), input{"plain", ones(600)}),
		ok("floor", "1,023 bytes fill the floor", pad(ones(1023)), input{"plain", ones(1023)}),
		ok("above-the-floor", "1,024 bytes need more than the floor", pad(ones(1024)), input{"plain", ones(1024)}),
		ok("long", "20,000 bytes", pad(ones(20000)), input{"plain", ones(20000)}),
		ok("ends-like-padding", "the text itself ends in 80 00", pad([]byte{1, 0x80, 0}), input{"plain", []byte{1, 0x80, 0}}),

		no("nothing", "malformed", "there are no bytes", nil),
		no("zeros", "malformed", "there is no 80", make([]byte, 1024)),
		no("no-marker", "malformed", "the last byte that is not zero is not 80", join(ones(600), make([]byte, 424))),
		no("noise-behind", "malformed", "something stands in the padding", join(ones(600), []byte{0x80}, make([]byte, 422), []byte{1})),
		no("below-the-floor", "malformed", "1,023 bytes in all", pad(ones(600))[:1023]),
		no("one-more", "malformed", "1,025 bytes in all, which is no length of PADMÉ for this text", append(pad(ones(600)), 0)),
		no("too-long", "malformed", "padded to 2,048, which is not the shortest", join(ones(600), []byte{0x80}, make([]byte, 2048-601))),
		no("no-length-of-padme", "malformed", "20,000 bytes, a length that PADMÉ does not make", join(ones(19999), []byte{0x80})),
		no("not-padded", "malformed", "600 bytes and the marker", join(ones(600), []byte{0x80})),
	}
	return v
}

func bundleVectors() []vector {
	part := func(t uint64, b []byte) []byte { return array(u(t), bstr(b)) }
	parts := func(n int) []byte {
		var p [][]byte
		for range n {
			p = append(p, part(7, reportFields.encode()))
		}
		return array(p...)
	}
	one := part(1, entry1)
	v := []vector{
		ok("entry", "an entry", array(one)),
		ok("entry-and-checkpoint", "an entry and the checkpoint over it", bundle),
		ok("unknown-type", "a part of a later version is skipped", array(part(200, []byte("later")), one)),
		ok("most-parts", "512 parts", parts(512)),

		no("too-many-parts", "limit", "513 parts", parts(513)),
		no("empty", "malformed", "no part", array()),
		no("type-0", "malformed", "type 0 will never be", array(part(0, entry1))),
		no("type-text", "malformed", "the type is text", array(array(tstr("entry"), bstr(entry1)))),
		no("part-text", "malformed", "the part is text", array(array(u(1), tstr("entry")))),
		no("part-null", "malformed", "null is not a byte string", array(array(u(1), null))),
		no("part-one-item", "malformed", "a part without bytes", array(array(u(1)))),
		no("part-three-items", "malformed", "a part with something more", array(array(u(1), bstr(entry1), u(0)))),
		no("part-map", "malformed", "a part that is a map", array(fields{{1, bstr(entry1)}}.encode())),
		no("part-indefinite", "malformed", "a part of no definite length", array(join([]byte{0x9f}, u(1), bstr(entry1), []byte{0xff}))),
		no("type-long", "malformed", "the type is not in its shortest form", array(join([]byte{0x82, 0x18, 0x01}, bstr(entry1)))),
	}
	for _, b := range badItems(array(one)) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes))
	}
	return append(v,
		no("cbor-indefinite", "malformed", "the list has no definite length", join([]byte{0x9f}, one, []byte{0xff})),
		no("cbor-long-head", "malformed", "the number of parts is not in its shortest form", join([]byte{0x98, 1}, one)),
	)
}

// openingVectors are judged with the terms of the line, north to south, and
// the private prekeys of south's card.
func openingVectors() []vector {
	f := openingFields
	with := []input{{"key", north.station.public}, {"prekey 1", south.prekeys[0].seed}}
	sign := func(f fields) []byte { return sign1(north.station, openingDomain, f.encode()) }
	v := []vector{
		ok("good", "north to south, to south's first prekey", opening, append(with, input{"info", info}, input{"direction secret", direction})...),
		no("prekey-unknown", "prekey", "the prekey is not one of ours", sign(f.with(5, bstr(make([]byte, 32)))), with...),
		no("line-other", "opening", "another line", sign(f.with(1, bstr(make([]byte, 32)))), with...),
		no("roster-other", "opening", "another roster", sign(f.with(2, bstr(make([]byte, 32)))), with...),
		no("from-other", "opening", "from another party", sign(f.with(3, tstr("west"))), with...),
		no("to-other", "opening", "to another party, who could pass it on to us", sign(f.with(4, tstr("west"))), with...),
		no("backwards", "opening", "from south to north", sign(f.with(3, tstr("south")).with(4, tstr("north"))), with...),
		no("enc-short", "opening", "the encapsulation has 1,119 bytes", sign(f.with(6, bstr(enc[1:]))), with...),
		no("enc-small-order", "opening", "the X25519 share is a point of small order", sign(f.with(6, bstr(join(enc[:1088], zeros)))), with...),
		no("epoch-long", "opening", "the epoch id has 9 bytes", sign(f.with(7, bstr(make([]byte, 9)))), with...),
	}
	for _, c := range signedVectors(north.station, openingDomain, f) {
		if c.expect != "accept" {
			v = append(v, no(c.name, "opening", c.why, c.inputs[0].bytes, with...))
		}
	}
	return v
}

// frameVectors are opened by south, who holds its prekeys and has accepted the opening.
func frameVectors() []vector {
	with := []input{{"opening", opening}, {"prekey 1", south.prekeys[0].seed}, {"key", north.station.public}}
	holding := append(with, input{"bundle", bundle})
	w, n := sealed(wide, nil, pad(bundle)), sealed(narrow, nil, bundle)
	change := func(f frame, do func(*frame)) []byte {
		f.tag, f.epoch, f.salt, f.ciphertext = bytes.Clone(f.tag), bytes.Clone(f.epoch), bytes.Clone(f.salt), bytes.Clone(f.ciphertext)
		do(&f)
		return f.encode()
	}
	raw := func(form byte, plain []byte) []byte { return sealed(form, nil, plain).encode() }

	v := []vector{
		ok("wide", "the wide form: padded", w.encode(), holding...),
		ok("narrow", "the narrow form: not padded", n.encode(), holding...),
		ok("with-opening", "the opening goes with it until the epoch is known to be open", sealed(wide, opening, pad(bundle)).encode(), holding...),

		no("tag-changed", "cannot open", "a bit of the tag was changed", change(w, func(f *frame) { f.tag[7] ^= 1 }), with...),
		no("tag-other-direction", "cannot open", "the tag is south's", change(w, func(f *frame) { f.tag = tagOf(line, "south") }), with...),
		no("tag-other-line", "cannot open", "the tag is of another line", change(w, func(f *frame) { f.tag = tagOf(zeros, "north") }), with...),
		no("form-changed", "cannot open", "a wide frame that says it is narrow", change(w, func(f *frame) { f.form = narrow }), with...),
		no("form-changed-back", "cannot open", "a narrow frame that says it is wide", change(n, func(f *frame) { f.form = wide }), with...),
		no("epoch-changed", "cannot open", "a bit of the epoch was changed", change(w, func(f *frame) { f.epoch[0] ^= 1 }), with...),
		no("salt-changed", "cannot open", "a bit of the salt was changed", change(w, func(f *frame) { f.salt[15] ^= 1 }), with...),
		no("first-byte-changed", "cannot open", "a bit of the first byte was changed", change(w, func(f *frame) { f.ciphertext[0] ^= 1 }), with...),
		no("last-byte-changed", "cannot open", "a bit of the authentication tag was changed", change(w, func(f *frame) { f.ciphertext[len(f.ciphertext)-1] ^= 0x80 }), with...),
		no("ciphertext-cut", "cannot open", "the last byte of the ciphertext is missing", change(w, func(f *frame) { f.ciphertext = f.ciphertext[:len(f.ciphertext)-1] }), with...),
		no("key-of-other-form", "cannot open", "sealed with the key of the narrow form", func() []byte {
			f := w
			aad := array(u(1), bstr(tag), u(wide), bstr(epochID), bstr(salt))
			f.ciphertext = chachaSeal(frameKey(direction, salt, narrow), aad, pad(bundle))
			return f.encode()
		}(), with...),
		no("no-associated-data", "cannot open", "the header was not authenticated", func() []byte {
			f := w
			f.ciphertext = chachaSeal(frameKey(direction, salt, wide), nil, pad(bundle))
			return f.encode()
		}(), with...),
		no("not-padded", "cannot open", "the wide form without padding", raw(wide, bundle), with...),
		no("padded-more", "cannot open", "padded to more than the shortest length", raw(wide, append(pad(bundle), make([]byte, 64)...)), with...),
		no("padding-noise", "cannot open", "something stands in the padding", func() []byte {
			p := pad(bundle)
			p[len(p)-1] = 1
			return raw(wide, p)
		}(), with...),

		no("version-2", "version", "version 2 is not known", change(w, func(f *frame) { f.version = 2 }), with...),
		no("form-0", "malformed", "form 0 does not exist", change(w, func(f *frame) { f.form = 0 }), with...),
		no("form-3", "malformed", "form 3 does not exist", change(w, func(f *frame) { f.form = 3 }), with...),
		no("tag-short", "malformed", "the tag has 7 bytes", change(w, func(f *frame) { f.tag = f.tag[1:] }), with...),
		no("epoch-long", "malformed", "the epoch has 9 bytes", change(w, func(f *frame) { f.epoch = append(f.epoch, 0) }), with...),
		no("salt-short", "malformed", "the salt has 15 bytes", change(w, func(f *frame) { f.salt = f.salt[1:] }), with...),
		no("ciphertext-too-short", "malformed", "15 bytes cannot hold an authentication tag", change(w, func(f *frame) { f.ciphertext = f.ciphertext[:15] }), with...),
		no("ciphertext-empty", "malformed", "it carries nothing", change(w, func(f *frame) { f.ciphertext = nil }), with...),
		no("ciphertext-null", "malformed", "null is not a byte string", array(append(w.items()[:6], null)...), with...),
		no("opening-null", "malformed", "null is not an empty byte string", array(append(append(w.items()[:2], null), w.items()[3:]...)...), with...),
		no("too-long", "limit", "65,537 bytes in all", change(w, func(f *frame) {
			f.ciphertext = nil
			f.ciphertext = make([]byte, 65537-len(f.encode())-2)
		}), with...),
	}
	for _, b := range badArrays(w.items()...) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes, with...))
	}
	return v
}
