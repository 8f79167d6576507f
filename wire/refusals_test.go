package wire

import (
	"bytes"
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
	text("kind 3", ErrMalformed, func(c *Content) { c.Kind = 3 })
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

func TestStatementsRefuse(t *testing.T) {
	var all []refusal
	receipt := func(name string, want error, change func(*Receipt)) {
		v := sampleReceipt()
		change(&v)
		all = append(all, breaking(t, "receipt "+name, want, v, AppendReceipt, ParseReceipt, v))
	}
	receipt("of 0", ErrMalformed, func(r *Receipt) { r.Number = 0 })
	receipt("beyond", ErrLimit, func(r *Receipt) { r.Number = MaxNumber + 1 })
	receipt("of a size beyond", ErrLimit, func(r *Receipt) { r.Size = MaxNumber + 1 })
	receipt("of a time beyond", ErrLimit, func(r *Receipt) { r.Received = MaxTime + 1 })
	refuses := func(name string, want error, change func(*Refusal)) {
		v := sampleRefusal()
		change(&v)
		all = append(all, breaking(t, "refusal "+name, want, v, AppendRefusal, ParseRefusal, v))
	}
	refuses("of 0", ErrMalformed, func(r *Refusal) { r.Number = 0 })
	refuses("without a reason", ErrMalformed, func(r *Refusal) { r.Reason = 0 })
	refuses("of a time beyond", ErrLimit, func(r *Refusal) { r.Time = MaxTime + 1 })
	check := func(name string, want error, change func(*Check)) {
		v := sampleCheck()
		change(&v)
		all = append(all, breaking(t, "check "+name, want, v, AppendCheck, ParseCheck, v))
	}
	check("from nobody", ErrMalformed, func(c *Check) { c.From = "" })
	check("of no channel", ErrMalformed, func(c *Check) { c.Channel = "" })
	check("of a channel that is text", ErrMalformed, func(c *Check) { c.Channel = "the cable" })
	check("of a time beyond", ErrLimit, func(c *Check) { c.Time = MaxTime + 1 })
	opening := func(name string, want error, change func(*Opening)) {
		v := sampleOpening()
		change(&v)
		all = append(all, breaking(t, "opening "+name, want, v, AppendOpening, ParseOpening, v))
	}
	opening("from nobody", ErrMalformed, func(o *Opening) { o.From = "" })
	opening("to nobody", ErrMalformed, func(o *Opening) { o.To = "" })
	opening("to its sender", ErrMalformed, func(o *Opening) { o.To = o.From })
	opening("cut short", ErrMalformed, func(o *Opening) { o.Enc = o.Enc[1:] })
	prekeys := func(name string, want error, change func(*Prekeys)) {
		v := samplePrekeys()
		change(&v)
		all = append(all, breaking(t, "prekeys "+name, want, v, AppendPrekeys, ParsePrekeys, v))
	}
	prekeys("from nobody", ErrMalformed, func(p *Prekeys) { p.From = "" })
	prekeys("17", ErrLimit, func(p *Prekeys) {
		p.Keys = make([][]byte, 17)
		for i := range p.Keys {
			p.Keys[i] = make([]byte, PrekeySize)
		}
		p.LastResort = nil
	})
	prekeys("of another length", ErrMalformed, func(p *Prekeys) { p.Keys[1] = p.Keys[1][1:] })
	prekeys("without the last", ErrMalformed, func(p *Prekeys) { p.LastResort = nil })
	prekeys("of a time beyond", ErrLimit, func(p *Prekeys) { p.Time = MaxTime + 1 })
	closed := sampleClosed()
	closed.From = "North"
	all = append(all, breaking(t, "closed by nobody", ErrMalformed, closed, AppendClosed, ParseClosed, closed))
	closed = sampleClosed()
	closed.Time = MaxTime + 1
	all = append(all, breaking(t, "closed at a time beyond", ErrLimit, closed, AppendClosed, ParseClosed, closed))
	for n, want := range map[int]error{0: ErrMalformed, MaxUnknown + 1: ErrLimit} {
		u := Unknown{Epochs: make([]parley.EpochID, n)}
		all = append(all, breaking(t, "unknown epochs", want, u, AppendUnknown, ParseUnknown, u))
	}
	refuseAlike(t, all)
}

func TestReportRefuses(t *testing.T) {
	var all []refusal
	with := func(name string, want error, change func(*Report)) {
		v := sampleReport()
		change(&v)
		all = append(all, breaking(t, "report "+name, want, v, AppendReport, ParseReport, v))
	}
	with("beyond", ErrLimit, func(r *Report) { r.Size, r.Ahead = MaxNumber+1, nil })
	with("of refusals beyond", ErrLimit, func(r *Report) { r.Refusals = MaxNumber + 1 })
	with("of a cosignature beyond", ErrLimit, func(r *Report) { r.Cosigned = MaxNumber + 1 })
	with("without a gap", ErrMalformed, func(r *Report) { r.Ahead[0].First = r.Size + 1 })
	with("from 0", ErrMalformed, func(r *Report) { r.Size, r.Ahead[0].First = 0, 0 })
	with("backwards", ErrMalformed, func(r *Report) { r.Ahead[1].Last = 19 })
	with("overlapping", ErrMalformed, func(r *Report) { r.Ahead[1].First = 18 })
	with("touching", ErrMalformed, func(r *Report) { r.Ahead[1].First = 19 })
	with("ahead beyond", ErrLimit, func(r *Report) { r.Ahead[1].Last = MaxNumber + 1 })
	with("of 65 ranges", ErrLimit, func(r *Report) {
		r.Ahead = nil
		for i := range uint64(65) {
			r.Ahead = append(r.Ahead, Range{First: 20 + 2*i, Last: 20 + 2*i})
		}
	})
	refuseAlike(t, all)
}

func TestBundleAndFrameRefuse(t *testing.T) {
	var all []refusal
	for name, c := range map[string]struct {
		parts []Part
		want  error
	}{
		"bundle of nothing":  {nil, ErrMalformed},
		"part of type 0":     {[]Part{{Bytes: []byte{1}}}, ErrMalformed},
		"bundle of 513":      {bytesParts(513, 0), ErrLimit},
		"bundle of 70,000 B": {bytesParts(7, 10_000), ErrLimit},
	} {
		all = append(all, breaking(t, name, c.want, c.parts, AppendBundle, ParseBundle, bundle(c.parts)))
	}
	with := func(name string, want error, change func(*Frame)) {
		f := sampleFrame(t)
		change(&f)
		all = append(all, breaking(t, name, want, f, AppendFrame, ParseFrame, f.array()))
	}
	with("form 0", ErrMalformed, func(f *Frame) { f.Form = 0 })
	with("form 3", ErrMalformed, func(f *Frame) { f.Form = 3 })
	with("ciphertext without its tag", ErrMalformed, func(f *Frame) { f.Ciphertext = f.Ciphertext[:15] })
	with("opening too long", ErrLimit, func(f *Frame) { f.Opening = make([]byte, maxSigned1+1) })
	with("frame too long", ErrLimit, func(f *Frame) { f.Ciphertext = make([]byte, MaxFrame) })
	refuseAlike(t, all)
}

func bytesParts(n, size int) (parts []Part) {
	for range n {
		parts = append(parts, Part{Type: PartEntry, Bytes: make([]byte, size)})
	}
	return parts
}

// TestFrameVersion: a frame of a version to come is told from one that is broken.
func TestFrameVersion(t *testing.T) {
	array := sampleFrame(t).array()
	array.Version = 2
	zero := array
	zero.Version = 0
	for name, b := range map[string][]byte{
		"the same but for its version": must(encode(nil, MaxFrame, array))(t),
		"version 0":                    must(encode(nil, MaxFrame, zero))(t),
		"another shape":                must(encode(nil, MaxFrame, []any{uint64(3), []byte("tag"), "more", []any{}}))(t),
	} {
		if _, err := ParseFrame(b); !errors.Is(err, ErrVersion) || !wrapsOne(err) {
			t.Errorf("%s: %v, want ErrVersion", name, err)
		}
	}
	for name, b := range map[string][]byte{
		"another shape of ours":  must(encode(nil, MaxFrame, []any{uint64(frameVersion), []byte("tag")}))(t),
		"version as text":        must(encode(nil, MaxFrame, []any{"2"}))(t),
		"version, not shortest":  {0x81, 0x18, 2},
		"nothing in the array":   {0x80},
		"version 2, then a tail": {0x81, 2, 0},
	} {
		if _, err := ParseFrame(b); !errors.Is(err, ErrMalformed) || !wrapsOne(err) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
}

// TestFrameConstants holds the bytes that another implementation needs.
func TestFrameConstants(t *testing.T) {
	f := sampleFrame(t)
	want := must(encode(nil, 100, []any{uint64(1), f.Tag[:], uint64(f.Form), f.Epoch[:], f.Salt[:]}))(t)
	if !bytes.Equal(f.AAD(), want) {
		t.Errorf("associated data is %x, want %x", f.AAD(), want)
	}
	f.Form = 200
	if want := must(encode(nil, 100, []any{uint64(1), f.Tag[:], uint64(200), f.Epoch[:], f.Salt[:]}))(t); !bytes.Equal(f.AAD(), want) {
		t.Errorf("associated data of form 200 is %x, want %x", f.AAD(), want)
	}
	if Wide.String() != "wide" || Narrow.String() != "narrow" || Form(3).String() != "unknown(3)" {
		t.Errorf("the forms are called %s, %s and %s", Wide, Narrow, Form(3))
	}
	if Tag(sampleLine, "north") == Tag(sampleLine, "south") || Tag(sampleLine, "north") == Tag(parley.LineID{}, "north") {
		t.Error("two directions have one tag")
	}
}
