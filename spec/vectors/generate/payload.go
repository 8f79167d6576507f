package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"math/big"
	"slices"
)

// The payloads that machines sign, each with its domain and key.

var (
	receiptFields = fields{
		{1, bstr(north.log)}, {2, u(2)}, {3, bstr(leafHash(entry2))}, {4, u(noon + 2500)}, {5, u(2)},
	}
	refusalFields = fields{
		{1, bstr(north.log)}, {2, u(2)}, {3, bstr(leafHash(entry2))}, {4, u(4)}, {5, u(noon + 2500)},
	}
	closedFields = fields{
		{1, bstr(line)}, {2, tstr("north")}, {3, bstr(epochID)}, {4, u(noon + 86400000)},
	}
	checkFields = fields{
		{1, bstr(line)}, {2, tstr("north")}, {3, bstr(seed("nonce")[:8])}, {5, u(noon)}, {6, tstr("cable")}, {7, bstr(line)},
	}
	prekeysFields = fields{
		{1, bstr(line)}, {2, tstr("south")}, {3, array(bstr(south.prekeys[0].public), bstr(south.prekeys[1].public))},
		{4, bstr(south.lastResort.public)}, {5, u(noon)},
	}

	reportFields  = fields{{1, bstr(north.log)}, {2, u(2)}}
	unknownFields = fields{{1, array(bstr(epochID))}}
)

const (
	openingDomain = "parley/v1/opening"
	prekeysDomain = "parley/v1/prekeys"
	checkDomain   = "parley/v1/check"
	refusalDomain = "parley/v1/refusal"
	closedDomain  = "parley/v1/closed"
	receiptDomain = "parley/v1/receipt"
)

// signedVectors are the cases that everything in a COSE_Sign1 has.
func signedVectors(k key, domain string, f fields) []vector {
	with := input{"key", k.public}
	payload := f.encode()
	good := sign1(k, domain, payload)
	sig := ed25519.Sign(k.private, toBeSigned1(domain, k.id, payload))
	changedSig, changedPayload := slices.Clone(sig), slices.Clone(payload)
	changedSig[0] ^= 1
	changedPayload[len(changedPayload)-1] ^= 1
	other := newKey(k.role, "somebody else")
	noPoint := append([]byte{2}, make([]byte, 31)...)
	beyond := append([]byte{0xf0}, append(bytes.Repeat([]byte{0xff}, 30), 0x7f)...)
	otherRole := newKey("hop", k.role+" key as another role")

	v := []vector{
		ok("good", "as it is sent", good, with),

		no("other-key", "bad signature", "another key signed it", sign1(other, domain, payload), with),
		no("key-no-point", "bad signature", "y = 2, which is no point of the curve (ROSTER §4)", assemble1(keyID(k.role, noPoint), payload, sig), input{"key", noPoint}),
		no("key-beyond", "bad signature", "y = 2^255 − 16, which stands for 3 (ROSTER §4)", assemble1(keyID(k.role, beyond), payload, sig), input{"key", beyond}),
		no("other-role", "bad signature", "the key id is that of the same key in another role", assemble1(keyID("hop", k.public), payload, sig), with),
		no("other-key-id", "bad signature", "the key id is another key's", assemble1(otherRole.id, payload, sig), with),
		no("other-domain", "bad signature", "it was signed for another purpose", sign1(k, "parley/v1/other", payload), with),
		no("domain-empty", "bad signature", "it was signed without a domain", sign1(k, "", payload), with),
		no("signed-as-cose-sign", "bad signature", "the signature is one of COSE_Sign", assemble1(k.id, payload, ed25519.Sign(k.private, toBeSigned(domain, k.id, payload))), with),
		no("payload-changed", "bad signature", "a bit of the payload was changed", assemble1(k.id, changedPayload, sig), with),
		no("signature-changed", "bad signature", "a bit of the signature was changed", assemble1(k.id, payload, changedSig), with),
		no("signature-cofactor", "bad signature", "R has the point of order 2 added: it verifies only with the cofactor (MESSAGE §4)", assemble1(k.id, payload, mirrored(k.private, toBeSigned1(domain, k.id, payload))), with),
		no("signature-large-s", "bad signature", "S is larger than the order of the group (RFC 8032 §5.1.7)", assemble1(k.id, payload, largeS(sig)), with),
		no("signature-zeros", "bad signature", "the signature is zeros", assemble1(k.id, payload, make([]byte, 64)), with),

		no("signature-short", "malformed", "the signature has 63 bytes", assemble1(k.id, payload, sig[1:]), with),
		no("key-id-short", "malformed", "the key id has 7 bytes", assemble1(k.id[1:], payload, sig), with),
		no("protected-empty", "malformed", "the protected header is empty", array(bstr(nil), emptyMap, bstr(payload), bstr(sig)), with),
		no("protected-map", "malformed", "the protected header is not in a byte string", array(protected(k.id), emptyMap, bstr(payload), bstr(sig)), with),
		no("algorithm-es256", "malformed", "the algorithm is ES256", array(bstr(join([]byte{0xa2, 0x01, 0x26, 0x04}, bstr(k.id))), emptyMap, bstr(payload), bstr(sig)), with),
		no("algorithm-ed25519", "malformed", "the algorithm is -19, fully specified, and not -8", array(bstr(join([]byte{0xa2, 0x01, 0x32, 0x04}, bstr(k.id))), emptyMap, bstr(payload), bstr(sig)), with),
		no("header-more", "malformed", "the protected header has a content type", array(bstr(join([]byte{0xa3, 0x01, 0x27, 0x03, 0x00, 0x04}, bstr(k.id))), emptyMap, bstr(payload), bstr(sig)), with),
		no("unprotected", "malformed", "the unprotected header holds the key id again", array(bstr(protected(k.id)), join([]byte{0xa1, 0x04}, bstr(k.id)), bstr(payload), bstr(sig)), with),
		no("detached", "malformed", "the payload is left out", array(bstr(protected(k.id)), emptyMap, null, bstr(sig)), with),
		no("protected-null", "malformed", "the protected header is null", array(null, emptyMap, bstr(payload), bstr(sig)), with),
		no("unprotected-null", "malformed", "the unprotected header is null", array(bstr(protected(k.id)), null, bstr(payload), bstr(sig)), with),
		no("cose-tag", "malformed", "the tag of COSE_Sign1 (18) stands before it", append([]byte{0xd2}, good...), with),
	}
	for _, b := range badArrays(bstr(protected(k.id)), emptyMap, bstr(payload), bstr(sig)) {
		v = append(v, no("cose-"+b.name, "malformed", b.why, b.bytes, with))
	}
	// What is signed must still be in form: these are signed as they stand.
	for _, b := range badMaps(f) {
		v = append(v, no("payload-"+b.name, "malformed", b.why, sign1(k, domain, b.bytes), with))
	}
	return v
}

