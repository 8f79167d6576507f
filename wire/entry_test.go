package wire

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"parley"
)

// laterEntry is an entry of version 2, with a key that this version does not
// know and another meaning of key 7.
func laterEntry(t testing.TB) []byte {
	t.Helper()
	type later struct {
		Header
		Signed []uint64       `cbor:"7,keyasint"`
		More   map[uint64]any `cbor:"8,keyasint"`
	}
	h := sampleEntry(t, sampleSigned(t, sampleContent(), 1)).Header
	h.Version = 2
	more := map[uint64]any{17: []any{uint64(1), "zwei", []byte{3}, map[uint64]any{0: make([]uint64, 500)}}}
	return must(encode(nil, MaxEntry, later{Header: h, Signed: []uint64{1, 2}, More: more}))(t)
}

// TestHeaderOfEveryVersion: what a later version writes is stored and
// receipted, and what is broken inside is stored; only the header must hold.
func TestHeaderOfEveryVersion(t *testing.T) {
	e := sampleEntry(t, sampleSigned(t, sampleContent(), 1))
	ours := must(AppendEntry(nil, e))(t)
	later := e.Header
	later.Version = 2
	headerOnly := must(encode(nil, MaxEntry, e.Header))(t)
	unsigned := e
	unsigned.Signed = nil
	extra := must(encode(nil, MaxEntry, struct {
		Entry
		More uint64 `cbor:"300,keyasint"`
	}{e, 1}))(t)
	for name, c := range map[string]struct {
		bytes []byte
		want  Header
		err   error // of ParseEntry
	}{
		"ours":               {ours, e.Header, nil},
		"later":              {laterEntry(t), later, ErrVersion},
		"nothing behind":     {headerOnly, e.Header, ErrMalformed},
		"nothing signed":     {must(encode(nil, MaxEntry, unsigned))(t), e.Header, ErrMalformed},
		"an unknown key":     {extra, e.Header, ErrMalformed},
		"what is not signed": {must(AppendEntry(nil, Entry{e.Header, []byte("noise")}))(t), e.Header, nil},
	} {
		h, err := ParseEntryHeader(c.bytes)
		if err != nil || !reflect.DeepEqual(h, c.want) {
			t.Errorf("%s: header %+v, %v, want %+v", name, h, err, c.want)
		}
		if _, err := ParseEntry(c.bytes); !errors.Is(err, c.err) || err != nil && !wrapsOne(err) {
			t.Errorf("%s: ParseEntry gave %v, want %v", name, err, c.err)
		}
	}
}

// TestHeaderRefuses: the header is strict whatever the version, and what stands
// behind it has one encoding too, or a peer could send one entry as many.
func TestHeaderRefuses(t *testing.T) {
	b := laterEntry(t)
	if b[0] != 0xa8 {
		t.Fatalf("the sample begins with %x", b[0])
	}
	head := func(h byte, rest ...byte) []byte { return append([]byte{h}, rest...) }
	for name, b := range map[string][]byte{
		"key 0":                 append(head(0xa9, 0, 0), b[1:]...),
		"version missing":       append(head(0xa7), b[3:]...),
		"version 0":             append(head(0xa8, 1, 0), b[3:]...),
		"version as text":       append(head(0xa8, 1, 0x61, '2'), b[3:]...),
		"version not shortest":  append(head(0xa8, 1, 0x18, 2), b[3:]...),
		"head not shortest":     append(head(0xb8, 8), b[1:]...),
		"log cut short":         bytes.Replace(b, append([]byte{2, 0x50}, sampleLog[:]...), append([]byte{2, 0x4f}, sampleLog[:15]...), 1),
		"a tag behind":          bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0xc1, 1}, 1),
		"not shortest behind":   bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0x82, 0x18, 1, 2}, 1),
		"a float behind":        bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0xf9, 0x3e, 0}, 1),
		"null behind":           bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0xf6}, 1),
		"true behind":           bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0x82, 1, 0xf5}, 1),
		"a negative behind":     bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0x20}, 1),
		"text not UTF-8 behind": bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0x61, 0xff}, 1),
		"a text key deep":       bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0xa1, 0x61, 'k', 1}, 1),
		"a map out of order":    bytes.Replace(b, []byte{7, 0x82, 1, 2}, []byte{7, 0xa2, 2, 1, 1, 1}, 1),
		"keys behind as text":   bytes.Replace(b, []byte{8, 0xa1, 17}, []byte{0x61, 'k', 0xa1, 17}, 1),
		"keys behind reordered": bytes.Replace(b, []byte{7, 0x82, 1, 2, 8}, []byte{8, 0x82, 1, 2, 7}, 1),
	} {
		if _, err := ParseEntryHeader(b); !errors.Is(err, ErrMalformed) || !wrapsOne(err) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
		if _, err := ParseEntry(b); !errors.Is(err, ErrMalformed) || !wrapsOne(err) {
			t.Errorf("%s: ParseEntry gave %v, want ErrMalformed", name, err)
		}
	}
	bomb := bytes.Replace(b, []byte{7, 0x82, 1, 2}, append([]byte{7}, append(bytes.Repeat([]byte{0x81}, 100), 1)...), 1)
	if _, err := ParseEntryHeader(bomb); !errors.Is(err, ErrLimit) || !wrapsOne(err) {
		t.Errorf("a bomb behind: %v, want ErrLimit", err)
	}
	if _, err := ParseEntryHeader(make([]byte, MaxEntry+1)); !errors.Is(err, ErrLimit) {
		t.Errorf("an entry too long: %v", err)
	}
}

