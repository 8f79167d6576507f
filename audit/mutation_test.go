package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/roster"
	"parley/transcript"
)

// refused returns why a text is not proved, by its form or by its audit; nil if it is.
func refused(text []byte, r *roster.Roster) error {
	read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	a := audit.New(read, r, audit.Options{Most: 1})
	for w := a.Next(); w != nil; w = a.Next() {
		w.Do()
		a.Take(w)
	}
	report, err := a.Report()
	if err == nil && report.Wrong != nil {
		err = report.Wrong
	}
	return err
}

// small is the text of a short conversation, and the lines above its END.
func small(t testing.TB) (*roster.Roster, []byte) {
	r := recordtest.New(t, rostertest.New(t, rostertest.Seed("mutations")))
	r.Say("north", "All is quiet.")
	r.Receipt("north", 1)
	r.Say("south", "Here too.")
	r.Cosign("north")
	text, err := transcript.AppendFile(nil, r.File("south"))
	if err != nil {
		t.Fatal(err)
	}
	if err := refused(text, r.Line.Roster); err != nil {
		t.Fatal(err)
	}
	return r.Line.Roster, text
}

// smallRenewed is the same across a restore.
func smallRenewed(t testing.TB) (*roster.Roster, []byte) {
	r := recordtest.New(t, rostertest.New(t, rostertest.Seed("renewed")))
	r.Say("north", "All is quiet.")
	r.Renew("north")
	r.Say("north", "We were restored.")
	text, err := transcript.AppendFile(nil, r.File("south"))
	if err != nil {
		t.Fatal(err)
	}
	if err := refused(text, r.Line.Roster); err != nil {
		t.Fatal(err)
	}
	return r.Line.Roster, text
}

// TestEveryMutationOfAByte puts other bytes in the place of every byte of a small
// transcript, takes it out, and puts one before it. An END that fits is made each time,
// as whoever alters on purpose would. All are refused.
func TestEveryMutationOfAByte(t *testing.T) {
	t.Run("a small transcript", func(t *testing.T) { r, text := small(t); everyByte(t, r, text, len(text)) })
	// The lines above the first entry are where this one differs.
	t.Run("across a restore", func(t *testing.T) {
		r, text := smallRenewed(t)
		everyByte(t, r, text, bytes.Index(text, []byte("\nentry 1 ")))
	})
}

// everyByte is TestEveryMutationOfAByte for the first bytes of a text.
func everyByte(t *testing.T, r *roster.Roster, text []byte, most int) {
	body := text[:bytes.LastIndex(text, []byte("END "))]
	tried := 0
	check := func(what string, at int, mutated []byte) {
		if tried++; refused(withEnd(string(mutated)), r) == nil {
			t.Fatalf("%s at byte %d, all proved:\n%s", what, at, mutated)
		}
	}
	step := 1
	if testing.Short() {
		step = 29
	}
	for at := 0; at < min(len(body), most); at += step {
		for _, v := range []byte{body[at] ^ 1, body[at] ^ 0x20, body[at] ^ 0x80, '\n', 0} {
			if v == body[at] {
				continue
			}
			mutated := bytes.Clone(body)
			mutated[at] = v
			check("another byte", at, mutated)
		}
		check("a byte less", at, append(bytes.Clone(body[:at]), body[at+1:]...))
		check("a byte more", at, append(append(bytes.Clone(body[:at]), 'A'), body[at:]...))
	}
	// Without an END that fits, and cut at every byte.
	for at := 0; at < len(text); at += step {
		mutated := bytes.Clone(text)
		if mutated[at] ^= 1; !errors.Is(refused(mutated, r), transcript.ErrMalformed) {
			t.Fatalf("byte %d altered below its END", at)
		}
		if !errors.Is(refused(text[:at], r), transcript.ErrMalformed) {
			t.Fatalf("cut at byte %d", at)
		}
	}
	t.Logf("%d mutations with an END that fits, %d without", tried, 2*(len(text)/step))
}

