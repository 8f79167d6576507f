//go:build !js

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/roster"
	"parley/transcript"
)

// files are a roster and what was made on its line, in a folder.
type files struct {
	t      *testing.T
	dir    string
	record *recordtest.Record
	roster string
}

// newFiles has a short conversation with everything an honest file can hold.
func newFiles(t *testing.T) *files {
	t.Helper()
	r := recordtest.Conversation(t, rostertest.New(t, rostertest.Seed("parley-verify")))
	f := &files{t: t, dir: t.TempDir(), record: r}
	f.roster = f.write("roster", r.Line.Roster.Text())
	return f
}

func (f *files) write(name string, b []byte) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

func (f *files) text(file transcript.File) []byte {
	f.t.Helper()
	text, err := transcript.AppendFile(nil, file)
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

func call(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, nil, &out, &errs)
	return code, out.String(), errs.String()
}

func TestProved(t *testing.T) {
	f := newFiles(t)
	name := f.write("transcript", f.text(f.record.File("south")))
	code, out, errs := call("--roster", f.roster, "--show", name)
	if code != exitProved || errs != "" {
		t.Fatalf("exit %d, %s\n%s", code, errs, out)
	}
	out = strings.Replace(out, name, "transcript", 1)
	words := strings.Fields(f.record.Line.Roster.Words())
	out = strings.Replace(out, strings.Join(words[:6], " "), "(six words)", 1)
	out = strings.Replace(out, strings.Join(words[6:], " "), "(six more)", 1)
	golden := filepath.Join("testdata", "proved.txt")
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out != string(want) {
		t.Errorf("the output is not %s but\n%s", golden, out)
	}
}

func TestWrong(t *testing.T) {
	f := newFiles(t)
	file := f.record.File("south")
	file.Logs[0].Refusals = nil
	file.Logs[0].Entries[3] = file.Logs[0].Entries[0]
	name := f.write("transcript", f.text(file))
	code, out, _ := call("--roster", f.roster, name)
	for _, want := range []string{
		"WRONG: In the log of north, line 7 of the file: Entry 3 is not signed by as many officers as the terms ask for.\n",
		"looked at: entries 1 to 3; ", "wrong: In the place of entry 4 stands another: ", "proved: south signed entry 1 ",
		"For an engineer: log of north, entry 3: verify: 1 signed, flash text needs 2: not exactly the quorum\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if code != exitUnproved || strings.Contains(out, "as of checkpoint 4") {
		t.Errorf("exit %d, and it claims a checkpoint:\n%s", code, out)
	}
}

