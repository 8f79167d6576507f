package transcript

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"parley/roster"
)

// said is a line that holds a text between so many other bytes.
func said(r *rand.Rand, before int, text string, behind int) []byte {
	b := make([]byte, before+len(text)+behind)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	copy(b[before:], text)
	return []byte("entry 7 " + base64.StdEncoding.EncodeToString(b) + "\n")
}

// TestMention: a text is found wherever it stands, and what is found is what a search for
// the words finds.
func TestMention(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, text := range []string{roster.ChangeTitle, "abcdef", strings.Repeat("ab", 90)} {
		m := newMention(text)
		naive := func(lines []byte) bool {
			for _, w := range m.words {
				if bytes.Contains(lines, []byte(w)) {
					return true
				}
			}
			return false
		}
		for before := range 100 {
			for behind := range 4 {
				if line := said(r, before, text, behind); !m.in(line) {
					t.Fatalf("%q is not found in %q", text, line)
				}
				if line := said(r, before, text[1:], behind); m.in(line) != naive(line) {
					t.Fatalf("%q: found is %t in %q", text, m.in(line), line)
				}
			}
		}
		if other := said(r, 1<<16, "", 0); m.in(other) || m.in(nil) || m.in([]byte(text)) {
			t.Errorf("%q is found where it is not", text)
		}
	}
}

// TestChanges: the cursor over changes gives each entry in which one may stand, with the
// line of it, and passes over most of the others.
func TestChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, at := range [][]uint64{nil, {1}, {5000}, {1, 5000}, {2000, 2001, 4321}} {
		f := File{Exporter: "north", Logs: [2]FileLog{{Party: "north", Log: [16]byte{1}}, {Party: "south", Log: [16]byte{2}}}}
		for i := range f.Logs {
			for n := uint64(1); n <= 5000; n++ {
				b := make([]byte, 200+r.IntN(300))
				if i == 1 && slices.Contains(at, n) {
					copy(b[r.IntN(50):], roster.ChangeTitle+"\nline "+f.Line.String()+"\n")
				}
				f.Logs[i].Entries = append(f.Logs[i].Entries, b)
			}
		}
		text, err := AppendFile(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		read, err := NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(string(text), "\n")
		given := 0
		var room []byte
		for c := read.Changes(1); ; {
			b, err := c.Next(room)
			if err != nil {
				t.Fatal(err)
			}
			if b.Count == 0 {
				break
			}
			room = b.Room()
			entries, err := b.Statements()
			if err != nil {
				t.Fatal(err)
			}
			given += len(entries)
			for i, e := range entries {
				if len(at) > 0 && e.Number == at[0] {
					at = at[1:]
				}
				if row := rows[b.line-1+i]; !strings.HasPrefix(row, "entry ") || base64.StdEncoding.EncodeToString(e.Bytes) != strings.Split(row, " ")[2] {
					t.Fatalf("entry %d does not stand in line %d", e.Number, b.line+i)
				}
			}
		}
		if len(at) > 0 || given > 2000 {
			t.Errorf("%d entries were given, and %v were not", given, at)
		}
		if b, err := read.Changes(0).Next(nil); err != nil || b.Count > 200 {
			t.Errorf("of the other log %d are given, %v", b.Count, err)
		}
	}
}
