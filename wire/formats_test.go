package wire

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

// format is one Append/Parse pair, seen through any.
type format struct {
	name   string
	sample any
	parse  func(b []byte) (any, error)
	append func(v any) ([]byte, error)
}

func pair[T any](name string, sample T, parse func([]byte) (T, error), write func([]byte, T) ([]byte, error)) format {
	return format{
		name: name, sample: sample,
		parse:  func(b []byte) (any, error) { return parse(b) },
		append: func(v any) ([]byte, error) { return write(nil, v.(T)) },
	}
}

// formats lists every pair of the package.
func formats(t testing.TB) []format {
	return []format{
		pair("content", sampleContent(), ParseContent, AppendContent),
		pair("acknowledgement", sampleAcknowledgement(), ParseContent, AppendContent),
		pair("signed", sampleSigned(t, sampleContent(), 2), ParseSigned, AppendSigned),
		pair("signed1", sampleSigned1(t), ParseSigned1, AppendSigned1),
		pair("entry", sampleEntry(t, sampleSigned(t, sampleContent(), 1)), ParseEntry, AppendEntry),
		pair("receipt", sampleReceipt(), ParseReceipt, AppendReceipt),
		pair("refusal", sampleRefusal(), ParseRefusal, AppendRefusal),
		pair("check", sampleCheck(), ParseCheck, AppendCheck),
		pair("opening", sampleOpening(), ParseOpening, AppendOpening),
		pair("prekeys", samplePrekeys(), ParsePrekeys, AppendPrekeys),
		pair("closed", sampleClosed(), ParseClosed, AppendClosed),
		pair("unknown", sampleUnknown(), ParseUnknown, AppendUnknown),
		pair("report", sampleReport(), ParseReport, AppendReport),
		pair("renewal", sampleRenewal(), ParseRenewal, AppendRenewal),
		pair("closing", sampleClosing(), ParseClosing, AppendClosing),
		pair("generation", sampleGeneration(t), ParseGeneration, AppendGeneration),
		pair("recall", sampleRecall(), ParseRecall, AppendRecall),
		pair("bundle", sampleBundle(t), ParseBundle, AppendBundle),
		pair("frame", sampleFrame(t), ParseFrame, AppendFrame),
	}
}

func TestRoundTrip(t *testing.T) {
	for _, f := range formats(t) {
		b := must(f.append(f.sample))(t)
		got, err := f.parse(b)
		if err != nil {
			t.Errorf("%s: what was written does not parse: %v", f.name, err)
			continue
		}
		clear(b) // what was parsed keeps nothing of it
		if !reflect.DeepEqual(got, f.sample) {
			t.Errorf("%s came back as %+v, want %+v", f.name, got, f.sample)
		}
	}
}

// TestAppendsAfter: what stands in dst stays.
func TestAppendsAfter(t *testing.T) {
	b, err := AppendReport([]byte("before"), sampleReport())
	if err != nil || !bytes.HasPrefix(b, []byte("before")) {
		t.Fatalf("append after %q gave %q, %v", "before", b, err)
	}
	if _, err := ParseReport(b[len("before"):]); err != nil {
		t.Error(err)
	}
}

// sentinels are what an error of this package wraps, exactly one.
var sentinels = []error{ErrMalformed, ErrVersion, ErrLimit, ErrText, ErrForm, ErrSignature}

func wrapsOne(err error) bool {
	n := 0
	for _, s := range sentinels {
		if errors.Is(err, s) {
			n++
		}
	}
	return n == 1
}