// TestPlainly: what is wrong is told in sentences that a person can read, without a
// hash; a log of which nothing is proved says so, and counts nothing.
func TestPlainly(t *testing.T) {
	f := newFiles(t)
	hash := regexp.MustCompile(`[0-9a-f]{16}`)
	reword := func(x *transcript.File, i int, from, to string) {
		x.Logs[0].Entries[i] = bytes.Replace(bytes.Clone(x.Logs[0].Entries[i]), []byte(from), []byte(to), 1)
	}
	for name, tt := range map[string]struct {
		spoil func(x *transcript.File)
		want  string
	}{
		"an altered text":    {func(x *transcript.File) { reword(x, 0, "noon", "dusk") }, "Entry 1 has a signature that does not fit"},
		"one with a receipt": {func(x *transcript.File) { reword(x, 1, "Hold", "Fold") }, "What south receipted or refused there is not entry 2 as it stands here"},
		"the last one":       {func(x *transcript.File) { reword(x, 3, "3000", "9000") }, "Entry 4 has a signature that does not fit"},
		"left out":           {func(x *transcript.File) { x.Logs[0].Entries = slices.Delete(x.Logs[0].Entries, 1, 2) }, "In the place of entry 2 stands another"},
		"cut short":          {func(x *transcript.File) { x.Logs[0].Entries = x.Logs[0].Entries[:3] }, "Entry 4 is missing from the file: north signed that its log has it."},
		"no checkpoint":      {func(x *transcript.File) { x.Logs[0].Checkpoint = nil }, "No checkpoint that north signed covers entry 1"},
		"another checkpoint": {func(x *transcript.File) { x.Logs[0].Checkpoint = x.Logs[1].Checkpoint }, "is of another log or line"},
		"a receipt moved":    {func(x *transcript.File) { x.Logs[0].Receipts[0].Number = 1 }, "What south receipted or refused there is not entry 1"},
		"a receipt of ours":  {func(x *transcript.File) { x.Logs[0].Receipts[0].Bytes = x.Logs[0].Refusals[0].Bytes }, "The receipt or refusal of entry 2 is not signed by south"},
		"another line":       {func(x *transcript.File) { x.Line[0] ^= 1 }, "of another line than this roster"},
		"the other log gone": {func(x *transcript.File) {
			x.Exporter = "north"
			x.Logs[0] = transcript.FileLog{Party: "north", Log: x.Logs[0].Log}
		}, "Entry 1 says that more of north's log had been seen than stands in this file"},
	} {
		file := f.record.File("south")
		tt.spoil(&file)
		code, out, _ := call("--roster", f.roster, f.write("altered", f.text(file)))
		told, _, found := strings.Cut(out, "\n  For an engineer: ")
		if code != exitUnproved || !found || !strings.Contains(told, "WRONG: ") || !strings.Contains(told, tt.want) {
			t.Errorf("%s: exit %d, no %q in\n%s", name, code, tt.want, out)
		}
		if hash.MatchString(told) || strings.Contains(told, " 0 messages") {
			t.Errorf("%s: no sentence for a person:\n%s", name, out)
		}
	}
}

// TestEveryByte: an altered copy is refused, whichever byte was altered, and so
// is a cut one.
func TestEveryByte(t *testing.T) {
	f := newFiles(t)
	short := recordtest.New(t, f.record.Line)
	short.Say("north", "All is quiet.")
	short.Cosign("north")
	text := f.text(short.File("south"))
	step := 1
	if testing.Short() {
		step = 11
	}
	for at := 0; at < len(text); at += step {
		altered := bytes.Clone(text)
		altered[at] ^= 1 << (at % 8)
		code, out, errs := call("--roster", f.roster, f.write("altered", altered))
		if code != exitUnproved || !strings.Contains(out, "WRONG") {
			t.Fatalf("byte %d altered: exit %d, %s\n%s", at, code, errs, out)
		}
		if at%7 != 0 {
			continue
		}
		if code, _, errs = call("--roster", f.roster, f.write("cut", text[:at])); code != exitUnproved {
			t.Fatalf("cut at byte %d: exit %d, %s", at, code, errs)
		}
	}
}

func TestFork(t *testing.T) {
	f := newFiles(t)
	told := recordtest.New(t, f.record.Line)
	told.Say("north", "Something else.")
	a, b := f.record.File("north").Logs[0], told.File("north").Logs[0]
	var leaves leaves
	for _, e := range a.Entries {
		leaves = append(leaves, transcript.LeafHash(e))
	}
	fork, err := transcript.ProveFork(b.Checkpoint, a.Checkpoint, leaves, f.record.Line.Roster)
	if err != nil {
		t.Fatal(err)
	}
	text, err := transcript.AppendFork(nil, fork)
	if err != nil {
		t.Fatal(err)
	}
	code, out, _ := call("--roster", f.roster, f.write("fork", text))
	if code != exitProved || !strings.Contains(out, "the log key of north signed two histories") {
		t.Errorf("exit %d\n%s", code, out)
	}
	fork.A = fork.B
	if text, err = transcript.AppendFork(nil, fork); err != nil {
		t.Fatal(err)
	}
	if code, out, _ = call("--roster", f.roster, f.write("fork", text)); code != exitUnproved || !strings.Contains(out, "WRONG: This is not a file as the specification writes it") {
		t.Errorf("not a fork: exit %d\n%s", code, out)
	}
}

