package wire

import (
	"errors"
	"strings"
	"testing"

	"parley"
)

// refusal is a value that breaks one rule. Writing and reading it must be
// refused alike.
type refusal struct {
	name  string
	want  error
	write func() ([]byte, error)
	read  func([]byte) error
	bytes []byte // the value, encoded without regard to its rules
}

// breaking returns a copy of v that breaks a rule, with both ways to refuse it.
// raw gives what is encoded for v.
func breaking[T any](t *testing.T, name string, want error, v T, write func([]byte, T) ([]byte, error), parse func([]byte) (T, error), raw any) refusal {
	return refusal{
		name: name, want: want,
		write: func() ([]byte, error) { return write(nil, v) },
		read:  func(b []byte) error { _, err := parse(b); return err },
		bytes: must(encode(nil, 1<<20, raw))(t),
	}
}

func refuseAlike(t *testing.T, all []refusal) {
	t.Helper()
	for _, r := range all {
		b, err := r.write()
		if !errors.Is(err, r.want) || !wrapsOne(err) || len(b) != 0 {
			t.Errorf("%s: written as %x, %v, want %v", r.name, b, err, r.want)
		}
		if err := r.read(r.bytes); !errors.Is(err, r.want) || !wrapsOne(err) {
			t.Errorf("%s: read with %v, want %v", r.name, err, r.want)
		}
	}
}

func TestContentRefuses(t *testing.T) {
	var all []refusal
	with := func(name string, want error, c Content, change func(*Content)) {
		change(&c)
		all = append(all, breaking(t, name, want, c, AppendContent, ParseContent, c.asMap()))
	}
	text := func(name string, want error, change func(*Content)) { with(name, want, sampleContent(), change) }
	ack := func(name string, want error, change func(*Content)) {
		with(name, want, sampleAcknowledgement(), change)
	}
	refs := func(n int) []parley.Ref {
		return append([]parley.Ref(nil), make([]parley.Ref, n)...)
	}
	text("no draft id", ErrMalformed, func(c *Content) { c.Draft = parley.DraftID{} })
	text("from nobody", ErrMalformed, func(c *Content) { c.From = "" })
	text("from a party", ErrMalformed, func(c *Content) { c.From = "north" })
	text("from what is no desk", ErrMalformed, func(c *Content) { c.From = "north/Duty" })
	text("to nobody", ErrMalformed, func(c *Content) { c.To = nil })
	text("to what is no desk", ErrMalformed, func(c *Content) { c.To = []parley.Desk{"south\u202e/duty"} })
	text("to one desk twice", ErrMalformed, func(c *Content) { c.To = []parley.Desk{"south/duty", "south/duty"} })
	text("to nine", ErrLimit, func(c *Content) {
		c.To = nil
		for _, d := range "abcdefghi" {
			c.To = append(c.To, parley.Desk("south/"+string(d)))
		}
	})
	text("precedence 0", ErrMalformed, func(c *Content) { c.Precedence = 0 })
	text("precedence 5", ErrMalformed, func(c *Content) { c.Precedence = 5 })
	text("status 0", ErrMalformed, func(c *Content) { c.Status = 0 })
	text("status 3", ErrMalformed, func(c *Content) { c.Status = 3 })
	text("kind 0", ErrMalformed, func(c *Content) { c.Kind = 0 })
	text("kind 4", ErrMalformed, func(c *Content) { c.Kind = 4 })
	change := func(name string, f func(*Content)) {
		text("change "+name, ErrMalformed, func(c *Content) {
			c.Kind, c.Status, c.References, c.Expires = parley.Change, parley.Real, nil, 0
			f(c)
		})
	}
	change("as an exercise", func(c *Content) { c.Status = parley.Exercise })
	change("that expires", func(c *Content) { c.Expires = sampleTime })
	change("that refers", func(c *Content) { c.References = []parley.Ref{{Log: sampleLog, Number: 1}} })
	change("without a body", func(c *Content) { c.Body = "" })
	change("that answers", func(c *Content) { c.Answer = parley.Read })
	text("17 references", ErrLimit, func(c *Content) { c.References = refs(17) })
	text("a reference to 0", ErrMalformed, func(c *Content) { c.References = refs(1) })
	text("a reference beyond", ErrLimit, func(c *Content) { c.References = []parley.Ref{{Number: MaxNumber + 1}} })
	text("expires beyond", ErrLimit, func(c *Content) { c.Expires = MaxTime + 1 })
	text("no language", ErrMalformed, func(c *Content) { c.Language = "" })
	text("language with an override", ErrMalformed, func(c *Content) { c.Language = "e\u202en" })
	text("language of 36", ErrLimit, func(c *Content) { c.Language = strings.Repeat("abcde-", 6) })
	text("no body", ErrMalformed, func(c *Content) { c.Body = "" })
	text("a body too long", ErrLimit, func(c *Content) { c.Body = strings.Repeat("a", MaxBody+1) })
	text("an answer", ErrMalformed, func(c *Content) { c.Answer = parley.Read })
	text("a time to reply by", ErrMalformed, func(c *Content) { c.By = sampleTime })
	for name, s := range hostileText {
		text("body with "+name, ErrText, func(c *Content) { c.Body = s.text })
		ack("note with "+name, ErrText, func(c *Content) { c.Body = s.text })
	}
	ack("no answer", ErrMalformed, func(c *Content) { c.Answer, c.By = 0, 0 })
	ack("no answer, a time", ErrMalformed, func(c *Content) { c.Answer = 0 })
	ack("answer 8", ErrMalformed, func(c *Content) { c.Answer = 8 })
	ack("of nothing", ErrMalformed, func(c *Content) { c.References = nil })
	ack("of two", ErrMalformed, func(c *Content) { c.References = append(c.References, c.References...) })
	ack("reply-by without a time", ErrMalformed, func(c *Content) { c.By = 0 })
	ack("read by a time", ErrMalformed, func(c *Content) { c.Answer = parley.Read })
	ack("reply-by beyond", ErrLimit, func(c *Content) { c.By = MaxTime + 1 })
	refuseAlike(t, all)

	// What AppendContent puts in order, ParseContent refuses out of order.
	c := sampleContent()
	c.To = []parley.Desk{"south/watch", "south/duty"}
	if _, err := ParseContent(must(encode(nil, MaxContent, c.asMap()))(t)); !errors.Is(err, ErrMalformed) {
		t.Errorf("desks out of order: %v", err)
	}
	if _, err := ParseContent(must(AppendContent(nil, c))(t)); err != nil || c.To[0] != "south/watch" {
		t.Errorf("desks put in order: %v, and the caller's are %v", err, c.To)
	}
	m := sampleContent().asMap()
	m.Line = nil
	if _, err := ParseContent(must(encode(nil, MaxContent, m))(t)); !errors.Is(err, ErrMalformed) {
		t.Errorf("no line: %v", err)
	}
}

