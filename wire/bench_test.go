package wire

import "testing"

// BenchmarkParse is what one entry of 300 bytes of text costs to read: the
// entry, what is signed in it, and the content in that.
func BenchmarkParse(b *testing.B) {
	entry := must(AppendEntry(nil, sampleEntry(b, sampleSigned(b, sampleContent(), 1))))(b)
	b.ReportAllocs()
	for b.Loop() {
		e, err := ParseEntry(entry)
		if err != nil {
			b.Fatal(err)
		}
		s, err := ParseSigned(e.Signed)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ParseContent(s.Content); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseHeader(b *testing.B) {
	entry := must(AppendEntry(nil, sampleEntry(b, sampleSigned(b, sampleContent(), 1))))(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseEntryHeader(entry); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s := sampleSigned(b, sampleContent(), 1)
	e := sampleEntry(b, s)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := AppendContent(nil, sampleContent()); err != nil {
			b.Fatal(err)
		}
		if _, err := AppendSigned(nil, s); err != nil {
			b.Fatal(err)
		}
		if _, err := AppendEntry(nil, e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	f := must(AppendFrame(nil, sampleFrame(b)))(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseFrame(f); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkText is the slow way of a body: no ASCII, as long as it may be.
func BenchmarkText(b *testing.B) {
	s := allowedText["Hebrew with points"]
	for len(s) < MaxBody-len(allowedText["Arabic"]) {
		s += allowedText["Arabic"]
	}
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		if err := CheckText(s); err != nil {
			b.Fatal(err)
		}
	}
}
