package roster_test

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
)

var update = flag.Bool("update", false, "write testdata anew, after a deliberate change of a format")

// The files of one whole ceremony stay what they are, to the byte: whoever
// changes a format sees it here first.
func TestExamples(t *testing.T) {
	l := rostertest.New(t, rostertest.Seed("example"),
		rostertest.QuorumKind(parley.Acknowledgement, 1),
		rostertest.Channels(
			roster.Channel{Name: "fibre", Kind: roster.TCP, Listener: "north", Address: "192.0.2.7:4700"},
			roster.Channel{Name: "satellite", Kind: roster.TCP, Listener: "south", Address: "[2001:db8::7]:4700", Narrow: true},
			roster.Channel{Name: "courier", Kind: roster.Pouch}))
	files := map[string][]byte{
		"north.card": l.North.Card,
		"south.card": l.South.Card,
		"invite":     l.Invite,
		"accept":     l.Accept,
		"roster":     l.Roster.Text(),
		"words":      []byte(l.Roster.Words() + "\n"),
	}
	for name, text := range files {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(kept, text) {
			t.Errorf("%s is not what it was:\n%s", path, text)
		}
	}

	// The kept files are read, not only written.
	invite, accept := files["invite"], files["accept"]
	r, err := roster.Confirm(invite, accept)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.CheckWords(string(files["words"])); err != nil {
		t.Error(err)
	}

	spec, err := os.ReadFile(filepath.Join("..", "spec", "ROSTER.md"))
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"roster": string(r.Text()), "line": r.Line.String(), "words": r.Words()} {
		if !strings.Contains(string(spec), text) {
			t.Errorf("spec/ROSTER.md does not show the example's %s:\n%s", what, text)
		}
	}
}

func ExampleConfirm() {
	invite, err := os.ReadFile("testdata/invite") // the copy north kept
	if err != nil {
		log.Fatal(err)
	}
	accept, err := os.ReadFile("testdata/accept") // what came from south
	if err != nil {
		log.Fatal(err)
	}
	r, err := roster.Confirm(invite, accept)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Words())
	fmt.Println(r.CheckWords("Gas panic SHELL dad expand dirt opera shrub oppose cook wolf extend")) // as heard

	// Output:
	// gas panic shell dad expand dirt opera scrub oppose cook wolf extend
	// the words differ: word 8 is not the same on both sides; have it read again, and if it still differs do not use this line: the files were changed on the way, start the ceremony again
}
