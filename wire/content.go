package wire

import (
	"fmt"
	"slices"

	"parley"
)

// Content is what officers review and sign (spec/MESSAGE.md §3). Numbers in
// brackets are its keys.
type Content struct {
	Line       parley.LineID     // [1]
	Draft      parley.DraftID    // [2] not zero
	From       parley.Desk       // [3]
	To         []parley.Desk     // [4] 1 to MaxDesks, sorted, each once
	Precedence parley.Precedence // [5]
	Status     parley.Status     // [6]
	Kind       parley.Kind       // [7]
	References []parley.Ref      // [8] at most MaxReferences; exactly one in an acknowledgement
	Expires    parley.Time       // [9] 0 is never
	Language   string            // [10] BCP 47, at most MaxLanguage characters
	Body       string            // [11] at most MaxBody bytes that CheckText allows; optional in an acknowledgement
	Answer     parley.Answer     // [12] of an acknowledgement, else 0
	By         parley.Time       // [12] the time of a reply-by, else 0
}

// contentMap is Content as it is written. In the narrow form it is without
// its line.
type contentMap struct {
	Line       *parley.LineID    `cbor:"1,keyasint,omitempty"`
	Draft      parley.DraftID    `cbor:"2,keyasint"`
	From       parley.Desk       `cbor:"3,keyasint"`
	To         []parley.Desk     `cbor:"4,keyasint"`
	Precedence parley.Precedence `cbor:"5,keyasint"`
	Status     parley.Status     `cbor:"6,keyasint"`
	Kind       parley.Kind       `cbor:"7,keyasint"`
	References []reference       `cbor:"8,keyasint,omitempty"`
	Expires    parley.Time       `cbor:"9,keyasint,omitzero"`
	Language   string            `cbor:"10,keyasint"`
	Body       string            `cbor:"11,keyasint,omitempty"`
	Answer     answerMap         `cbor:"12,keyasint,omitzero"`
}

type reference struct {
	_      struct{} `cbor:",toarray"`
	Log    parley.LogID
	Number uint64
}

type answerMap struct {
	Answer parley.Answer `cbor:"1,keyasint"`
	By     parley.Time   `cbor:"2,keyasint,omitzero"`
}

func (m contentMap) check() error {
	if m.Line == nil {
		return fmt.Errorf("line: %w: it is missing", ErrMalformed)
	}
	return m.checkRest()
}

// checkRest is check for all keys but the line.
func (m contentMap) checkRest() error {
	if m.Draft == (parley.DraftID{}) {
		return fmt.Errorf("draft id: %w: it is zero, and should be random", ErrMalformed)
	}
	if err := checkDesk("from", m.From); err != nil {
		return err
	}
	if err := checkCount("desks in to", len(m.To), 1, MaxDesks); err != nil {
		return err
	}
	for i, d := range m.To {
		if err := checkDesk("to", d); err != nil {
			return err
		}
		if i > 0 && m.To[i-1] >= d {
			return fmt.Errorf("to %q after %q: %w: desks are sorted, each once", d, m.To[i-1], ErrMalformed)
		}
	}
	if !m.Precedence.Valid() || !m.Status.Valid() || !m.Kind.Valid() {
		return fmt.Errorf("precedence %d, status %d, kind %d: %w: one of them is unknown",
			m.Precedence, m.Status, m.Kind, ErrMalformed)
	}
	if err := checkCount("references", len(m.References), 0, MaxReferences); err != nil {
		return err
	}
	for _, r := range m.References {
		if err := checkNumber(r.Number); err != nil {
			return fmt.Errorf("reference: %w", err)
		}
	}
	return first(checkTime("expires", m.Expires), checkLanguage(m.Language), m.checkBody(), m.checkAnswer(), m.checkChange())
}

// checkChange refuses what could leave two readers of a change with two
// rosters (spec/CHANGE.md §2).
func (m contentMap) checkChange() error {
	if m.Kind != parley.Change {
		return nil
	}
	if m.Status != parley.Real || m.Expires != 0 || len(m.References) > 0 {
		return fmt.Errorf("change: %w: it is real, and has no references and no time at which it expires", ErrMalformed)
	}
	return nil
}

func (m contentMap) checkBody() error {
	if len(m.Body) > MaxBody {
		return fmt.Errorf("body of %d bytes: %w: at most %d", len(m.Body), ErrLimit, MaxBody)
	}
	if m.Kind != parley.Acknowledgement && m.Body == "" {
		return fmt.Errorf("body: %w: a %s has one", ErrMalformed, m.Kind)
	}
	if err := CheckText(m.Body); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return nil
}

func (m contentMap) checkAnswer() error {
	a := m.Answer
	if m.Kind != parley.Acknowledgement {
		if a != (answerMap{}) {
			return fmt.Errorf("answer: %w: only an acknowledgement has one", ErrMalformed)
		}
		return nil
	}
	if !a.Answer.Valid() {
		return fmt.Errorf("answer %d: %w: an acknowledgement has one of 1 to 7", a.Answer, ErrMalformed)
	}
	if len(m.References) != 1 {
		return fmt.Errorf("%d references: %w: an acknowledgement has exactly one", len(m.References), ErrMalformed)
	}
	if (a.Answer == parley.ReplyBy) != (a.By != 0) {
		return fmt.Errorf("answer %s by %d: %w: reply-by has a time, other answers have none", a.Answer, uint64(a.By), ErrMalformed)
	}
	return checkTime("by", a.By)
}

// AppendContent writes c after dst, with To put in order, or refuses what
// ParseContent would refuse (spec/MESSAGE.md §3).
func AppendContent(dst []byte, c Content) ([]byte, error) {
	m := c.asMap()
	m.To = slices.Sorted(slices.Values(m.To))
	return appendChecked(dst, "content", MaxContent, m)
}

// ParseContent reads a content. Errors wrap ErrText for a body that CheckText
// refuses, ErrLimit, or ErrMalformed (spec/MESSAGE.md §3).
func ParseContent(b []byte) (Content, error) {
	m, err := parseQuickly("content", MaxContent, b, quickContent)
	if err != nil {
		return Content{}, err
	}
	return m.content(), nil
}

func (c Content) asMap() contentMap {
	m := contentMap{
		Line: &c.Line, Draft: c.Draft, From: c.From, To: c.To,
		Precedence: c.Precedence, Status: c.Status, Kind: c.Kind, Expires: c.Expires,
		Language: c.Language, Body: c.Body, Answer: answerMap{Answer: c.Answer, By: c.By},
	}
	for _, r := range c.References {
		m.References = append(m.References, reference{Log: r.Log, Number: r.Number})
	}
	return m
}

func (m contentMap) content() Content {
	c := Content{
		Line: *m.Line, Draft: m.Draft, From: m.From, To: m.To,
		Precedence: m.Precedence, Status: m.Status, Kind: m.Kind, Expires: m.Expires,
		Language: m.Language, Body: m.Body, Answer: m.Answer.Answer, By: m.Answer.By,
	}
	for _, r := range m.References {
		c.References = append(c.References, parley.Ref{Log: r.Log, Number: r.Number})
	}
	return c
}
