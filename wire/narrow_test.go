package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"parley"
)

// TestNarrowIsExact: every valid entry of a line of two comes back byte by byte.
func TestNarrowIsExact(t *testing.T) {
	long := sampleContent()
	long.Body = strings.Repeat("a", MaxBody)
	long.To = []parley.Desk{"south/duty", "south/watch"}
	long.References = []parley.Ref{{Log: samplePeer, Number: 1}, {Log: sampleLog, Number: MaxNumber}}
	long.Expires = sampleTime
	note := sampleAcknowledgement()
	note.Body = allowedText["Persian with ZWNJ"]
	for name, c := range map[string]Content{
		"text": sampleContent(), "acknowledgement": sampleAcknowledgement(), "note": note, "long": long,
	} {
		for signers := 1; signers <= MaxSignatures; signers++ {
			e := sampleEntry(t, sampleSigned(t, c, signers))
			for _, change := range []func(*Entry){
				func(*Entry) {},
				func(e *Entry) { e.Seen = nil },
				func(e *Entry) { e.Number, e.Previous = 1, parley.Hash{} },
				func(e *Entry) { e.Number, e.Seen[0].Size, e.Time = MaxNumber, MaxNumber, MaxTime },
				func(e *Entry) { e.Time = 0 },
			} {
				e := e
				e.Seen = append([]Seen(nil), e.Seen...)
				change(&e)
				b := must(AppendEntry(nil, e))(t)
				n, err := NarrowEntry(b)
				if err != nil {
					t.Fatalf("%s by %d: %v", name, signers, err)
				}
				restored(t, b, n)
			}
		}
	}
}

// TestNarrowCost: a body of 300 bytes under one signature costs at most 250
// bytes more on a narrow channel, sealed and framed.
func TestNarrowCost(t *testing.T) {
	c := sampleContent()
	if len(c.Body) != 300 {
		t.Fatalf("the sample has %d bytes", len(c.Body))
	}
	n, err := NarrowEntry(must(AppendEntry(nil, sampleEntry(t, sampleSigned(t, c, 1))))(t))
	if err != nil {
		t.Fatal(err)
	}
	f := sampleFrame(t)
	f.Opening, f.Form = nil, Narrow
	f.Ciphertext = append(must(AppendBundle(nil, []Part{{Type: PartNarrowEntry, Bytes: n}}))(t), make([]byte, 16)...)
	if cost := len(must(AppendFrame(nil, f))(t)) - len(c.Body); cost > 250 {
		t.Errorf("the frame costs %d bytes beyond the body", cost)
	} else {
		t.Logf("the frame costs %d bytes beyond the body", cost)
	}
}

func TestNarrowRefuses(t *testing.T) {
	e := sampleEntry(t, sampleSigned(t, sampleContent(), 1))
	several := e
	several.Seen = []Seen{{Log: parley.LogID{1}, Size: 1}, {Log: parley.LogID{2}, Size: 1}}
	text := sampleContent()
	text.Body = "e\u0301"
	badText := sampleSigned(t, sampleContent(), 1)
	badText.Content = must(encode(nil, MaxContent, text.asMap()))(t)
	for name, b := range map[string][]byte{
		"two logs seen":        must(AppendEntry(nil, several))(t),
		"noise signed":         must(AppendEntry(nil, Entry{e.Header, []byte("noise")}))(t),
		"noise for content":    must(AppendEntry(nil, sampleEntry(t, Signed{Content: []byte("noise"), Signatures: make([]Signature, 1)})))(t),
		"text that is refused": must(AppendEntry(nil, sampleEntry(t, badText)))(t),
		"a later version":      laterEntry(t),
		"noise":                []byte("noise"),
	} {
		if n, err := NarrowEntry(b); !errors.Is(err, ErrForm) || !wrapsOne(err) {
			t.Errorf("%s: narrowed to %x, %v, want ErrForm", name, n, err)
		}
	}

	good := must(NarrowEntry(must(AppendEntry(nil, e))(t)))(t)
	value := func(change func(*narrow)) []byte {
		n, err := parseNarrow(good)
		if err != nil {
			t.Fatal(err)
		}
		change(&n)
		return must(encode(nil, MaxEntry, n))(t)
	}
	for name, b := range map[string][]byte{
		"nothing":              {},
		"a byte behind":        append(bytes.Clone(good), 0),
		"a line":               value(func(n *narrow) { n.Content.Line = &sampleLine }),
		"number 0":             value(func(n *narrow) { n.Number = 0 }),
		"number beyond":        value(func(n *narrow) { n.Number = MaxNumber + 1 }),
		"seen beyond":          value(func(n *narrow) { n.Seen = MaxNumber + 1 }),
		"time beyond":          value(func(n *narrow) { n.Time = MaxTime + 1 }),
		"nobody signed":        value(func(n *narrow) { n.Signatures = nil }),
		"one signed twice":     value(func(n *narrow) { n.Signatures = append(n.Signatures, n.Signatures[0]) }),
		"nine signed":          value(func(n *narrow) { n.Signatures = make([]narrowSignature, 9) }),
		"desks out of order":   value(func(n *narrow) { n.Content.To = []parley.Desk{"south/watch", "south/duty"} }),
		"text that is refused": value(func(n *narrow) { n.Content.Body = "e\u0301" }),
	} {
		if got, err := RestoreEntry(b, sampleLine, sampleLog, sampleHash, samplePeer); !errors.Is(err, ErrForm) || !wrapsOne(err) {
			t.Errorf("%s: restored to %x, %v, want ErrForm", name, got, err)
		}
		if _, err := NarrowNumber(b); !errors.Is(err, ErrForm) {
			t.Errorf("%s: its number is refused with %v, want ErrForm", name, err)
		}
	}
	// The hash of what comes before belongs to every entry but the first.
	if _, err := RestoreEntry(good, sampleLine, sampleLog, parley.Hash{}, samplePeer); !errors.Is(err, ErrForm) {
		t.Errorf("entry 300 after nothing: %v", err)
	}
	first := value(func(n *narrow) { n.Number = 1 })
	if _, err := RestoreEntry(first, sampleLine, sampleLog, sampleHash, samplePeer); !errors.Is(err, ErrForm) {
		t.Errorf("entry 1 after something: %v", err)
	}
}
