package transcript_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"parley/internal/rostertest"
	"parley/roster"
	"parley/transcript"
)

func TestLogKey(t *testing.T) {
	line := rostertest.New(t)
	k := transcript.LogKey{Line: line.Roster.Line, Log: line.North.Log, Key: line.North.Side.LogKey}
	got, err := transcript.ParseLogKey(k.String())
	if err != nil || got.Line != k.Line || got.Log != k.Log || !got.Key.Equal(k.Key) {
		t.Fatalf("%+v, %v", got, err)
	}
	c := checkpointOf(t, line, line.North, 3, someLeaves(3, "entry"))
	if v, err := note.NewVerifier(k.String()); err != nil {
		t.Error(err)
	} else if _, err := note.Open(c, note.VerifierList(v)); err != nil {
		t.Errorf("other readers of signed notes do not take the key: %v", err)
	}
	receipt, err := note.NewEd25519VerifierKey(roster.ReceiptKeyName(line.Roster.Line, "south"), line.South.Side.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	s := k.String()
	for name, bad := range map[string]string{
		"nothing":             "",
		"another kind of key": receipt,
		"a space":             s + " ",
		"another id":          strings.Replace(s, "+", "+0", 1),
		"another key":         s[:len(s)-5] + "AAAA=",
		"cut":                 s[:len(s)-1],
		"capitals":            strings.ToUpper(s),
		"long":                s + strings.Repeat("A", 4000),
		"another name":        strings.Replace(s, "parley/", "barley/", 1),
	} {
		if _, err := transcript.ParseLogKey(bad); !errors.Is(err, transcript.ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A key that is taken is in its one form.
func FuzzLogKey(f *testing.F) {
	line := rostertest.New(f)
	f.Add(transcript.LogKey{Line: line.Roster.Line, Log: line.North.Log, Key: line.North.Side.LogKey}.String())
	f.Add("parley/v1/0+00000000+AQ==")
	f.Fuzz(func(t *testing.T, s string) {
		if k, err := transcript.ParseLogKey(s); err == nil && k.String() != s {
			t.Errorf("%q is taken, and written as %q", s, k.String())
		}
	})
}
