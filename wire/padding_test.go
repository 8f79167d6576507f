package wire

import (
	"bytes"
	"errors"
	"math"
	"testing"
)

// padme is PADMÉ as its paper writes it, with logarithms: L − (L mod 2^(E−S)),
// rounded up.
func padme(length int) int {
	e := math.Floor(math.Log2(float64(length)))
	s := math.Floor(math.Log2(e)) + 1
	step := math.Pow(2, e-s)
	return int(math.Ceil(float64(length)/step) * step)
}

// TestPadding: for every length that a frame can hold, the padded length is
// PADMÉ's with its floor, never shorter than the length before, and at most
// 12 % longer than what it holds.
func TestPadding(t *testing.T) {
	last := 0
	for n := range MaxFrame + 1 {
		got, want := paddedLen(n), max(padFloor, padme(n+1))
		if got != want {
			t.Fatalf("%d bytes are padded to %d, want %d", n, got, want)
		}
		if got < last || got < n+1 || n >= padFloor && float64(got) > 1.12*float64(n+1) {
			t.Fatalf("%d bytes are padded to %d, after %d", n, got, last)
		}
		last = got
	}
	for _, n := range []int{0, 1, 1022, 1023, 1024, 1025, 4095, 4096, 40_000, MaxFrame} {
		b := bytes.Repeat([]byte{0x80}, n)
		p := Pad(b)
		if len(p) != paddedLen(n) {
			t.Errorf("%d bytes are padded to %d", n, len(p))
		}
		if got, err := Unpad(p); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes came back as %d, %v", n, len(got), err)
		}
	}
}

// TestPaddingHides: all lengths of a frame become few.
func TestPaddingHides(t *testing.T) {
	lengths := map[int]bool{}
	for n := range MaxFrame {
		lengths[paddedLen(n)] = true
	}
	if len(lengths) > 100 {
		t.Errorf("%d padded lengths tell a frame's lengths apart", len(lengths))
	}
}

func TestUnpadRefuses(t *testing.T) {
	padded := Pad([]byte("text"))
	marked := bytes.Clone(padded)
	marked[4] = 0x81
	tail := bytes.Clone(padded)
	tail[len(tail)-1] = 1
	for name, p := range map[string][]byte{
		"nothing":          {},
		"zeros":            make([]byte, padFloor),
		"no mark":          marked,
		"not zeros behind": tail,
		"too short":        padded[:len(padded)-1],
		"too long":         append(bytes.Clone(padded), 0),
		"twice the floor":  append(bytes.Clone(padded), make([]byte, padFloor)...),
		"below the floor":  {'t', 0x80},
	} {
		if b, err := Unpad(p); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: unpadded to %d bytes, %v, want ErrMalformed", name, len(b), err)
		}
	}
}
