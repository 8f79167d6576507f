package wire

import (
	"reflect"
	"testing"
)

// agree fails unless the quick reader takes nothing that the strict decoder does not
// take, and reads the same value.
func agree[T any](t *testing.T, what string, b []byte, quick func([]byte) (T, bool), limit int) (taken bool) {
	t.Helper()
	got, ok := quick(b)
	if !ok {
		return false
	}
	want, err := decode[T](limit, b)
	if err != nil {
		t.Fatalf("%s: %x is read quickly, and is %v", what, b, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %x is read quickly as %+v, and is %+v", what, b, got, want)
	}
	return true
}

func agreeAll(t *testing.T, b []byte) (taken bool) {
	t.Helper()
	entry := agree(t, "entry", b, quickEntry, MaxEntry)
	signed := agree(t, "signed", b, quickSigned, MaxSigned)
	content := agree(t, "content", b, quickContent, MaxContent)
	return entry || signed || content
}

// quickSamples are one of each format, with all of their keys.
func quickSamples(t testing.TB) [][]byte {
	c := sampleContent()
	content := must(AppendContent(nil, c))(t)
	signed := must(AppendSigned(nil, sampleSigned(t, c, 2)))(t)
	ack := must(AppendContent(nil, sampleAcknowledgement()))(t)
	return [][]byte{content, ack, signed, must(AppendEntry(nil, sampleEntry(t, sampleSigned(t, c, 1))))(t)}
}

// TestQuick: each sample is taken, and of each that differs from it in one byte, or is
// cut, what is taken is what the strict decoder takes.
func TestQuick(t *testing.T) {
	flips := []byte{1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0xff, 0x7f}
	if testing.Short() {
		flips = flips[:1]
	}
	for _, b := range quickSamples(t) {
		if !agreeAll(t, b) {
			t.Fatalf("%x is not read quickly", b)
		}
		for at := range b {
			agreeAll(t, b[:at])
			was := b[at]
			for _, bits := range flips {
				b[at] = was ^ bits
				agreeAll(t, b)
			}
			b[at] = was
		}
	}
}

func FuzzQuick(f *testing.F) {
	for _, b := range quickSamples(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { agreeAll(t, b) })
}