type leaves []parley.Hash

func (l leaves) Leaf(index uint64) (parley.Hash, error) { return l[index], nil }

func TestJSON(t *testing.T) {
	f := newFiles(t)
	good := f.write("good", f.text(f.record.File("south")))
	bad := f.write("bad", []byte("no transcript"))
	code, out, _ := call("--roster", f.roster, "--json", "--show", good, bad)
	if code != exitUnproved {
		t.Errorf("exit %d, want %d", code, exitUnproved)
	}
	var got jsonOutput
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if got.Proved || got.Words != f.record.Line.Roster.Words() || len(got.Files) != 2 {
		t.Fatalf("got\n%s", out)
	}
	if g := got.Files[0]; !g.Proved || g.Exporter != "south" || len(g.Logs) != 2 || g.Logs[0].Receipted != 3 || len(g.Logs[0].Messages.([]any)) != 3 ||
		len(g.Logs[0].Refused) != 1 || g.Logs[0].Refused[0].Reason != 4 || g.Wrong != nil {
		t.Errorf("the good file:\n%s", out)
	}
	if g := got.Files[1]; g.Proved || g.Wrong == nil || g.Logs != nil {
		t.Errorf("the bad file:\n%s", out)
	}
}

func TestCouldNotLook(t *testing.T) {
	f := newFiles(t)
	good := f.write("transcript", f.text(f.record.File("south")))
	other := rostertest.New(t)
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"nothing", nil, exitUnread, "usage:"},
		{"no roster", []string{good}, exitUnread, "--roster FILE"},
		{"no transcript", []string{"--roster", f.roster, "--json"}, exitUnread, "at least one transcript"},
		{"an unknown flag", []string{"--rooster", f.roster, good}, exitUnread, "rooster"},
		{"a roster that is not there", []string{"--roster", f.roster + "x", good}, exitUnread, "no such file"},
		{"a roster that is none", []string{"--roster", good, good}, exitUnread, "roster"},
		{"a roster without end", []string{"--roster", f.write("large", make([]byte, roster.MaxFile+1)), good}, exitUnread, "the most that is read here"},
		{"a transcript that is not there", []string{"--roster", f.roster, good + "x", good}, exitUnread, "no such file"},
		{"a folder", []string{"--roster", f.roster, f.dir}, exitUnread, "is a directory"},
		{"another roster", []string{"--roster", f.write("other", other.Roster.Text()), good}, exitUnproved, "not of the roster given"},
		{"help", []string{"--help"}, exitProved, "usage:"},
	} {
		code, out, errs := call(tt.args...)
		if code != tt.code || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s: exit %d, want %d and %q\n%s%s", tt.name, code, tt.code, tt.says, out, errs)
		}
	}
}

