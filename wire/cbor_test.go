package wire

import (
	"bytes"
	"errors"
	"runtime"
	"testing"
)

// TestAppendixA: of the examples of RFC 8949, the reader accepts none that is
// not deterministic, and accepts those made of what Parley's formats use.
func TestAppendixA(t *testing.T) {
	var examples []struct {
		Hex       hexBytes
		RoundTrip bool `json:"roundtrip"`
	}
	readJSON(t, "cbor/appendix_a.json", &examples)
	accepted := 0
	for _, x := range examples {
		_, err := decode[any](MaxEntry, x.Hex)
		if err == nil {
			accepted++
		}
		if err == nil && !x.RoundTrip {
			t.Errorf("%x is accepted, and is not deterministic", []byte(x.Hex))
		}
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%x: %v", []byte(x.Hex), err)
		}
		// Of the deterministic ones, tags, floats that are no numbers and maps
		// are refused here for reasons of their own.
		plain := x.RoundTrip && x.Hex[0] < 0xa0 && x.Hex[0] != 0x82
		if plain && err != nil {
			t.Errorf("%x is refused: %v", []byte(x.Hex), err)
		}
	}
	if accepted < 30 {
		t.Errorf("only %d examples of %d are accepted", accepted, len(examples))
	}
}

// TestMalformed takes a closing, {1: line, 2: party, 3: epoch, 4: time}, and
// writes it wrongly, each time in one way.
func TestMalformed(t *testing.T) {
	line := append([]byte{0x58, 32}, sampleLine[:]...)
	party := []byte("\x65north")
	epoch := append([]byte{0x48}, sampleEpoch[:]...)
	at := []byte{0x18, 100}
	write := func(head []byte, items ...[]byte) []byte { return append(head, bytes.Join(items, nil)...) }
	key := func(n byte) []byte { return []byte{n} }
	good := write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), at)
	if _, err := ParseClosed(good); err != nil {
		t.Fatalf("the right one: %v", err)
	}
	bomb := func(head byte) []byte { return bytes.Repeat([]byte{head}, 20_000) }
	for name, b := range map[string][]byte{
		"nothing":                 {},
		"cut short":               good[:len(good)-1],
		"trailing byte":           append(bytes.Clone(good), 0),
		"twice":                   append(bytes.Clone(good), good...),
		"a number for the whole":  {0},
		"null for the whole":      {0xf6},
		"undefined":               {0xf7},
		"an array for the map":    write([]byte{0x84}, line, party, epoch, at),
		"key missing":             write([]byte{0xa3}, key(1), line, key(2), party, key(3), epoch),
		"key unknown":             write([]byte{0xa5}, key(1), line, key(2), party, key(3), epoch, key(4), at, key(5), at),
		"key twice":               write([]byte{0xa5}, key(1), line, key(2), party, key(3), epoch, key(4), at, key(4), at),
		"key twice, one missing":  write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(3), epoch),
		"keys unsorted":           write([]byte{0xa4}, key(2), party, key(1), line, key(3), epoch, key(4), at),
		"key as text":             write([]byte{0xa4}, []byte("a1"), line, key(2), party, key(3), epoch, key(4), at),
		"key negative":            write([]byte{0xa4}, key(0x20), line, key(2), party, key(3), epoch, key(4), at),
		"key not shortest":        write([]byte{0xa4}, []byte{0x18, 1}, line, key(2), party, key(3), epoch, key(4), at),
		"head not shortest":       write([]byte{0xb8, 4}, key(1), line, key(2), party, key(3), epoch, key(4), at),
		"indefinite map":          append(write([]byte{0xbf}, key(1), line, key(2), party, key(3), epoch, key(4), at), 0xff),
		"indefinite bytes":        write([]byte{0xa4}, key(1), line, key(2), party, key(3), []byte{0x5f}, epoch, []byte{0xff}, key(4), at),
		"number in 2 bytes":       write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0x19, 0, 100}),
		"number in 8 bytes":       write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0x1b, 0, 0, 0, 0, 0, 0, 0, 100}),
		"number negative":         write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0x38, 100}),
		"number as float":         write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0xf9, 0x56, 0x40}),
		"number as bignum":        write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0xc2, 0x41, 100}),
		"number as true":          write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0xf5}),
		"number as null":          write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0xf6}),
		"number reserved":         write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0x1c}),
		"tagged whole":            append([]byte{0xd8, 98}, good...),
		"tagged member":           write([]byte{0xa4}, key(1), line, key(2), party, key(3), epoch, key(4), []byte{0xc1, 0x18, 100}),
		"self-described":          append([]byte{0xd9, 0xd9, 0xf7}, good...),
		"hash of 31":              write([]byte{0xa4}, key(1), []byte{0x58, 31}, sampleLine[:31], key(2), party, key(3), epoch, key(4), at),
		"hash of 33":              write([]byte{0xa4}, key(1), []byte{0x58, 33}, sampleLine[:], []byte{0}, key(2), party, key(3), epoch, key(4), at),
		"hash empty":              write([]byte{0xa4}, key(1), []byte{0x40}, key(2), party, key(3), epoch, key(4), at),
		"bytes as text":           write([]byte{0xa4}, key(1), line, key(2), party, key(3), []byte("\x68epoch123"), key(4), at),
		"bytes as numbers":        write([]byte{0xa4}, key(1), line, key(2), party, key(3), []byte{0x88, 1, 2, 3, 4, 5, 6, 7, 8}, key(4), at),
		"text as bytes":           write([]byte{0xa4}, key(1), line, key(2), []byte("\x45north"), key(3), epoch, key(4), at),
		"party with a capital":    write([]byte{0xa4}, key(1), line, key(2), []byte("\x65North"), key(3), epoch, key(4), at),
		"party not UTF-8":         write([]byte{0xa4}, key(1), line, key(2), []byte("\x65nort\xff"), key(3), epoch, key(4), at),
		"4 GiB declared":          write([]byte{0xa4}, key(1), []byte{0x5a, 0xff, 0xff, 0xff, 0xff}, line),
		"16 EiB declared":         write([]byte{0xa4}, key(1), []byte{0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, line),
		"16 EiB of text declared": write([]byte{0xa4}, key(1), []byte{0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, line),
		"tags nested 20,000 deep": bomb(0xc1),
		"indefinite, nested":      bomb(0x9f),
	} {
		if _, err := ParseClosed(b); !errors.Is(err, ErrMalformed) || !wrapsOne(err) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
}

// TestLimitsOfEveryValue: more levels, pairs or items than any format has are
// over the limit, in a format that has none of them.
func TestLimitsOfEveryValue(t *testing.T) {
	for name, b := range map[string][]byte{
		"a map of 4 G declared":     {0xba, 0xff, 0xff, 0xff, 0xff},
		"an array of 4 G declared":  {0x9a, 0xff, 0xff, 0xff, 0xff},
		"arrays nested 20,000 deep": bytes.Repeat([]byte{0x81}, 20_000),
		"maps nested 10,000 deep":   bytes.Repeat([]byte{0xa1, 1}, 10_000),
	} {
		if _, err := ParseClosed(b); !errors.Is(err, ErrLimit) || !wrapsOne(err) {
			t.Errorf("%s: %v, want ErrLimit", name, err)
		}
	}
}

// TestDeclaredLengthsCostNothing: no parser allocates for what is declared and
// does not come.
func TestDeclaredLengthsCostNothing(t *testing.T) {
	huge := [][]byte{
		{0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		{0x9a, 0x00, 0xff, 0xff, 0xff},
		{0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		{0x81, 0x82, 0x01, 0x5a, 0x7f, 0xff, 0xff, 0xff},
		{0x84, 0x40, 0xa0, 0x5b, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff},
		{0xa1, 0x01, 0x9a, 0x00, 0xff, 0xff, 0xff},
	}
	for _, f := range formats(t) {
		for _, b := range huge {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := f.parse(b)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Errorf("%s: %x is accepted", f.name, b)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%s: %x costs %d bytes", f.name, b, n)
			}
		}
	}
}

// TestEveryByteCounts: a format read with any one of its bytes changed is
// another value or none; cut at any place or made longer, it is none.
func TestEveryByteCounts(t *testing.T) {
	for _, f := range formats(t) {
		b := must(f.append(f.sample))(t)
		step := 1 + len(b)/2000
		for i := 0; i < len(b); i += step {
			if _, err := f.parse(b[:i]); err == nil {
				t.Errorf("%s is read from its first %d bytes", f.name, i)
			}
			changed := bytes.Clone(b)
			changed[i] ^= 1 << (i % 8)
			if v, err := f.parse(changed); err == nil {
				if again, err := f.append(v); err != nil || !bytes.Equal(again, changed) {
					t.Errorf("%s with byte %d changed is read and written otherwise (%v)", f.name, i, err)
				}
			} else if !wrapsOne(err) {
				t.Errorf("%s with byte %d changed: %v wraps not exactly one sentinel", f.name, i, err)
			}
		}
		if _, err := f.parse(append(bytes.Clone(b), 0)); err == nil {
			t.Errorf("%s is read with a byte behind it", f.name)
		}
	}
}
