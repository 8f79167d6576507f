package roster_test

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"parley"
	"parley/roster"
)

// recount puts the right line count behind the final END of a file that a
// test has changed, and behind the END of the card inside it.
func recount(text []byte) []byte {
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	card := 0
	for i, l := range lines {
		switch {
		case l == "parley-card v1":
			card = i
		case strings.HasPrefix(l, "END ") && i == len(lines)-1:
			lines[i] = "END " + strconv.Itoa(len(lines))
		case strings.HasPrefix(l, "END "):
			lines[i] = "END " + strconv.Itoa(i-card+1)
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// replace returns text with the first old replaced, recounted.
func replace(text []byte, old, with string) []byte {
	if !bytes.Contains(text, []byte(old)) {
		panic("the file has no " + old)
	}
	return recount(bytes.Replace(text, []byte(old), []byte(with), 1))
}

// cloneSide returns a side whose lists can be changed.
func cloneSide(s roster.Side) roster.Side {
	s.Desks = slices.Clone(s.Desks)
	s.Officers = slices.Clone(s.Officers)
	for i := range s.Officers {
		s.Officers[i].Desks = slices.Clone(s.Officers[i].Desks)
	}
	s.Prekeys = slices.Clone(s.Prekeys)
	return s
}

// cloneTerms returns terms whose lists can be changed.
func cloneTerms(t roster.Terms) roster.Terms {
	q := make(map[parley.Precedence]int)
	for p, n := range t.Quorum {
		q[p] = n
	}
	t.Quorum = q
	t.Channels = slices.Clone(t.Channels)
	t.Languages = slices.Clone(t.Languages)
	return t
}
