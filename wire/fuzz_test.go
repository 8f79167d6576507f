package wire

import (
	"bytes"
	"testing"

	"golang.org/x/text/unicode/norm"

	"parley"
)

// malleable fails if what parses does not encode to the same bytes.
func malleable[T any](f *testing.F, parse func([]byte) (T, error), appendTo func([]byte, T) ([]byte, error), seeds ...[]byte) {
	for _, s := range append(seeds, nil, []byte{0xa0}, []byte{0x80}) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := parse(b)
		if err != nil {
			return
		}
		again, err := appendTo(nil, v)
		if err != nil {
			t.Fatalf("it parses and does not encode: %v", err)
		}
		if !bytes.Equal(again, b) {
			t.Fatalf("it encodes to other bytes:\n%x\n%x", again, b)
		}
	})
}

func must(f *testing.F) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
}

func FuzzContent(f *testing.F) {
	malleable(f, ParseContent, AppendContent, must(f)(AppendContent(nil, text())))
}

func FuzzSigned(f *testing.F) {
	malleable(f, ParseSigned, AppendSigned, must(f)(AppendSigned(nil, Signed{Content: []byte{1}, Signatures: make([]Signature, 1)})))
}

func FuzzSigned1(f *testing.F) {
	malleable(f, ParseSigned1, AppendSigned1, must(f)(AppendSigned1(nil, Signed1{Payload: []byte{1}})))
}

func FuzzEntry(f *testing.F) {
	malleable(f, ParseEntry, AppendEntry, must(f)(AppendEntry(nil, Entry{Header{Version: 1, Number: 1}, []byte{1}})))
}

func FuzzEntryHeader(f *testing.F) {
	f.Add(must(f)(AppendEntry(nil, Entry{Header{Version: 1, Number: 1}, []byte{1}})))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseEntryHeader(b)
		if e, full := ParseEntry(b); full == nil && (err != nil || h.Number != e.Number) {
			t.Fatalf("the whole parses and the header does not: %v", err)
		}
	})
}

func FuzzFrame(f *testing.F) {
	malleable(f, ParseFrame, AppendFrame, must(f)(AppendFrame(nil, Frame{Form: Wide, Ciphertext: []byte{1}})))
}

func FuzzBundle(f *testing.F) {
	malleable(f, ParseBundle, AppendBundle, must(f)(AppendBundle(nil, []Part{{Type: PartEntry, Bytes: []byte{1}}})))
}

func FuzzOpening(f *testing.F) {
	malleable(f, ParseOpening, AppendOpening, must(f)(AppendOpening(nil, Opening{From: "a", To: "b", Enc: make([]byte, EncSize)})))
}

func FuzzReceipt(f *testing.F) {
	malleable(f, ParseReceipt, AppendReceipt, must(f)(AppendReceipt(nil, Receipt{Number: 1})))
}

func FuzzRefusal(f *testing.F) {
	malleable(f, ParseRefusal, AppendRefusal, must(f)(AppendRefusal(nil, Refusal{Number: 1, Reason: ReasonText})))
}

func FuzzClosed(f *testing.F) {
	malleable(f, ParseClosed, AppendClosed, must(f)(AppendClosed(nil, Closed{From: "a"})))
}

func FuzzCheck(f *testing.F) {
	malleable(f, ParseCheck, AppendCheck, must(f)(AppendCheck(nil, Check{From: "a", Channel: "b", Answers: [8]byte{1}})))
}

func FuzzPrekeys(f *testing.F) {
	malleable(f, ParsePrekeys, AppendPrekeys, must(f)(AppendPrekeys(nil, Prekeys{From: "a", LastResort: make([]byte, PrekeySize)})))
}

func FuzzReport(f *testing.F) {
	malleable(f, ParseReport, AppendReport, must(f)(AppendReport(nil, Report{Size: 3, Ahead: []Range{{First: 5, Last: 6}}})))
}

func FuzzUnknown(f *testing.F) {
	malleable(f, ParseUnknown, AppendUnknown, must(f)(AppendUnknown(nil, Unknown{Epochs: make([]parley.EpochID, 1)})))
}

func FuzzUnpad(f *testing.F) {
	f.Add(Pad([]byte("text")))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Unpad(b)
		if err == nil && !bytes.Equal(Pad(got), b) {
			t.Fatal("padding that Pad would not make was accepted")
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"a", "سلام\u200cها", "שלום", "你好", "a\u202eb", "e\u0301", "\xff", "\u0378", "\ue000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if CheckText(s) == nil && norm.NFC.String(s) != s {
			t.Fatal("text was accepted that is not in normalisation form C")
		}
	})
}