func keyID(role string, public []byte) []byte {
	h := sha256.Sum256(join([]byte("parley/v1/key\x00"), []byte(role), []byte{0}, public))
	return h[:8]
}

// largeS adds the order of the group to S: the same point, written otherwise.
func largeS(sig []byte) []byte {
	return join(sig[:32], toBytes(new(big.Int).Add(fromBytes(sig[32:]), groupOrder())))
}

// more adds to the common cases those of one payload.
func more(k key, domain string, f fields, own ...own) []vector {
	v := signedVectors(k, domain, f)
	for _, o := range own {
		v = append(v, no(o.name, o.expect, o.why, sign1(k, domain, o.fields.encode()), input{"key", k.public}))
	}
	return v
}

type own struct {
	name, expect, why string
	fields            fields
}

func receiptVectors() []vector {
	f := receiptFields
	return more(south.receipt, receiptDomain, f,
		own{"ahead-of-a-gap", "accept", "entry 2 is held before entry 1", f.with(5, u(0))},
		own{"number-0", "malformed", "numbers begin at 1", f.with(2, u(0))},
		own{"log-long", "malformed", "the log has 17 bytes", f.with(1, bstr(make([]byte, 17)))},
		own{"leaf-short", "malformed", "the leaf has 31 bytes", f.with(3, bstr(make([]byte, 31)))},
		own{"time-negative", "malformed", "a time before 1970", f.with(4, []byte{0x20})},
	)
}

func refusalVectors() []vector {
	f := refusalFields
	v := more(south.station, refusalDomain, f,
		own{"number-0", "malformed", "numbers begin at 1", f.with(2, u(0))},
		own{"reason-0", "malformed", "reason 0 does not exist", f.with(4, u(0))},
		own{"leaf-long", "malformed", "the leaf has 33 bytes", f.with(3, bstr(make([]byte, 33)))},
	)
	for _, r := range []uint64{1, 14} {
		v = append(v, ok("reason-"+string(rune('a'+r-1)), "this reason is known", sign1(south.station, refusalDomain, f.with(4, u(r)).encode()), input{"key", south.station.public}))
	}
	return v
}

func closedVectors() []vector {
	f := closedFields
	return more(north.station, closedDomain, f,
		own{"from-upper-case", "malformed", "a party is written in lower case", f.with(2, tstr("North"))},
		own{"from-desk", "malformed", "a desk is not a party", f.with(2, tstr("north/duty"))},
		own{"epoch-short", "malformed", "the epoch has 7 bytes", f.with(3, bstr(epochID[1:]))},
	)
}

func checkVectors() []vector {
	f := checkFields
	return more(north.station, checkDomain, f,
		own{"answer", "accept", "it answers a check of the other side", f.with(4, bstr(seed("their nonce")[:8]))},
		own{"answer-short", "malformed", "the nonce answered has 7 bytes", f.with(4, bstr(make([]byte, 7)))},
		own{"nonce-long", "malformed", "the nonce has 9 bytes", f.with(3, bstr(make([]byte, 9)))},
		own{"channel-empty", "malformed", "the channel has no name", f.with(6, tstr(""))},
		own{"from-empty", "malformed", "the party has no name", f.with(2, tstr(""))},
	)
}

