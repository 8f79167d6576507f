package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"parley/seal"
	"parley/wire"
)

var (
	forms     = []wire.Form{wire.Wide, wire.Narrow}
	formNames = map[wire.Form]string{wire.Wide: "wide", wire.Narrow: "narrow"}
)

func TestWhatIsSealedOpens(t *testing.T) {
	w := newWay(t, 1, "north", "south")
	sender, addressee, opening := w.open(t)
	for _, form := range forms {
		for _, size := range []int{1, 2, 600, 1023, 1024, 1025, 20000, 45056} {
			bundle := bytes.Repeat([]byte{0x80}, size)
			_, f := frame(t, sender, form, opening, bundle)
			got, err := addressee.Open(f)
			if err != nil || !bytes.Equal(got, bundle) {
				t.Fatalf("form %d, %d bytes: %v, %d bytes came back", form, size, err, len(got))
			}
		}
	}
}

func TestSaltIsFreshInEveryFrame(t *testing.T) {
	sender, _, _ := newWay(t, 1, "north", "south").open(t)
	_, a := frame(t, sender, wire.Narrow, nil, []byte("same"))
	_, b := frame(t, sender, wire.Narrow, nil, []byte("same"))
	if a.Salt == b.Salt || bytes.Equal(a.Ciphertext, b.Ciphertext) {
		t.Fatal("two frames have one salt")
	}
}

// TestOneErrorForEveryBit changes each bit of a frame in turn: nothing but
// ErrOpen may come of it, bare, whatever it was that did not fit.
func TestOneErrorForEveryBit(t *testing.T) {
	sender, addressee, _ := newWay(t, 1, "north", "south").open(t)
	for _, form := range forms {
		whole, _ := frame(t, sender, form, nil, []byte("bundle"))
		for bit := range 8 * len(whole) {
			changed := bytes.Clone(whole)
			changed[bit/8] ^= 1 << (bit % 8)
			f, err := wire.ParseFrame(changed)
			if err != nil {
				continue
			}
			if got, err := addressee.Open(f); err != seal.ErrOpen || got != nil {
				t.Fatalf("form %d, bit %d changed: %v, %x", form, bit, err, got)
			}
		}
	}
}

func TestOpenRefusesAShortenedCiphertext(t *testing.T) {
	sender, addressee, _ := newWay(t, 1, "north", "south").open(t)
	_, f := frame(t, sender, wire.Narrow, nil, []byte("bundle"))
	for n := range len(f.Ciphertext) {
		g := f
		g.Ciphertext = f.Ciphertext[:n]
		if _, err := addressee.Open(g); err != seal.ErrOpen {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
}

func TestOpenRefusesFramesOfElsewhere(t *testing.T) {
	w := newWay(t, 1, "north", "south")
	sender, addressee, opening := w.open(t)
	back := newWay(t, 1, "south", "north")
	otherLine := newWay(t, 2, "north", "south")

	tests := []struct {
		what string
		from *seal.Epoch
	}{
		{"the other direction", first(back.open(t))},
		{"another line", first(otherLine.open(t))},
		{"another epoch of the same direction", first(w.open(t))},
	}
	for _, test := range tests {
		_, f := frame(t, test.from, wire.Wide, nil, []byte("bundle"))
		if _, err := addressee.Open(f); err != seal.ErrOpen {
			t.Errorf("a frame of %s: %v", test.what, err)
		}
		// The same frame under the addressee's own tag and epoch id.
		f.Tag, f.Epoch = addressee.Tag(), addressee.ID()
		if _, err := addressee.Open(f); err != seal.ErrOpen {
			t.Errorf("a frame of %s, relabelled: %v", test.what, err)
		}
	}

	// What we sealed, thrown back at us, is not the peer's word.
	_, f := frame(t, sender, wire.Wide, opening, []byte("bundle"))
	if _, err := sender.Open(f); err != seal.ErrOpen {
		t.Errorf("our own frame: %v", err)
	}
}

func first(e, _ *seal.Epoch, _ []byte) *seal.Epoch { return e }

// TestTheOpeningIsNotBound: the opening is dropped from later copies of a
// frame without sealing it again, so it is outside of what the cipher covers.
func TestTheOpeningIsNotBound(t *testing.T) {
	sender, addressee, opening := newWay(t, 1, "north", "south").open(t)
	_, f := frame(t, sender, wire.Wide, opening, []byte("bundle"))
	f.Opening = nil
	if got, err := addressee.Open(f); err != nil || string(got) != "bundle" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestSealRefuses(t *testing.T) {
	sender, addressee, _ := newWay(t, 1, "north", "south").open(t)
	tests := []struct {
		what   string
		e      *seal.Epoch
		form   wire.Form
		tag    [8]byte
		bundle int
		want   error
	}{
		{"the addressee's end", addressee, wire.Wide, sender.Tag(), 10, seal.ErrDirection},
		{"another tag", sender, wire.Wide, [8]byte{1}, 10, seal.ErrDirection},
		{"no form", sender, 0, sender.Tag(), 10, wire.ErrForm},
		{"a form of later", sender, 3, sender.Tag(), 10, wire.ErrForm},
		{"too much", sender, wire.Wide, sender.Tag(), 1 << 16, wire.ErrLimit},
		{"too much, narrow", sender, wire.Narrow, sender.Tag(), 1 << 16, wire.ErrLimit},
	}
	for _, test := range tests {
		if _, err := test.e.Seal(test.form, test.tag, nil, make([]byte, test.bundle)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	sender, addressee, opening := newWay(f, 1, "north", "south").open(f)
	whole, _ := frame(f, sender, wire.Wide, opening, []byte("bundle"))
	narrow, _ := frame(f, sender, wire.Narrow, nil, []byte("bundle"))
	f.Add(whole)
	f.Add(narrow)
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := wire.ParseFrame(b)
		if err != nil {
			return
		}
		got, err := addressee.Open(fr)
		switch {
		case err == nil && string(got) != "bundle":
			t.Fatalf("a forged frame opens: %q", got)
		case err != nil && err != seal.ErrOpen:
			t.Fatalf("the error tells more than ErrOpen: %v", err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	sender, _, _ := newWay(b, 1, "north", "south").open(b)
	for _, form := range forms {
		b.Run(formNames[form], func(b *testing.B) {
			bundle := make([]byte, 600)
			b.SetBytes(600)
			for b.Loop() {
				if _, err := sender.Seal(form, sender.Tag(), nil, bundle); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	sender, addressee, _ := newWay(b, 1, "north", "south").open(b)
	for _, form := range forms {
		b.Run(formNames[form], func(b *testing.B) {
			_, f := frame(b, sender, form, nil, make([]byte, 600))
			b.SetBytes(600)
			for b.Loop() {
				if _, err := addressee.Open(f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
