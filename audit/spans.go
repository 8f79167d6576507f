package audit

import (
	"parley"
	"parley/roster"
)

// Spans are numbers of entries, in order, of which the first stretches are kept.
type Spans struct {
	List  []Span
	Count uint64 // of all numbers
	Left  uint64 // of those, how many stand in no span of List
}

// Span is the entries from First to Last.
type Span struct{ First, Last uint64 }

// maxSpans is how many stretches are kept: more than anybody reads.
const maxSpans = 20

// add adds a number behind the last.
func (s *Spans) add(n uint64) {
	s.Count++
	last := len(s.List) - 1
	switch {
	case s.Left == 0 && last >= 0 && s.List[last].Last+1 == n:
		s.List[last].Last = n
	case len(s.List) < maxSpans:
		s.List = append(s.List, Span{n, n})
	default:
		s.Left++
	}
}

// Doubtful is, for each key that was compromised, in which entries it signed what is
// in doubt, in the order in which they were met.
type Doubtful []Doubt

// Doubt is the entries that a compromised key signed and that are in doubt.
type Doubt struct {
	Key     roster.Compromise
	Entries Spans
}

func (d *Doubtful) add(key roster.Compromise, n uint64) {
	for i := range *d {
		if (*d)[i].Key.Key == key.Key {
			(*d)[i].Entries.add(n)
			return
		}
	}
	*d = append(*d, Doubt{Key: key})
	(*d)[len(*d)-1].Entries.add(n)
}

// drafts are the draft ids of content that is believed.
type drafts map[parley.DraftID]struct{}

func (d drafts) has(id parley.DraftID) bool { _, ok := d[id]; return ok }

func (d *drafts) add(id parley.DraftID) {
	if *d == nil {
		*d = make(drafts)
	}
	(*d)[id] = struct{}{}
}
