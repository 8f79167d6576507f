package transcript_test

import (
	"bytes"
	"errors"
	"testing"

	"parley"
	"parley/transcript"
)

func decision(t testing.TB) []byte {
	t.Helper()
	text, err := transcript.AppendDecision(nil, transcript.Decision{
		Log: parley.LogID{1}, Held: transcript.Mark{Size: 3, Root: parley.Hash{2}},
		Other: []transcript.Mark{{Size: 3, Root: parley.Hash{3}}, {Size: 7, Root: parley.Hash{4}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Every single altered byte, and every cut, of a decision is refused.
func TestAlteredDecision(t *testing.T) {
	text := decision(t)
	if d, err := transcript.ParseDecision(text); err != nil || len(d.Other) != 2 || d.Held.Size != 3 {
		t.Fatalf("%+v, %v", d, err)
	}
	for i := range text {
		altered := bytes.Clone(text)
		altered[i] ^= 1
		for _, bad := range [][]byte{altered, text[:i]} {
			if _, err := transcript.ParseDecision(bad); !errors.Is(err, transcript.ErrMalformed) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
	if _, err := transcript.AppendDecision(nil, transcript.Decision{Other: make([]transcript.Mark, transcript.MaxOther+1)}); !errors.Is(err, transcript.ErrMalformed) {
		t.Errorf("too many others: %v", err)
	}
}

func FuzzParseDecision(f *testing.F) {
	f.Add(decision(f))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := transcript.ParseDecision(text)
		if err != nil {
			return
		}
		if again, err := transcript.AppendDecision(nil, d); err != nil || !bytes.Equal(again, text) {
			t.Errorf("written again: %q, %v", again, err)
		}
	})
}
