package main

import (
	"bytes"
)

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
		ok("later-array-512", "an array of 512 items behind the header, as many as may be", later.with(7, items(512)).encode()),
		ok("later-map-23", "a map of 23 pairs behind the header, as many as may be", later.with(7, pairs(23)).encode()),
		ok("later-nested-8", "8 levels, the entry among them, as many as may be", later.with(7, nested(7)).encode()),
		no("later-array-513", "limit", "an array of 513 items behind the header", later.with(7, items(513)).encode()),
		no("later-map-24", "limit", "a map of 24 pairs behind the header", later.with(7, pairs(24)).encode()),
		no("later-nested-9", "limit", "9 levels, the entry among them", later.with(7, nested(8)).encode()),

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

// items is an array of n zeros.
func items(n int) []byte {
	zero := make([][]byte, n)
	for i := range zero {
		zero[i] = u(0)
	}
	return array(zero...)
}

// pairs is a map of n keys, 0 and up.
func pairs(n int) []byte {
	var m fields
	for i := range uint64(n) {
		m = append(m, field{i, u(0)})
	}
	return m.encode()
}

// nested is a zero in n arrays of one item.
func nested(n int) []byte {
	b := u(0)
	for range n {
		b = array(b)
	}
	return b
}
