package wire

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"golang.org/x/text/unicode/norm"

	"parley"
)

// malleable looks for bytes that parse and are written otherwise, or that are
// refused with an error on which nobody can decide.
func malleable[T any](f *testing.F, parse func([]byte) (T, error), write func([]byte, T) ([]byte, error)) {
	for _, s := range formats(f) {
		f.Add(must(s.append(s.sample))(f))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := parse(b)
		if err != nil {
			if !wrapsOne(err) {
				t.Errorf("%v wraps not exactly one sentinel", err)
			}
			return
		}
		if again, err := write(nil, v); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x is written as %x, %v", b, again, err)
		}
	})
}

func FuzzContent(f *testing.F) { malleable(f, ParseContent, AppendContent) }
func FuzzSigned(f *testing.F)  { malleable(f, ParseSigned, AppendSigned) }
func FuzzSigned1(f *testing.F) { malleable(f, ParseSigned1, AppendSigned1) }
func FuzzEntry(f *testing.F)   { malleable(f, ParseEntry, AppendEntry) }
func FuzzReceipt(f *testing.F) { malleable(f, ParseReceipt, AppendReceipt) }
func FuzzRefusal(f *testing.F) { malleable(f, ParseRefusal, AppendRefusal) }
func FuzzCheck(f *testing.F)   { malleable(f, ParseCheck, AppendCheck) }
func FuzzOpening(f *testing.F) { malleable(f, ParseOpening, AppendOpening) }
func FuzzPrekeys(f *testing.F) { malleable(f, ParsePrekeys, AppendPrekeys) }
func FuzzClosed(f *testing.F)  { malleable(f, ParseClosed, AppendClosed) }
func FuzzUnknown(f *testing.F) { malleable(f, ParseUnknown, AppendUnknown) }
func FuzzReport(f *testing.F)  { malleable(f, ParseReport, AppendReport) }
func FuzzRenewal(f *testing.F) { malleable(f, ParseRenewal, AppendRenewal) }
func FuzzClosing(f *testing.F) { malleable(f, ParseClosing, AppendClosing) }
func FuzzRecall(f *testing.F)  { malleable(f, ParseRecall, AppendRecall) }
func FuzzGeneration(f *testing.F) {
	malleable(f, ParseGeneration, AppendGeneration)
}
func FuzzBundle(f *testing.F) { malleable(f, ParseBundle, AppendBundle) }
func FuzzFrame(f *testing.F)  { malleable(f, ParseFrame, AppendFrame) }

// FuzzEntryHeader: every entry has the header that is stored for it, and an
// entry of a version that is not ours has one whenever its error says so.
func FuzzEntryHeader(f *testing.F) {
	f.Add(must(AppendEntry(nil, sampleEntry(f, sampleSigned(f, sampleContent(), 1))))(f))
	f.Add(laterEntry(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, headerErr := ParseEntryHeader(b)
		e, err := ParseEntry(b)
		switch {
		case err == nil && headerErr != nil:
			t.Errorf("an entry without a header: %v", headerErr)
		case err == nil && !reflect.DeepEqual(h, e.Header):
			t.Errorf("an entry with header %+v, stored under %+v", e.Header, h)
		case errors.Is(err, ErrVersion) && (headerErr != nil || h.Version == EntryVersion):
			t.Errorf("%v, and its header is %+v, %v", err, h, headerErr)
		case headerErr != nil && !wrapsOne(headerErr):
			t.Errorf("%v wraps not exactly one sentinel", headerErr)
		case headerErr == nil && h.check() != nil:
			t.Errorf("header %+v is not valid: %v", h, h.check())
		}
	})
}

// FuzzNarrow: the narrow form is exact both ways.
func FuzzNarrow(f *testing.F) {
	e := must(AppendEntry(nil, sampleEntry(f, sampleSigned(f, sampleContent(), 2))))(f)
	f.Add(e)
	f.Add(must(NarrowEntry(e))(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, err := NarrowEntry(b); err == nil {
			restored(t, b, n)
		}
		whole, err := RestoreEntry(b, sampleLine, sampleLog, sampleHash, samplePeer)
		if err != nil {
			if !wrapsOne(err) {
				t.Errorf("%v wraps not exactly one sentinel", err)
			}
			return
		}
		if n, err := NarrowEntry(whole); err != nil || !bytes.Equal(n, b) {
			t.Errorf("%x was restored and narrowed to %x, %v", b, n, err)
		}
	})
}

// restored fails unless narrowed gives back entry, from what the entry's own
// header and content tell.
func restored(t *testing.T, entry, narrowed []byte) {
	t.Helper()
	e, err := ParseEntry(entry)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSigned(e.Signed)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseContent(s.Content)
	if err != nil {
		t.Fatal(err)
	}
	var peer parley.LogID
	if len(e.Seen) == 1 {
		peer = e.Seen[0].Log
	}
	if n, err := NarrowNumber(narrowed); err != nil || n != e.Number {
		t.Errorf("the narrow entry has number %d, %v, want %d", n, err, e.Number)
	}
	if got, err := RestoreEntry(narrowed, c.Line, e.Log, e.Previous, peer); err != nil || !bytes.Equal(got, entry) {
		t.Errorf("%x was narrowed and restored to %x, %v", entry, got, err)
	}
}

// FuzzUnpad: what unpads was padded, and what is padded unpads.
func FuzzUnpad(f *testing.F) {
	f.Add(Pad(nil))
	f.Add(Pad(make([]byte, 5000)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := Unpad(Pad(b)); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%x was padded and unpadded to %x, %v", b, got, err)
		}
		if got, err := Unpad(b); err == nil && !bytes.Equal(Pad(got), b) {
			t.Errorf("%x was unpadded and padded otherwise", b)
		}
	})
}

// FuzzText: text that is allowed is UTF-8, and no normalisation changes it.
func FuzzText(f *testing.F) {
	for _, s := range allowedText {
		f.Add(s)
	}
	for _, s := range hostileText {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := CheckText(s)
		if err == nil {
			if got := norm.NFC.String(s); got != s {
				t.Errorf("%+q is allowed and normalised to %+q", s, got)
			}
			if !bytes.Equal([]byte(string([]rune(s))), []byte(s)) {
				t.Errorf("%+q is allowed and not UTF-8", s)
			}
		} else if !wrapsOne(err) {
			t.Errorf("%v wraps not exactly one sentinel", err)
		}
	})
}

// FuzzDecode: what is read of another package's format is written again to the same bytes.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x82, 0x41, 1, 0x40})
	f.Add([]byte{0x98, 1, 0x41, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode[[][]byte](b, 1<<10, 600)
		if err != nil {
			return
		}
		if again, err := Encode(nil, 1<<10, v); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x reads and writes as %x, %v", b, again, err)
		}
	})
}
