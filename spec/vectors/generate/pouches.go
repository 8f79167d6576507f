package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// summed adds the checksum of a pouch file, whatever stands before it.
func summed(file []byte) []byte {
	sum := sha256.Sum256(file)
	return join(file, sum[:])
}

// number4 is a number in four bytes, the highest first.
func number4(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

// pouchOf is a pouch file with a body that may be wrong.
func pouchOf(body []byte) []byte {
	return summed(join([]byte("parley pouch v1\n"), number4(len(body)), body))
}

func pouchVectors() []vector {
	frame := sealed(narrow, nil, array(array(u(7), bstr(reportFields.encode())))).encode()
	one := join(number4(len(frame)), frame)
	good := pouchOf(one)
	changed := bytes.Clone(good)
	changed[30] ^= 1
	largest := bytes.Repeat([]byte{1}, 65536)
	whole := bytes.Repeat(join(number4(len(largest)), largest), 15)

	return []vector{
		ok("one-frame", "one frame", good, input{"frame 1", frame}),
		ok("two-frames", "two frames", pouchOf(join(one, one)), input{"frame 1", frame}, input{"frame 2", frame}),
		ok("any-bytes", "a channel carries what it cannot read", pouchOf(join(number4(1), []byte{0})), input{"frame 1", []byte{0}}),

		no("nothing", "malformed", "there are no bytes", nil),
		no("magic-only", "malformed", "it ends behind the magic", []byte("parley pouch v1\n")),
		no("version-2", "malformed", "version 2 is not known", summed(join([]byte("parley pouch v2\n"), number4(len(one)), one))),
		no("no-frame", "malformed", "there is no frame", pouchOf(nil)),
		no("frame-empty", "malformed", "a frame of no bytes", pouchOf(number4(0))),
		no("frame-too-long", "malformed", "a frame of 65,537 bytes", pouchOf(join(number4(65537), largest, []byte{1}))),
		no("frame-cut-off", "malformed", "the last frame is shorter than it says", pouchOf(one[:len(one)-1])),
		no("length-cut-off", "malformed", "the last frame has two bytes of its length", pouchOf(join(one, []byte{0, 0}))),
		no("frame-beyond", "malformed", "the frame reaches into the checksum", pouchOf(join(number4(len(frame)+32), frame))),
		no("body-too-long", "malformed", "the body is longer than 1,048,576 bytes", pouchOf(join(whole, number4(65536), largest, one))[:200]),
		no("body-longer-than-file", "malformed", "the body is shorter than its length", summed(join([]byte("parley pouch v1\n"), number4(len(one)+1), one))),
		no("body-shorter-than-file", "malformed", "something stands behind the body", summed(join([]byte("parley pouch v1\n"), number4(len(one)), one, []byte{0}))),
		no("byte-behind", "malformed", "a byte stands behind the checksum", append(bytes.Clone(good), 0)),
		no("checksum-missing", "malformed", "there is no checksum", good[:len(good)-32]),
		no("cut-off", "malformed", "the last byte is missing", good[:len(good)-1]),
		no("changed", "malformed", "a bit was changed", changed),
		no("length-lowest-first", "malformed", "the lengths have their lowest byte first", summed(join([]byte("parley pouch v1\n"), binary.LittleEndian.AppendUint32(nil, uint32(len(one))), binary.LittleEndian.AppendUint32(nil, uint32(len(frame))), frame))),
	}
}
