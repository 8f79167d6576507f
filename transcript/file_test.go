package transcript_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/transcript"
	"parley/wire"
)

// aFile is a file whose notes are real and whose entries are not: nothing here
// looks into them.
func aFile(t testing.TB, line *rostertest.Line) transcript.File {
	t.Helper()
	l := someLeaves(3, "entry")
	note := checkpointOf(t, line, line.North, 3, l)
	return transcript.File{
		Line:     line.Roster.Line,
		Exporter: "south",
		Logs: [2]transcript.FileLog{
			{
				Party: "north", Log: line.North.Log, Entries: [][]byte{{1}, {2, 2}, {3, 3, 3}}, Checkpoint: note,
				Cosigned: checkpointOf(t, line, line.North, 2, l),
				Receipts: []transcript.Statement{{Number: 1, Bytes: []byte{7}}, {Number: 3, Bytes: []byte{8}}},
				Refusals: []transcript.Statement{{Number: 2, Bytes: []byte{9}}},
			},
			{Party: "south", Log: line.South.Log},
		},
	}
}

func TestFile(t *testing.T) {
	f := aFile(t, rostertest.New(t))
	text, err := transcript.AppendFile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	read, err := transcript.ParseFile(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if fmt.Sprint(read) != fmt.Sprint(f) {
		t.Errorf("wrote %v\nread %v", f, read)
	}
	for at := range text {
		if _, err := transcript.ParseFile(text[:at]); !errors.Is(err, transcript.ErrMalformed) {
			t.Fatalf("cut at byte %d: got %v, want ErrMalformed", at, err)
		}
	}
}

func TestLargestEntry(t *testing.T) {
	f := aFile(t, rostertest.New(t))
	f.Logs[0].Entries[2] = make([]byte, wire.MaxEntry)
	text, err := transcript.AppendFile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := transcript.ParseFile(text); err != nil {
		t.Error(err)
	}
}

func TestAppendFileRefuses(t *testing.T) {
	line := rostertest.New(t)
	for name, spoil := range map[string]func(*transcript.File){
		"parties not sorted":        func(f *transcript.File) { f.Logs[0], f.Logs[1] = f.Logs[1], f.Logs[0] },
		"one log twice":             func(f *transcript.File) { f.Logs[1].Log = f.Logs[0].Log },
		"an exporter without a log": func(f *transcript.File) { f.Exporter = "west" },
		"a bad name":                func(f *transcript.File) { f.Logs[0].Party = "N" },
		"an empty entry":            func(f *transcript.File) { f.Logs[0].Entries[1] = nil },
		"a huge entry":              func(f *transcript.File) { f.Logs[0].Entries[1] = make([]byte, 50_000) },
		"an open note":              func(f *transcript.File) { f.Logs[0].Checkpoint = []byte("no end") },
		"a note with loose spaces":  func(f *transcript.File) { f.Logs[0].Cosigned = []byte("a \n") },
		"a receipt of no entry":     func(f *transcript.File) { f.Logs[0].Receipts[1].Number = 4 },
		"a receipt of entry 0":      func(f *transcript.File) { f.Logs[0].Receipts[0].Number = 0 },
		"receipts not sorted":       func(f *transcript.File) { f.Logs[0].Receipts[0].Number = 3 },
		"an empty refusal":          func(f *transcript.File) { f.Logs[0].Refusals[0].Bytes = nil },
	} {
		f := aFile(t, line)
		spoil(&f)
		if _, err := transcript.AppendFile(nil, f); !errors.Is(err, transcript.ErrMalformed) {
			t.Errorf("%s: got %v, want ErrMalformed", name, err)
		}
	}
}

func TestParseFileSaysTheLine(t *testing.T) {
	text, err := transcript.AppendFile(nil, aFile(t, rostertest.New(t)))
	if err != nil {
		t.Fatal(err)
	}
	body := string(text[:bytes.LastIndex(text, []byte("END "))])
	for _, tt := range []struct{ name, old, new, says string }{
		{"number", "entry 2 ", "entry 3 ", "line 6: entry: malformed: entry 3 stands in the place of entry 2"},
		{"count", " 3\nentry 1 ", " 4\nentry 1 ", "has 3 entries, it says 4"},
		{"leading zero", "entry 1 ", "entry 01 ", `line 5: entry: malformed: "01" is not a number`},
		{"loose base64", "entry 1 AQ==", "entry 1 AR==", `line 5: entry: malformed: "AR==" is not base64`},
		{"keyword", "exporter", "exported", "line 3: exporter: malformed: this line must stand here"},
		{"party", "exporter south", "exporter South", "line 3: exporter: malformed"},
		{"two spaces", "exporter south", "exporter  south", "line 3: exporter: malformed"},
		{"space behind", "|\n", "| \n", "line 12: checkpoint: malformed: a space at the end of a line"},
		{"a long line", "entry 1 AQ==", "entry 1 " + strings.Repeat("AAAA", 17_000), "line 5: entry: malformed: a line of more than"},
		{"title", "transcript v1", "transcript v2", "this program reads v1 only"},
	} {
		if !strings.Contains(body, tt.old) {
			t.Fatalf("%s: no %q in\n%s", tt.name, tt.old, body)
		}
		_, err := transcript.ParseFile(withEnd(strings.Replace(body, tt.old, tt.new, 1)))
		if !errors.Is(err, transcript.ErrMalformed) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.says)
		}
	}
}

func FuzzFile(f *testing.F) {
	text, err := transcript.AppendFile(nil, aFile(f, rostertest.New(f)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text[:bytes.LastIndex(text, []byte("END "))]))
	f.Add("parley-transcript v1\nline " + parley.LineID{}.String() + "\n")
	f.Fuzz(func(t *testing.T, body string) {
		text := withEnd(body) // a fuzzer does not find SHA-256
		file, err := transcript.ParseFile(text)
		if err != nil {
			return
		}
		again, err := transcript.AppendFile(nil, file)
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q reads and writes as %q, %v", text, again, err)
		}
	})
}
