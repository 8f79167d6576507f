package wire

import (
	"encoding/binary"

	"parley"
)

// quick reads the formats of which a transcript has a million: an entry, what is signed
// in it, the content in that. It takes them in deterministic encoding and nothing else,
// so that nothing need be encoded again to compare, and says of anything it does not
// take only that: the strict decoder then says why, or takes it. FuzzQuick holds the
// one to the other.
type quick struct {
	b   []byte // what is not read yet
	bad bool   // it is not as expected; what is read then is zero
}

// fail notes that something is not as expected.
func (q *quick) fail() {
	q.b, q.bad = nil, true
}

// head reads the head of an item of a major type: a number or a length, in the
// shortest form (RFC 8949 §4.2.1).
func (q *quick) head(major byte) uint64 {
	if len(q.b) == 0 || q.b[0]&0xe0 != major {
		q.fail()
		return 0
	}
	short, more := q.b[0]&0x1f, q.b[1:]
	if short < 24 {
		q.b = more
		return uint64(short)
	}
	size := 1 << (short - 24)
	if short > 27 || len(more) < size {
		q.fail()
		return 0
	}
	var n, least uint64
	switch size {
	case 1:
		n, least = uint64(more[0]), 24
	case 2:
		n, least = uint64(binary.BigEndian.Uint16(more)), 1<<8
	case 4:
		n, least = uint64(binary.BigEndian.Uint32(more)), 1<<16
	default:
		n, least = binary.BigEndian.Uint64(more), 1<<32
	}
	if n < least {
		q.fail()
		return 0
	}
	q.b = more[size:]
	return n
}

// string reads a byte or text string; it stands in what was given to read.
func (q *quick) string(major byte) []byte {
	n := q.head(major)
	if n > uint64(len(q.b)) {
		q.fail()
	}
	if q.bad {
		return nil
	}
	s := q.b[:n:n]
	q.b = q.b[n:]
	return s
}

func (q *quick) uint() uint64  { return q.head(majorUint) }
func (q *quick) bytes() []byte { return q.string(majorBytes) }
func (q *quick) text() string  { return string(q.string(majorText)) }

// small reads a number that a byte holds.
func (q *quick) small() uint8 {
	n := q.uint()
	if n > 255 {
		q.fail()
	}
	return uint8(n)
}

// fill reads a byte string of exactly the length of dst.
func (q *quick) fill(dst []byte) {
	if copy(dst, q.bytesOf(len(dst))) != len(dst) {
		q.fail()
	}
}

func (q *quick) bytesOf(n int) []byte {
	s := q.bytes()
	if len(s) != n {
		q.fail()
		return nil
	}
	return s
}

// array reads the head of an array of at most so many items.
func (q *quick) array(most int) int {
	n := q.head(majorArray)
	if n > uint64(most) {
		q.fail()
		return 0
	}
	return int(n)
}

// arrayOf reads the head of an array of exactly so many items.
func (q *quick) arrayOf(n int) {
	if q.array(n) != n {
		q.fail()
	}
}

// key reports whether the next key of a map is k, below 24, and takes it; left is how
// many pairs of the map are left.
func (q *quick) key(left *uint64, k byte) bool {
	if *left == 0 || len(q.b) == 0 || q.b[0] != k {
		return false
	}
	*left--
	q.b = q.b[1:]
	return true
}

// must reads a key that must stand here.
func (q *quick) must(left *uint64, k byte) {
	if !q.key(left, k) {
		q.fail()
	}
}

// ended reports whether all was as expected, to the last byte and pair.
func (q *quick) ended(left uint64) bool { return !q.bad && left == 0 && len(q.b) == 0 }

func quickEntry(b []byte) (e Entry, ok bool) {
	if len(b) > MaxEntry {
		return e, false
	}
	q := quick{b: b}
	left := q.head(majorMap)
	q.must(&left, 1)
	e.Version = q.uint()
	q.must(&left, 2)
	q.fill(e.Log[:])
	q.must(&left, 3)
	e.Number = q.uint()
	q.must(&left, 4)
	q.fill(e.Previous[:])
	if q.key(&left, 5) {
		n := q.array(MaxSeen)
		for range n {
			var s Seen
			q.arrayOf(2)
			q.fill(s.Log[:])
			s.Size = q.uint()
			e.Seen = append(e.Seen, s)
		}
		if n == 0 {
			q.fail()
		}
	}
	q.must(&left, 6)
	e.Time = parley.Time(q.uint())
	q.must(&left, 7)
	e.Signed = q.bytes()
	return e, q.ended(left)
}

func quickSigned(b []byte) (c coseSign, ok bool) {
	if len(b) > MaxSigned {
		return c, false
	}
	q := quick{b: b}
	q.arrayOf(4)
	c.Protected = q.bytes()
	q.emptyMap()
	c.Payload = q.bytes()
	c.Signatures = make([]coseSignature, q.array(MaxSignatures))
	for i := range c.Signatures {
		s := &c.Signatures[i]
		q.arrayOf(3)
		q.fill(s.Protected[:])
		q.emptyMap()
		q.fill(s.Sig[:])
	}
	return c, q.ended(0)
}

func (q *quick) emptyMap() {
	if q.head(majorMap) != 0 {
		q.fail()
	}
}

func quickContent(b []byte) (m contentMap, ok bool) {
	if len(b) > MaxContent {
		return m, false
	}
	q := quick{b: b}
	left := q.head(majorMap)
	m.Line = new(parley.LineID)
	q.must(&left, 1)
	q.fill(m.Line[:])
	q.must(&left, 2)
	q.fill(m.Draft[:])
	q.must(&left, 3)
	m.From = parley.Desk(q.text())
	q.must(&left, 4)
	m.To = make([]parley.Desk, q.array(MaxDesks))
	for i := range m.To {
		m.To[i] = parley.Desk(q.text())
	}
	q.must(&left, 5)
	m.Precedence = parley.Precedence(q.small())
	q.must(&left, 6)
	m.Status = parley.Status(q.small())
	q.must(&left, 7)
	m.Kind = parley.Kind(q.small())
	if q.key(&left, 8) {
		m.References = make([]reference, q.array(MaxReferences))
		for i := range m.References {
			q.arrayOf(2)
			q.fill(m.References[i].Log[:])
			m.References[i].Number = q.uint()
		}
		if len(m.References) == 0 {
			q.fail()
		}
	}
	if q.key(&left, 9) {
		m.Expires = parley.Time(q.positive())
	}
	q.must(&left, 10)
	m.Language = q.text()
	if q.key(&left, 11) {
		if m.Body = q.text(); m.Body == "" {
			q.fail()
		}
	}
	if q.key(&left, 12) {
		inner := q.head(majorMap)
		q.must(&inner, 1)
		if m.Answer.Answer = parley.Answer(q.small()); m.Answer.Answer == 0 {
			q.fail()
		}
		if q.key(&inner, 2) {
			m.Answer.By = parley.Time(q.positive())
		}
		if inner != 0 {
			q.fail()
		}
	}
	return m, q.ended(left)
}

// positive reads a number that is left out where it is zero.
func (q *quick) positive() uint64 {
	n := q.uint()
	if n == 0 {
		q.fail()
	}
	return n
}
