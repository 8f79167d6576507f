package wire

import (
	"bytes"
	"errors"
	"testing"

	"parley"
)

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

// The tag at the head of a frame is the one that its reader finds.
func TestFrameTag(t *testing.T) {
	f := Frame{Tag: Tag(parley.LineID{1}, "north"), Form: Wide, Ciphertext: make([]byte, minCiphertext)}
	b, err := AppendFrame(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	if tag, ok := FrameTag(b); !ok || tag != f.Tag {
		t.Errorf("%x, %v, want %x", tag, ok, f.Tag)
	}
	for n := range 11 {
		if tag, ok := FrameTag(b[:n]); ok {
			t.Errorf("%x in %d bytes", tag, n)
		}
	}
	if _, ok := FrameTag(append([]byte{0x86}, b[1:]...)); ok {
		t.Error("a tag in an array of 6")
	}
}
