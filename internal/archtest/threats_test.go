package archtest

import (
	"go/ast"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// threatModel is the document whose every claim must name what holds it.
const threatModel = "docs/threat-model.md"

// TestThreatModel holds the threat model to the tree: every row of its tables
// names at least one test, and every test it names is there.
func TestThreatModel(t *testing.T) {
	dir := os.DirFS(root(t))
	text, err := fs.ReadFile(dir, threatModel)
	if err != nil {
		t.Fatal(err)
	}
	all, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	bad, rows := threats(string(text), all.tests())
	for _, b := range bad {
		t.Errorf("%s: %s", threatModel, b)
	}
	if rows < 20 {
		t.Errorf("%s has %d rows: too few to be what it says it is", threatModel, rows)
	}
}

// testName is a test as the document names it: `package.TestName`.
var testName = regexp.MustCompile("`([a-z][a-z0-9/-]*)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")

// threats returns what is wrong with a threat model, and how many rows its
// tables have. A table's last column is the one that names tests.
func threats(text string, tests map[string]bool) (bad []string, rows int) {
	for _, m := range testName.FindAllStringSubmatch(text, -1) {
		if name := m[1] + "." + m[2]; !tests[name] {
			bad = append(bad, "there is no test "+name)
		}
	}
	inTable := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			inTable = false
		case strings.Trim(line, "|-: ") == "":
			inTable = true // below its heading
		case inTable:
			rows++
			cells := strings.Split(strings.Trim(line, "|"), "|")
			if last := cells[len(cells)-1]; !testName.MatchString(last) {
				bad = append(bad, "this row names no test in its last column: "+line)
			}
		}
	}
	return bad, rows
}

// tests returns the names of all test functions, as `internal/station.TestName`
// and, where the package lies in internal, also without that word.
func (t *tree) tests() map[string]bool {
	names := make(map[string]bool)
	for _, f := range t.files {
		if !f.test {
			continue
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") && !strings.HasPrefix(fn.Name.Name, "Fuzz") {
				continue
			}
			names[f.pkg+"."+fn.Name.Name] = true
			if p, ok := strings.CutPrefix(f.pkg, "internal/"); ok {
				names[p+"."+fn.Name.Name] = true
			}
		}
	}
	return names
}

// A document that claims too much is found out.
func TestThreatsAreFound(t *testing.T) {
	all, err := load(planted(map[string]string{
		"internal/a/a_test.go": "package a\nfunc TestOne() {}\nfunc helper() {}",
		"b/b_test.go":          "package b\nfunc FuzzTwo() {}",
	}))
	if err != nil {
		t.Fatal(err)
	}
	text := "| stolen | held by |\n|---|---|\n| a | `a.TestOne`, `b.FuzzTwo` |\n| b | nothing |\n| c | `a.TestNone` |\n\n| not | a table\n"
	bad, rows := threats(text, all.tests())
	want := []string{"there is no test a.TestNone", "this row names no test in its last column: | b | nothing |"}
	if !slices.Equal(bad, want) || rows != 3 {
		t.Errorf("found %q in %d rows, want %q in 3", bad, rows, want)
	}
}