// TestKey: with the verifier key of a log, one line of text, less is proved, and what is
// not is said.
func TestKey(t *testing.T) {
	f := newFiles(t)
	good := f.write("good", f.text(f.record.File("south")))
	code, out, _ := call("--roster", f.roster)
	var keys []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "parley/v1/") {
			keys = append(keys, strings.TrimSpace(line))
		}
	}
	if code != exitProved || len(keys) != 2 || !strings.Contains(out, "verifier key of the log of north") {
		t.Fatalf("exit %d\n%s", code, out)
	}
	code, out, errs := call("--key", keys[0], good)
	for _, want := range []string{
		"Whoever gave you a key says whose log it is", "the key given can prove, is proved. A roster would prove more.", ", of north as the file says: 4 entries\n",
		"proved: the holder of the key given signed entries 1 to 4; none is altered, missing or moved.\n", "claimed: that the log is north's",
		"not proved without the roster: who released what, and what south received, receipted or refused.\n",
		"as of checkpoint 4, ", "later messages are not excluded.", "not proved: anything of this log. Its verifier key was not given.\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if code != exitProved || strings.Contains(out, "quorum") {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	file := f.record.File("south")
	file.Logs[0].Entries[2] = file.Logs[0].Entries[0]
	bad := f.write("bad", f.text(file))
	if code, out, _ = call("--key", keys[0], "--json", bad); code != exitUnproved || !strings.Contains(out, `"entry": 3`) || !strings.Contains(out, `"basis": "key"`) {
		t.Errorf("altered: exit %d\n%s", code, out)
	}
	if code, out, _ = call("--key", keys[1], bad); code != exitProved || strings.Count(out, "anything of this log") != 1 {
		t.Errorf("the other log: exit %d\n%s", code, out)
	}
	if code, _, errs := call("--key", keys[0]+"A", good); code != exitUnread || !strings.Contains(errs, "-key") || strings.Contains(errs, "usage:") {
		t.Errorf("a bad key: exit %d, %s", code, errs)
	}
	for _, args := range [][]string{
		{"--key", keys[0], "--key", keys[0], good}, {"--key", keys[0], "--roster", f.roster, good},
		{"--key", keys[0], "--show", good}, {"--key", keys[0]},
	} {
		if code, _, errs := call(args...); code != exitUnread || !strings.Contains(errs, "usage:") {
			t.Errorf("%q: exit %d, %s", args[1:], code, errs)
		}
	}
}

// TestStandardInput: what can be read once only is read all the same.
func TestStandardInput(t *testing.T) {
	f := newFiles(t)
	text := f.text(f.record.File("south"))
	var out, errs bytes.Buffer
	if code := run([]string{"--roster", f.roster, "-"}, bytes.NewReader(text), &out, &errs); code != exitProved {
		t.Errorf("exit %d, %s\n%s", code, &errs, &out)
	}
	out.Reset()
	if code := run([]string{"--roster", f.roster, "-"}, bytes.NewReader(text[:len(text)-9]), &out, &errs); code != exitUnproved {
		t.Errorf("cut off: exit %d, %s\n%s", code, &errs, &out)
	}
}

// TestManyMessages: what is shown may be more than memory holds, in both forms.
func TestManyMessages(t *testing.T) {
	f := newFiles(t)
	for range 40 {
		f.record.Say("south", strings.Repeat("A long text. ", 2500))
	}
	name := f.write("long", f.text(f.record.File("south")))
	code, out, errs := call("--roster", f.roster, "--show", name)
	if code != exitProved || strings.Count(out, "A long text. A long") < 40 || strings.Index(out, "south/41,") < strings.Index(out, "later messages") {
		t.Errorf("exit %d, %s, %d bytes", code, errs, len(out))
	}
	var got jsonOutput
	if code, out, errs = call("--roster", f.roster, "--show", "--json", name); code != exitProved || json.Unmarshal([]byte(out), &got) != nil {
		t.Fatalf("exit %d, %s, %d bytes", code, errs, len(out))
	}
	if n := len(got.Files[0].Logs[1].Messages.([]any)); n != 41 {
		t.Errorf("%d messages", n)
	}
}

// TestBar: the line is short, whatever the file is called, and says how long it takes.
func TestBar(t *testing.T) {
	for _, tt := range []struct {
		share float64
		want  string
	}{{0, "0 %  …"}, {0.25, "25 %  0:30 left"}, {1, "100 %  0:00 left"}, {7, "100 %"}} {
		for _, name := range []string{"a.txt", strings.Repeat("long", 50), "\x1b[31m"} {
			got := barLine(name, tt.share, 10*time.Second)
			if !strings.Contains(got, tt.want) || len(got) > 100 || strings.Contains(got, "\x1b") {
				t.Errorf("%v of %q: %q", tt.share, name, got)
			}
		}
	}
}