func TestSignedRefuses(t *testing.T) {
	var all []refusal
	with := func(name string, want error, change func(*Signed)) {
		s := sampleSigned(t, sampleContent(), 2)
		change(&s)
		all = append(all, breaking(t, name, want, s, AppendSigned, ParseSigned, s.cose()))
	}
	with("nothing", ErrMalformed, func(s *Signed) { s.Content = nil })
	with("too much", ErrLimit, func(s *Signed) { s.Content = make([]byte, MaxContent+1) })
	with("by nobody", ErrMalformed, func(s *Signed) { s.Signatures = nil })
	with("by nine", ErrLimit, func(s *Signed) { s.Signatures = make([]Signature, 9) })
	with("by one twice", ErrMalformed, func(s *Signed) { s.Signatures[1] = s.Signatures[0] })
	with("out of order", ErrMalformed, func(s *Signed) {
		s.Signatures[0], s.Signatures[1] = s.Signatures[1], s.Signatures[0]
	})
	refuseAlike(t, all)

	if _, err := AppendSigned1(nil, Signed1{}); !errors.Is(err, ErrMalformed) {
		t.Errorf("a statement of nothing: %v", err)
	}
	if _, err := AppendSigned1(nil, Signed1{Payload: make([]byte, maxSigned1)}); !errors.Is(err, ErrLimit) {
		t.Errorf("a statement too long: %v", err)
	}
	// Headers that are not ours: another algorithm, another label, a body header.
	s := sampleSigned(t, sampleContent(), 1).cose()
	for name, change := range map[string]func(*coseSign){
		"algorithm -7": func(s *coseSign) { s.Signatures[0].Protected[2] = 0x26 },
		"label 5":      func(s *coseSign) { s.Signatures[0].Protected[3] = 5 },
		"body header":  func(s *coseSign) { s.Protected = []byte{0xa0} },
	} {
		changed := s
		changed.Signatures = append([]coseSignature(nil), s.Signatures...)
		change(&changed)
		if _, err := ParseSigned(must(encode(nil, MaxSigned, changed))(t)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEntryRefuses(t *testing.T) {
	var all []refusal
	with := func(name string, want error, change func(*Entry)) {
		e := sampleEntry(t, sampleSigned(t, sampleContent(), 1))
		change(&e)
		all = append(all, breaking(t, name, want, e, AppendEntry, ParseEntry, e))
	}
	with("version 0", ErrMalformed, func(e *Entry) { e.Version = 0 })
	with("version 2", ErrVersion, func(e *Entry) { e.Version = 2 })
	with("number 0", ErrMalformed, func(e *Entry) { e.Number = 0 })
	with("number beyond", ErrLimit, func(e *Entry) { e.Number = MaxNumber + 1 })
	with("the first follows one", ErrMalformed, func(e *Entry) { e.Number = 1 })
	with("the second follows none", ErrMalformed, func(e *Entry) { e.Number, e.Previous = 2, parley.Hash{} })
	with("seen nothing of a log", ErrMalformed, func(e *Entry) { e.Seen[0].Size = 0 })
	with("seen beyond", ErrLimit, func(e *Entry) { e.Seen[0].Size = MaxNumber + 1 })
	with("seen one log twice", ErrMalformed, func(e *Entry) { e.Seen = append(e.Seen, e.Seen[0]) })
	with("seen out of order", ErrMalformed, func(e *Entry) { e.Seen = append(e.Seen, Seen{Log: sampleLog, Size: 1}) })
	with("seen 17", ErrLimit, func(e *Entry) {
		e.Seen = nil
		for i := range 17 {
			e.Seen = append(e.Seen, Seen{Log: parley.LogID{byte(i)}, Size: 1})
		}
	})
	with("time beyond", ErrLimit, func(e *Entry) { e.Time = MaxTime + 1 })
	with("nothing signed", ErrMalformed, func(e *Entry) { e.Signed = nil })
	with("too much signed", ErrLimit, func(e *Entry) { e.Signed = make([]byte, MaxSigned+1) })
	refuseAlike(t, all)
	if _, err := ParseEntry(make([]byte, MaxEntry+1)); !errors.Is(err, ErrLimit) {
		t.Errorf("an entry too long: %v", err)
	}
}
