package main

import (
	"bytes"
	"encoding/binary"
)

// The few items of RFC 8949 that the formats use, in their shortest form. What
// is joined is joined as given: keys are sorted, or on purpose not, by whoever
// writes them down.

func head(major byte, n uint64) []byte {
	m := major << 5
	switch {
	case n < 24:
		return []byte{m | byte(n)}
	case n < 1<<8:
		return []byte{m | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{m | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{m | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{m | 27}, n)
}

func join(items ...[]byte) []byte { return bytes.Join(items, nil) }

func u(n uint64) []byte        { return head(0, n) }
func bstr(b []byte) []byte     { return append(head(2, uint64(len(b))), b...) }
func tstr(s string) []byte     { return append(head(3, uint64(len(s))), s...) }
func array(i ...[]byte) []byte { return append(head(4, uint64(len(i))), join(i...)...) }

// null is in no format: what is absent is left out.
var null = []byte{0xf6}

// field is one key of a map and its value.
type field struct {
	key   uint64
	value []byte
}

type fields []field

// encode writes the map.
func (f fields) encode() []byte {
	b := head(5, uint64(len(f)))
	for _, p := range f {
		b = append(append(b, u(p.key)...), p.value...)
	}
	return b
}

// with returns the fields with one value put in place of the old, or added at
// its place in the order.
func (f fields) with(key uint64, value []byte) fields {
	out := make(fields, 0, len(f)+1)
	put := false
	for _, p := range f {
		if !put && p.key >= key {
			out, put = append(out, field{key, value}), true
		}
		if p.key != key {
			out = append(out, p)
		}
	}
	if !put {
		out = append(out, field{key, value})
	}
	return out
}

// without returns the fields without one.
func (f fields) without(key uint64) fields {
	out := make(fields, 0, len(f))
	for _, p := range f {
		if p.key != key {
			out = append(out, p)
		}
	}
	return out
}

// bad is a way of writing a value down that no reader may accept.
type bad struct {
	name, why string
	bytes     []byte
}

// badItems are the errors that every item can have.
func badItems(good []byte) []bad {
	return []bad{
		{"nothing", "there are no bytes", nil},
		{"cut-off", "the last byte is missing", good[:len(good)-1]},
		{"byte-behind", "a byte stands behind the value", append(bytes.Clone(good), 0)},
		{"twice", "the value stands twice", append(bytes.Clone(good), good...)},
		{"tagged", "a tag stands before the value (55799, self-described CBOR)", append([]byte{0xd9, 0xd9, 0xf7}, good...)},
		{"text-instead", "it is a text string", tstr("entry")},
		{"null", "it is null", null},
	}
}

// badMaps are the errors that every map can have.
func badMaps(f fields) []bad {
	good := f.encode()
	swapped := append(fields(nil), f...)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	n := uint64(len(f))
	return append(badItems(good),
		bad{"indefinite", "the map has no definite length", append(append([]byte{0xbf}, join(good[1:])...), 0xff)},
		bad{"long-head", "the number of pairs is not in its shortest form", append([]byte{5<<5 | 24, byte(n)}, good[1:]...)},
		bad{"long-key", "the first key is not in its shortest form", append([]byte{good[0], 0x18, byte(f[0].key)}, good[2:]...)},
		bad{"unsorted", "the first two keys are in the wrong order", swapped.encode()},
		bad{"key-twice", "the first key stands twice", append(fields{f[0]}, f...).encode()},
		bad{"unknown-key", "key 23 is not of this format", f.with(23, u(0)).encode()},
		bad{"text-key", "a key is a text string", join([]byte{good[0] + 1}, good[1:], tstr("n"), u(1))},
		bad{"first-missing", "the first key is missing", f[1:].encode()},
		bad{"null-value", "the first value is null", f.with(f[0].key, null).encode()},
		bad{"array-instead", "it is an array of the values", func() []byte {
			var v [][]byte
			for _, p := range f {
				v = append(v, p.value)
			}
			return array(v...)
		}()},
	)
}

// badArrays are the errors that every array can have; items are its items.
func badArrays(items ...[]byte) []bad {
	good := array(items...)
	n := uint64(len(items))
	return append(badItems(good),
		bad{"indefinite", "the array has no definite length", join([]byte{0x9f}, join(items...), []byte{0xff})},
		bad{"long-head", "the number of items is not in its shortest form", append([]byte{4<<5 | 24, byte(n)}, join(items...)...)},
		bad{"one-more", "there is an item too many", array(append(append([][]byte(nil), items...), u(0))...)},
		bad{"one-less", "the last item is missing", array(items[:n-1]...)},
	)
}
