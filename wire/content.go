package wire

import (
	"fmt"
	"slices"

	"parley"
)

// Limits of a content (spec/MESSAGE.md §3).
const (
	MaxBody       = 32768 // bytes of text
	MaxDesks      = 8     // addressees
	MaxReferences = 16
	MaxContent    = 36864 // bytes of the whole
	maxLanguage   = 35
)

// Content is what officers review and sign, byte for byte (spec/MESSAGE.md §3).
type Content struct {
	Line       parley.LineID
	Draft      parley.DraftID
	From       parley.Desk
	To         []parley.Desk // sorted, each once
	Precedence parley.Precedence
	Status     parley.Status
	Kind       parley.Kind
	References []parley.Ref
	Expires    parley.Time // 0: never
	Language   string      // BCP 47
	Body       string      // required for a text, a note for an acknowledgement
	Answer     parley.Answer
	By         parley.Time // exactly for parley.ReplyBy
}

// contentRow is a Content as it is encoded.
type contentRow struct {
	Line       *parley.LineID    `cbor:"1,keyasint,omitempty"` // absent only in the narrow form
	Draft      parley.DraftID    `cbor:"2,keyasint"`
	From       parley.Desk       `cbor:"3,keyasint"`
	To         []parley.Desk     `cbor:"4,keyasint"`
	Precedence parley.Precedence `cbor:"5,keyasint"`
	Status     parley.Status     `cbor:"6,keyasint"`
	Kind       parley.Kind       `cbor:"7,keyasint"`
	References []refRow          `cbor:"8,keyasint,omitempty"`
	Expires    parley.Time       `cbor:"9,keyasint,omitempty"`
	Language   string            `cbor:"10,keyasint"`
	Body       string            `cbor:"11,keyasint,omitempty"`
	Answer     *answerRow        `cbor:"12,keyasint,omitempty"`
}

type answerRow struct {
	Answer parley.Answer `cbor:"1,keyasint"`
	By     parley.Time   `cbor:"2,keyasint,omitempty"`
}

type refRow struct {
	_      struct{} `cbor:",toarray"`
	Log    parley.LogID
	Number uint64
}

// AppendContent appends the encoding of c, with To put in order.
func AppendContent(dst []byte, c Content) ([]byte, error) {
	c.To = slices.Clone(c.To)
	slices.Sort(c.To)
	if err := c.check(); err != nil {
		return dst, err
	}
	return appendValue(dst, "content", c.row())
}

// ParseContent reads a Content. Its errors wrap ErrMalformed, ErrLimit or
// ErrText.
func ParseContent(b []byte) (Content, error) {
	row, err := parseValue[contentRow](b, "content", MaxContent)
	if err != nil {
		return Content{}, err
	}
	if row.Line == nil {
		return Content{}, fmt.Errorf("content: %w: it names no line", ErrMalformed)
	}
	c := row.content()
	return c, c.check()
}

func (c Content) row() contentRow {
	row := contentRow{
		Line: &c.Line, Draft: c.Draft, From: c.From, To: c.To,
		Precedence: c.Precedence, Status: c.Status, Kind: c.Kind,
		Expires: c.Expires, Language: c.Language, Body: c.Body,
	}
	for _, r := range c.References {
		row.References = append(row.References, refRow{Log: r.Log, Number: r.Number})
	}
	if c.Answer != 0 || c.By != 0 {
		row.Answer = &answerRow{Answer: c.Answer, By: c.By}
	}
	return row
}

func (row contentRow) content() Content {
	c := Content{
		Line: *row.Line, Draft: row.Draft, From: row.From, To: row.To,
		Precedence: row.Precedence, Status: row.Status, Kind: row.Kind,
		Expires: row.Expires, Language: row.Language, Body: row.Body,
	}
	for _, r := range row.References {
		c.References = append(c.References, parley.Ref{Log: r.Log, Number: r.Number})
	}
	if row.Answer != nil {
		c.Answer, c.By = row.Answer.Answer, row.Answer.By
	}
	return c
}

// check holds the rules of spec/MESSAGE.md §3 that need no roster.
func (c Content) check() error {
	bad := func(format string, a ...any) error {
		return fmt.Errorf("content: %w: %s", ErrMalformed, fmt.Sprintf(format, a...))
	}
	if c.Draft == (parley.DraftID{}) {
		return bad("the draft id is all zero")
	}
	if _, err := parley.ParseDesk(string(c.From)); err != nil {
		return bad("%v", err)
	}
	if len(c.To) > MaxDesks || len(c.References) > MaxReferences || len(c.Body) > MaxBody {
		return fmt.Errorf("content: %w: at most %d desks, %d references and %d bytes of text", ErrLimit, MaxDesks, MaxReferences, MaxBody)
	}
	if len(c.To) == 0 {
		return bad("it is addressed to nobody")
	}
	for i, d := range c.To {
		if _, err := parley.ParseDesk(string(d)); err != nil {
			return bad("%v", err)
		}
		if i > 0 && c.To[i-1] >= d {
			return bad("the desks are not in order, each once")
		}
	}
	for _, r := range c.References {
		if r.Number == 0 {
			return bad("a reference to number 0: numbers start at 1")
		}
	}
	switch {
	case !c.Precedence.Valid():
		return bad("precedence %d", c.Precedence)
	case !c.Status.Valid():
		return bad("status %d", c.Status)
	case !c.Kind.Valid():
		return bad("kind %d", c.Kind)
	case !validLanguage(c.Language):
		return bad("language %.40q is not a BCP 47 tag", c.Language)
	}
	if err := c.checkKind(bad); err != nil {
		return err
	}
	if err := CheckText(c.Body); err != nil {
		return fmt.Errorf("content: %w", err)
	}
	return nil
}

func (c Content) checkKind(bad func(string, ...any) error) error {
	if c.Kind == parley.Text {
		switch {
		case c.Body == "":
			return bad("a text without text")
		case c.Answer != 0 || c.By != 0:
			return bad("a text with an answer")
		}
		return nil
	}
	switch {
	case !c.Answer.Valid():
		return bad("an acknowledgement with answer %d", c.Answer)
	case len(c.References) != 1:
		return bad("an acknowledgement of %d messages: it is of exactly one", len(c.References))
	case (c.Answer == parley.ReplyBy) != (c.By != 0):
		return bad("a time to reply by belongs to reply-by, and to nothing else")
	}
	return nil
}

func validLanguage(s string) bool {
	if len(s) == 0 || len(s) > maxLanguage || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}
