package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// deniableKey is the private deniable key of a party, made from its name.
func deniableKey(name string) *ecdh.PrivateKey {
	k, err := ecdh.X25519().NewPrivateKey(seed(name + " deniable"))
	check(err)
	return k
}

// withDeniable is what the card and the roster say of a side that has a
// deniable key, which stands behind the hop key.
func withDeniable(identity string, public []byte) string {
	before, rest, _ := strings.Cut(identity, "\ndesk ")
	return before + "\ndeniable " + b64(public) + "\ndesk " + rest
}

// denying is a roster of the line of the vectors with deniable traffic.
func denying(evidence string) []byte {
	return end("parley-roster v1\n" + denyingBody(evidence))
}

func denyingBody(evidence string) string {
	return withDeniable(north.identity(), deniableKey("north").PublicKey().Bytes()) +
		withDeniable(south.identity(), deniableKey("south").PublicKey().Bytes()) +
		replaced(terms, "attributable", evidence)
}

// derived is the derived roster (DENIABLE §2) of the vectors' parties, where south's
// card has this deniable key.
func derived(agreed, theirs []byte) []byte {
	public, err := ecdh.X25519().NewPublicKey(theirs)
	check(err)
	shared, err := deniableKey("north").ECDH(public)
	check(err)
	keys := map[string][]byte{"north": deniableKey("north").PublicKey().Bytes(), "south": theirs}
	prk, err := hkdf.Extract(sha256.New, shared, lineOf(agreed))
	check(err)
	k := func(use, party string, n int) []byte {
		b, err := hkdf.Expand(sha256.New, prk, "parley/v1/deniable\x00"+use+"\x00"+party, n)
		check(err)
		return b
	}
	var s strings.Builder
	s.WriteString("parley-roster v1\n")
	for _, p := range []party{north, south} {
		fmt.Fprintf(&s, "party %s\nlanguage en\nlog %s\n", p.name, hex.EncodeToString(k("log", p.name, 16)))
		for _, role := range []struct{ keyword, use string }{{"root", "root"}, {"log-key", "log key"}, {"station", "station"}, {"receipt", "receipt"}, {"hop", "hop"}} {
			fmt.Fprintf(&s, "%s %s\n", role.keyword, b64(publicOf(k(role.use, p.name, 32))))
		}
		fmt.Fprintf(&s, "deniable %s\ndesk %s/chief\ndesk %s/duty\n", b64(keys[p.name]), p.name, p.name)
		for i := range 2 { // the largest quorum of the terms
			name := fmt.Sprintf("officer %02d", i+1)
			fmt.Fprintf(&s, "officer %s %s/chief,%s/duty %s\n", b64(publicOf(k(name, p.name, 32))), p.name, p.name, name)
		}
	}
	s.WriteString(replaced(terms, "attributable", "deniable"))
	return end(s.String())
}

// deniableVectors are agreed rosters, from which north derives.
func deniableVectors() []vector {
	private := input{"private", deniableKey("north").Bytes()}
	yes := func(name, why string, agreed []byte) vector {
		return ok(name, why, agreed, private, input{"derived", derived(agreed, deniableKey("south").PublicKey().Bytes())})
	}
	bad := func(name, expect, why string, agreed []byte) vector { return no(name, expect, why, agreed, private) }
	body := "parley-roster v1\n" + denyingBody("deniable")
	text := func(old, new string) []byte { return end(replaced(body, old, new)) }
	own := "deniable " + b64(deniableKey("north").PublicKey().Bytes())
	theirs := "deniable " + b64(deniableKey("south").PublicKey().Bytes())
	u := func(first byte) string {
		return "deniable " + b64(append([]byte{first}, bytes.Repeat([]byte{0}, 31)...))
	}
	beyond := func(first byte) []byte { // 2^255 − 256 + first
		return append([]byte{first}, append(bytes.Repeat([]byte{0xff}, 30), 0x7f)...)
	}
	highBit := deniableKey("south").PublicKey().Bytes()
	highBit[31] |= 0x80
	other := func(name, why string, key []byte) vector {
		agreed := text(theirs, "deniable "+b64(key))
		return ok(name, why, agreed, private, input{"derived", derived(agreed, key)})
	}
	v := []vector{
		yes("good", "a line with non-papers", denying("attributable,non-papers")),
		yes("deniable", "a line with deniable traffic only", denying("deniable")),
		other("high-bit", "the highest bit of south's key is set, which counts for nothing (RFC 7748 §5)", highBit),
		other("beyond", "u = 2^255 − 10, which stands for 9", beyond(0xf6)),
		other("twist", "u = 2, on the twist: X25519 takes every u", append([]byte{2}, make([]byte, 31)...)),

		bad("attributable", "deniable", "both sides have deniable keys, and the terms none of it", denying("attributable")),
		bad("none", "deniable", "no side has a deniable key", end(strings.ReplaceAll(strings.ReplaceAll(body, own+"\n", ""), theirs+"\n", ""))),
		bad("one", "deniable", "one side has no deniable key", text(theirs+"\n", "")),
		bad("same", "key", "south has north's deniable key", text(theirs, own)),
		bad("zero", "key", "u = 0, a point of small order: the secret is zero", text(theirs, u(0))),
		bad("one-u", "key", "u = 1, a point of small order: the secret is zero", text(theirs, u(1))),
		bad("order-8", "key", "a point of order 8: the secret is zero", text(theirs, "deniable 4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA=")),
		bad("one-high-bit", "key", "u = 1 with the highest bit set", text(theirs, "deniable "+b64(append([]byte{1}, append(make([]byte, 30), 0x80)...)))),
		bad("zero-beyond", "key", "u = 2^255 − 19, which stands for 0", text(theirs, "deniable "+b64(beyond(0xed)))),
		bad("of-officer", "key", "south's deniable key is the key of an officer of north: a key has one role", text(theirs, "deniable "+b64(north.officers[0].key.public))),
		bad("receipt-pq", "deniable", "a receipt-pq key where all is deniable", text("receipt "+b64(south.receipt.public)+"\n", "receipt "+b64(south.receipt.public)+"\nreceipt-pq "+b64(mldsaKey("south receipt-pq"))+"\n")),
		bad("short", "malformed", "a deniable key of 31 bytes", text(theirs, "deniable "+b64(make([]byte, 31)))),
		bad("twice", "malformed", "two deniable keys on one side", text(theirs+"\n", theirs+"\n"+theirs+"\n")),
		bad("before-hop", "malformed", "the deniable key stands behind the hop key", end(replaced(replaced(body, theirs+"\n", ""), "hop "+b64(south.hop.public)+"\n", theirs+"\nhop "+b64(south.hop.public)+"\n"))),
		bad("non-papers", "malformed", "non-papers beside nothing", text("evidence deniable", "evidence non-papers")),
		bad("order", "malformed", "the modes in another order", text("evidence deniable", "evidence non-papers,attributable")),
		bad("both", "malformed", "a mode that is not known", text("evidence deniable", "evidence attributable,deniable")),
	}
	return v
}

// publicOf is the public key of a seed.
func publicOf(seed []byte) []byte {
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}
