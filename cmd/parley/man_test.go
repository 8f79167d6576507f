package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

var writeMan = flag.Bool("man", false, "write docs/man anew")

// manDate is the date in the title of a page, which would tell when it was made
// and not what it describes: pages are made without one, so that they stay the
// same bytes until a command changes.
var manDate = regexp.MustCompile(`(?m)^(\.TH "[^"]+" "1") "[^"]*"`)

// manPages returns the pages of every command, by the names of their files.
func manPages(t *testing.T) map[string][]byte {
	t.Helper()
	root := (&Main{}).root()
	root.InitDefaultCompletionCmd()
	dir := t.TempDir()
	each(root, func(c *cobra.Command) { c.DisableAutoGenTag, c.Long = true, asWritten(c.Long) })
	header := &doc.GenManHeader{Section: "1", Source: "Parley", Manual: "Parley"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name()] = manDate.ReplaceAll(b, []byte(`$1 ""`))
	}
	return out
}

// asWritten keeps the lines of a table in a text as they are: a page would fill
// them up otherwise.
func asWritten(text string) string {
	parts := strings.Split(text, "\n\n")
	for i, part := range parts {
		lines := strings.Split(part, "\n")
		if slices.ContainsFunc(lines, func(l string) bool {
			return !strings.Contains(strings.TrimSpace(l), "   ") && !strings.HasPrefix(l, "  ")
		}) {
			continue
		}
		parts[i] = "    " + strings.Join(lines, "\n    ")
	}
	return strings.Join(parts, "\n\n")
}

// TestManPages makes the man pages from the commands and compares them with
// docs/man; make man writes them. It is a test because only it sees the commands,
// and so that what makes the pages is linked into no program.
func TestManPages(t *testing.T) {
	const dir = "../../docs/man"
	pages := manPages(t)
	if *writeMan {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, b := range pages {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range there {
		if pages[f.Name()] == nil {
			t.Errorf("docs/man/%s is of no command: make man", f.Name())
		}
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/man/%s is not what the command says now: make man (%v)", name, err)
		}
	}
}
