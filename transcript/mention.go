package transcript

import (
	"encoding/base64"
)

// mention finds a text within what lines hold in base64: where it does not stand, the
// lines need not be decoded. What the text shares three bytes of base64 with, before it
// and behind it, is not looked at, so it may be found where it does not stand, and never
// the other way round.
//
// It is Horspool's search for three words at once, one for each place that the text can
// have among three bytes: it looks at two characters of a window, and passes on by as
// many as no word has them in.
type mention struct {
	words [3]string // cut to the length of the shortest, which has 3 characters or more
	pass  [1 << 12]uint8
}

// newMention returns what finds a text of 6 to 180 bytes.
func newMention(text string) *mention {
	m := new(mention)
	least := 256
	for shift := range m.words {
		whole := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:shift] + text))
		m.words[shift] = whole[(shift*8+5)/6 : (shift+len(text))*8/6]
		least = min(least, len(m.words[shift]))
	}
	for i := range m.pass {
		m.pass[i] = uint8(least - 1)
	}
	for i, w := range m.words {
		m.words[i] = w[:least]
		for at := 1; at < least; at++ {
			p := &m.pass[pair(w[at-1], w[at])]
			*p = min(*p, uint8(least-1-at))
		}
	}
	return m
}

// pair is a number for two characters, which few others of base64 have.
func pair(a, b byte) int { return int(a&63)<<6 | int(b&63) }

// in reports whether the text may stand in one of the lines.
func (m *mention) in(lines []byte) bool {
	size := len(m.words[0])
	for end := size - 1; end < len(lines); {
		pass := int(m.pass[pair(lines[end-1], lines[end])])
		if pass > 0 {
			end += pass
			continue
		}
		window := lines[end-size+1 : end+1]
		for _, w := range m.words {
			if string(window) == w {
				return true
			}
		}
		end++
	}
	return false
}

// mayChange notes whether changes may stand among the lines in memory, of which those
// from at on belong to what is read now.
func (s *stream) mayChange(at int64, may bool) {
	if s.changes = may; !may {
		return
	}
	if s.may.end == 0 {
		s.may.at, s.may.line = at, s.At()+1
	}
	s.may.end = s.at
}

// Changes returns a cursor over those entries of a log among which changes of the roster
// may stand: in what it passes over is none.
func (r *Reader) Changes(log int) *Cursor {
	c := r.Logs[log].changes.cursor()
	c.only = r.change
	return c
}
