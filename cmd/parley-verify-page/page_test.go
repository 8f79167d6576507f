package main

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/transcript"
)

// files are what a person has: in a folder.
type files struct {
	t      *testing.T
	dir    string
	record *recordtest.Record
}

func (f *files) write(name string, b []byte) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	must(f.t, os.WriteFile(path, b, 0o600))
	return path
}

func (f *files) transcript(name string, spoil func(*transcript.File)) string {
	f.t.Helper()
	file := f.record.File("south")
	spoil(&file)
	text, err := transcript.AppendFile(nil, file)
	must(f.t, err)
	return f.write(name, text)
}

// arabic is a message whose lines run from the right.
const arabic = "طائرتكم على بعد 4 دقائق من مجالنا الجوي.\nEnglish stands in a line of its own."

// TestPage checks files in a real browser: from file://, dropped and chosen, with the
// keyboard, good ones and bad ones.
func TestPage(t *testing.T) {
	f := &files{t: t, dir: t.TempDir(), record: recordtest.Conversation(t, rostertest.New(t, rostertest.Seed("page")))}
	f.record.Say("south", arabic)

	if testing.Short() {
		t.Skip("builds the verifier for the browser")
	}
	page := filepath.Join(f.dir, "parley verify.html")
	must(t, run(page))
	at := (&url.URL{Scheme: "file", Path: page}).String()
	rosterFile := f.write("roster.txt", f.record.Line.Roster.Text())
	good := f.transcript("ملف transcript.txt", func(*transcript.File) {})
	altered := f.transcript("altered.txt", func(x *transcript.File) {
		x.Logs[0].Entries[0] = bytes.Replace(bytes.Clone(x.Logs[0].Entries[0]), []byte("noon"), []byte("dusk"), 1)
	})
	dropped := f.transcript("dropped.txt", func(x *transcript.File) { x.Logs[0].Entries = slices.Delete(x.Logs[0].Entries, 1, 2) })
	text, err := os.ReadFile(good)
	must(t, err)
	cut := f.write("cut.txt", text[:len(text)*2/3])
	key := transcript.LogKey{Line: f.record.Line.Roster.Line, Log: f.record.Line.North.Log, Key: f.record.Line.North.Side.LogKey}.String()

	b := newBrowser(t, at, 900)
	b.wait("document.documentElement.dataset.ready")
	b.picture("1 empty")
	check := func(name, verdict string, says ...string) {
		t.Helper()
		b.eval("document.querySelector('#result').hidden = true; document.querySelector('#go').click()")
		b.wait("!document.querySelector('#result').hidden && document.querySelector('#busy').hidden")
		got := b.text("#result")
		for _, want := range append(says, verdict) {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", name, want, got)
			}
		}
		b.picture(name)
	}
	check("2 nothing given", "Nothing was checked", "First give a roster")

	b.drop(rosterFile, good)
	b.wait("document.querySelectorAll('#words li').length === 12 && document.querySelector('#file-name').textContent !== ''")
	if words := strings.Join(strings.Fields(b.text("#words ol")), " "); words != f.record.Line.Roster.Words() {
		t.Errorf("the words are %q, want %q", words, f.record.Line.Roster.Words())
	}
	check("3 proved", "✓ Proved", "All that this file claims, and a file can prove, is proved.",
		"proved: north signed entries 1 to 4 with its log key; none is altered, missing or moved.",
		"proved: south refused entry 3 (", "not proved: that south received entry 4.", "as of checkpoint 4, ", "later messages are not excluded.")
	if focused := b.eval("document.activeElement.id"); focused != "result" {
		t.Errorf("after the answer %q has the focus: a screen reader would not read it", focused)
	}

	b.eval("document.querySelector('#show').click()")
	check("4 with messages", "✓ Proved", "Our aircraft will cross the line at noon.", "طائرتكم")
	direction := "[...document.querySelectorAll('.message div')].map((d) => getComputedStyle(d).direction + ' ' + getComputedStyle(d).unicodeBidi).slice(-2).join()"
	if got := b.eval(direction); got != "rtl isolate,ltr isolate" {
		t.Errorf("the lines of a message run %v", got)
	}

	b.drop(altered)
	check("5 altered", "✗ Not all is proved", "WRONG: In the log of north, line 5 of the file: Entry 1 has a signature that does not fit")
	b.drop(dropped)
	check("6 dropped", "✗ Not all is proved", "In the place of entry 2 stands another: entries were left out, moved or repeated.")
	b.drop(cut)
	check("7 cut off", "✗ Not all is proved", "it was cut off or altered", "Nothing in this file is proved.")
	b.eval("document.querySelector('#trust').value = 'not a roster'; document.querySelector('#trust').dispatchEvent(new Event('input'))")
	b.wait("document.querySelector('#words .wrong')")
	check("8 no roster", "Nothing was checked", "neither a roster nor a verifier key")

	b.drop(good)
	b.eval("document.querySelector('#trust').value = " + quote(key) + "; document.querySelector('#trust').dispatchEvent(new Event('input'))")
	b.wait("document.querySelector('#words p')")
	check("9 by key", "✓ Proved, as far as a key can", "A roster would prove more.", "proved: the holder of the key given signed entries 1 to 4",
		"not proved without the roster: who released what", "not proved: anything of this log. Its verifier key was not given.")

	byKeyboard(t, b)
	closed(t, b)

	narrow := newBrowser(t, at, 380)
	narrow.wait("document.documentElement.dataset.ready")
	narrow.drop(rosterFile, good)
	narrow.wait("document.querySelectorAll('#words li').length === 12")
	if wide := narrow.eval("document.documentElement.scrollWidth > innerWidth"); wide != false {
		t.Error("on a narrow screen the page must be moved sideways")
	}
	narrow.picture("10 narrow")
}