// TestLimitsHold: the largest content fits its frame, in every wrapping.
func TestLimitsHold(t *testing.T) {
	c := sampleContent()
	c.From = "north-abcdefghijklmnopqrstuvwxyz/abcdefghijklmnopqrstuvwxyz-54321"
	c.To = nil
	for _, d := range "abcdefgh" {
		c.To = append(c.To, parley.Desk("south-abcdefghijklmnopqrstuvwxyz/abcdefghijklmnopqrstuvwxyz-5432"+string(d)))
	}
	for range MaxReferences {
		c.References = append(c.References, parley.Ref{Log: sampleLog, Number: MaxNumber})
	}
	c.Expires, c.Language = MaxTime, "abcdefgh-abcdefgh-abcdefgh-abcdefgh"
	for len(c.Body)+3 <= MaxBody {
		c.Body += "敵"
	}
	e := sampleEntry(t, sampleSigned(t, c, MaxSignatures))
	e.Seen, e.Number = nil, MaxNumber
	for i := range MaxSeen {
		e.Seen = append(e.Seen, Seen{Log: parley.LogID{byte(i)}, Size: MaxNumber})
	}
	entry := must(AppendEntry(nil, e))(t)
	f := sampleFrame(t)
	f.Ciphertext = append(Pad(must(AppendBundle(nil, []Part{{Type: PartEntry, Bytes: entry}}))(t)), make([]byte, 16)...)
	must(AppendFrame(nil, f))(t)

	p := samplePrekeys()
	for len(p.Keys) < MaxPrekeys {
		p.Keys = append(p.Keys, p.Keys[0])
	}
	must(AppendSigned1(nil, Signed1{Payload: must(AppendPrekeys(nil, p))(t)}))(t)
}

// What is viewed is what is parsed, and stays what it was when it is added to.
func TestView(t *testing.T) {
	signed := must(AppendSigned(nil, sampleSigned(t, sampleContent(), 1)))(t)
	b := must(AppendEntry(nil, sampleEntry(t, sampleSigned(t, sampleContent(), 1))))(t)
	entry, err1 := ParseEntry(b)
	viewed, err2 := ViewEntry(b)
	content, err3 := ParseSigned(signed)
	seen, err4 := ViewSigned(signed)
	if err := errors.Join(err1, err2, err3, err4); err != nil || !reflect.DeepEqual(entry, viewed) || !reflect.DeepEqual(content, seen) {
		t.Fatalf("%v\n%+v\n%+v\n%+v\n%+v", err, entry, viewed, content, seen)
	}
	was := bytes.Clone(signed)
	if _ = append(seen.Content, "more"...); !bytes.Equal(signed, was) {
		t.Error("what is added to a content is written behind it")
	}
	for _, wrong := range [][]byte{nil, b[1:], signed} {
		_, parsed := ParseEntry(wrong)
		if _, err := ViewEntry(wrong); err == nil || err.Error() != parsed.Error() {
			t.Errorf("%x: %v, and not %v", wrong, err, parsed)
		}
	}
}