func prekeysVectors() []vector {
	f := prekeysFields
	many := slices.Repeat([][]byte{bstr(south.prekeys[0].public)}, 17)
	return more(south.station, prekeysDomain, f,
		own{"none-left", "accept", "only the last resort is left", f.with(3, array())},
		own{"list-null", "malformed", "null is not an empty list", f.with(3, null)},
		own{"seventeen", "limit", "17 prekeys", f.with(3, array(many...))},
		own{"prekey-short", "malformed", "a prekey has 1,215 bytes", f.with(3, array(bstr(make([]byte, 1215))))},
		own{"last-resort-long", "malformed", "the last resort has 1,217 bytes", f.with(4, bstr(make([]byte, 1217)))},
	)
}

func reportVectors() []vector {
	f := reportFields
	ranges := func(n uint64) []byte {
		var r [][]byte
		for i := range n {
			r = append(r, array(u(10*i+4), u(10*i+5)))
		}
		return array(r...)
	}
	v := []vector{
		ok("contiguous", "everything up to 2 is held, nothing beyond", f.encode()),
		ok("nothing", "nothing is held", f.with(2, u(0)).encode()),
		ok("ahead", "1 and 2 are held, then 4 to 5 and 9", f.with(3, array(array(u(4), u(5)), array(u(9), u(9)))).encode()),
		ok("ahead-64", "the most ranges", f.with(3, ranges(64)).encode()),
		ok("counts", "one refusal and the cosignature of size 2 are held", f.with(4, u(1)).with(5, u(2)).encode()),
		ok("wait", "entries that are no Flash wait for 30 seconds", f.with(6, u(30)).encode()),
		ok("wait-3600", "the longest wait", f.with(6, u(3600)).encode()),

		no("ahead-65", "limit", "a range too many", f.with(3, ranges(65)).encode()),
		no("ahead-empty", "malformed", "an empty list is left out", f.with(3, array()).encode()),
		no("ahead-null", "malformed", "null is not an absent list", f.with(3, null).encode()),
		no("refusals-null", "malformed", "null is not an absent count", f.with(4, null).encode()),
		no("ahead-not-ahead", "malformed", "the range is within what is contiguous", f.with(3, array(array(u(2), u(5)))).encode()),
		no("ahead-touches", "malformed", "the range continues what is contiguous", f.with(3, array(array(u(3), u(5)))).encode()),
		no("ahead-backwards", "malformed", "the range ends before it begins", f.with(3, array(array(u(6), u(5)))).encode()),
		no("ahead-overlap", "malformed", "the ranges overlap", f.with(3, array(array(u(4), u(6)), array(u(6), u(8)))).encode()),
		no("ahead-adjacent", "malformed", "two ranges that are one", f.with(3, array(array(u(4), u(6)), array(u(7), u(8)))).encode()),
		no("ahead-unsorted", "malformed", "the ranges are not sorted", f.with(3, array(array(u(8), u(9)), array(u(4), u(5)))).encode()),
		no("ahead-one-number", "malformed", "a range is two numbers", f.with(3, array(array(u(4)))).encode()),
		no("refusals-0", "malformed", "a count of zero is left out", f.with(4, u(0)).encode()),
		no("cosigned-0", "malformed", "a size of zero is left out", f.with(5, u(0)).encode()),
		no("wait-0", "malformed", "a wait of nothing is left out", f.with(6, u(0)).encode()),
		no("wait-null", "malformed", "null is not an absent wait", f.with(6, null).encode()),
		no("wait-3601", "limit", "the wait is longer than an hour", f.with(6, u(3601)).encode()),
		no("wait-text", "malformed", "the wait is a text", f.with(6, tstr("30")).encode()),
		no("log-short", "malformed", "the log has 15 bytes", f.with(1, bstr(north.log[1:])).encode()),
	}
	for _, b := range badMaps(f) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes))
	}
	return v
}

func unknownVectors() []vector {
	f := unknownFields
	epochs := func(n byte) []byte {
		var e [][]byte
		for i := range n {
			e = append(e, bstr(bytes.Repeat([]byte{i}, 8)))
		}
		return array(e...)
	}
	v := []vector{
		ok("one", "one epoch is not known", f.encode()),
		ok("sixteen", "the most epochs", f.with(1, epochs(16)).encode()),

		no("seventeen", "limit", "an epoch too many", f.with(1, epochs(17)).encode()),
		no("none", "malformed", "no epoch", f.with(1, array()).encode()),
		no("list-null", "malformed", "null is not a list", f.with(1, null).encode()),
		no("epoch-short", "malformed", "the epoch has 7 bytes", f.with(1, array(bstr(epochID[1:]))).encode()),
		no("key-more", "malformed", "key 2 does not exist", f.with(2, u(0)).encode()),
	}
	for _, b := range badItems(f.encode()) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes))
	}
	return append(v,
		no("cbor-indefinite", "malformed", "the map has no definite length", join([]byte{0xbf}, f.encode()[1:], []byte{0xff})),
		no("cbor-list-indefinite", "malformed", "the list has no definite length", join([]byte{0xa1, 0x01, 0x9f}, bstr(epochID), []byte{0xff})),
		no("cbor-empty", "malformed", "the map is empty", []byte{0xa0}),
	)
}