// byKeyboard walks through the page with the Tab key and checks the file with Enter.
func byKeyboard(t *testing.T, b *browser) {
	t.Helper()
	b.eval("document.activeElement.blur(); document.querySelector('#result').hidden = true; document.querySelector('h1').setAttribute('tabindex', '-1'); document.querySelector('h1').focus()")
	var order []string
	for range 5 {
		b.press("Tab", 9)
		id, _ := b.eval("document.activeElement.id").(string)
		order = append(order, id)
	}
	if got := strings.Join(order, " "); got != "roster-file trust file show go" {
		t.Errorf("Tab goes to %s", got)
	}
	b.press("Enter", 13)
	b.wait("!document.querySelector('#result').hidden && document.querySelector('#busy').hidden")
	if got := b.text("#verdict"); !strings.Contains(got, "Proved") {
		t.Errorf("with the keyboard: %s", got)
	}
	// What a screen reader is told of each thing that can be used.
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name struct{ Value string }
		}
	}
	b.call("Accessibility.getFullAXTree", nil, &tree)
	usable := 0
	for _, n := range tree.Nodes {
		switch n.Role.Value {
		case "button", "textbox", "checkbox", "progressbar":
			if usable++; !n.Ignored && n.Name.Value == "" {
				t.Errorf("a %s has no name", n.Role.Value)
			}
		}
	}
	if usable < 5 {
		t.Errorf("%d things to use, want 5 at least", usable)
	}
}

// closed: the page asked for nothing but itself, complained of nothing, and cannot
// reach a network.
func closed(t *testing.T, b *browser) {
	t.Helper()
	for _, r := range b.requests {
		if !strings.HasPrefix(r, "file:") && !strings.HasPrefix(r, "blob:") && !strings.HasPrefix(r, "about:") {
			t.Errorf("the page asked for %s", r)
		}
	}
	for _, e := range b.errors {
		t.Errorf("the page complains: %s", e)
	}
	if got := b.eval("fetch('http://127.0.0.1:9/').then(() => 'reached', () => 'refused')"); got != "refused" {
		t.Errorf("a request: %v", got)
	}
	if !slices.ContainsFunc(b.errors, func(e string) bool { return strings.Contains(e, "Content Security Policy") }) {
		t.Errorf("what stops a request is not the page's policy: %v", b.errors)
	}
}

// TestPageIsReproducible: one source, one page; and it is small.
func TestPageIsReproducible(t *testing.T) {
	a, err := assemble([]byte("program"))
	must(t, err)
	b, err := assemble([]byte("program"))
	must(t, err)
	if !bytes.Equal(a, b) {
		t.Error("two pages of one program differ")
	}
	if !bytes.Contains(a, []byte("default-src 'none'")) || strings.Contains(pageHTML+styleCSS+pageJS+workerJS, "://") {
		t.Error("the page has no policy, or knows an address")
	}
}