// TestEveryMutationOfALine drops, repeats and exchanges all lines of a small transcript,
// and cuts it behind each. All are refused, but for a receipt that is left out: nobody
// promised to show it.
func TestEveryMutationOfALine(t *testing.T) {
	t.Run("a small transcript", func(t *testing.T) { r, text := small(t); everyLine(t, r, text) })
	t.Run("across a restore", func(t *testing.T) { r, text := smallRenewed(t); everyLine(t, r, text) })
}

func everyLine(t *testing.T, r *roster.Roster, text []byte) {
	lines := strings.SplitAfter(string(text[:bytes.LastIndex(text, []byte("END "))]), "\n")
	lines = lines[:len(lines)-1]
	join := func(parts ...[]string) string {
		var b strings.Builder
		for _, p := range parts {
			b.WriteString(strings.Join(p, ""))
		}
		return b.String()
	}
	check := func(what string, at int, body string) {
		if refused(withEnd(body), r) == nil {
			t.Errorf("%s line %d, %q: all proved", what, at+1, lines[at])
		}
	}
	for i := range lines {
		if !strings.HasPrefix(lines[i], "receipt ") {
			check("without", i, join(lines[:i], lines[i+1:]))
		}
		check("twice", i, join(lines[:i+1], lines[i:]))
		if i+1 < len(lines) {
			check("cut behind", i, join(lines[:i+1]))
		}
		for j := i + 1; j < len(lines); j++ {
			if lines[i] == lines[j] {
				continue
			}
			check(fmt.Sprintf("with line %d in the place of", j+1), i,
				join(lines[:i], lines[j:j+1], lines[i+1:j], lines[i:i+1], lines[j+1:]))
		}
	}
}

// TestMutationsOfALargeTranscript alters a large one at places drawn at random.
func TestMutationsOfALargeTranscript(t *testing.T) {
	record := recordtest.New(t, rostertest.New(t, rostertest.Seed("large")))
	entries, mutations := 600, 60
	if testing.Short() {
		entries, mutations = 100, 10
	}
	for i := range entries {
		record.Say("north", fmt.Sprintf("Message %d of many, each a little different.", i))
	}
	record.Cosign("north")
	text, err := transcript.AppendFile(nil, record.File("south"))
	if err != nil {
		t.Fatal(err)
	}
	body := text[:bytes.LastIndex(text, []byte("END "))]
	draw := rand.New(rand.NewPCG(4, 11))
	for range mutations {
		mutated := bytes.Clone(body)
		at := draw.IntN(len(body))
		mutated[at] ^= byte(1 + draw.IntN(255))
		if refused(withEnd(string(mutated)), record.Line.Roster) == nil {
			t.Fatalf("byte %d altered, all proved", at)
		}
	}
}

// TestNestedBombs: bytes that are nested as deep as can be stand where an entry, its
// content, a receipt or a note would be.
func TestNestedBombs(t *testing.T) {
	line := rostertest.New(t, rostertest.Seed("bombs"))
	for name, bomb := range map[string][]byte{
		"arrays":       bytes.Repeat([]byte{0x81}, 1000),
		"maps":         bytes.Repeat([]byte{0xa1, 0x01}, 500),
		"a long array": append([]byte{0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, make([]byte, 900)...),
		"a long text":  {0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"indefinite":   bytes.Repeat([]byte{0x9f}, 1000),
		"tags":         bytes.Repeat([]byte{0xc6}, 1000),
	} {
		r := recordtest.New(t, line)
		r.Enter("north", bomb)
		n := r.Say("north", "What follows stands.")
		report := audit.Audit(r.File("south"), line.Roster)
		if w := report.Wrong; w == nil || w.Entry != 1 || report.Logs[0].Checked != n {
			t.Errorf("%s as content: %v", name, w)
		}
		f := r.File("south")
		f.Logs[0].Receipts = []transcript.Statement{{Number: n, Bytes: bomb}}
		f.Logs[0].Entries[0] = bomb
		if w := audit.Audit(f, line.Roster).Wrong; w == nil || w.Entry != 1 {
			t.Errorf("%s as an entry: %v", name, w)
		}
	}
}
