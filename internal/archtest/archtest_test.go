package archtest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// rules are all that this package checks, each by the name that a planted
// source below uses.
var rules = map[string]func(*tree) []string{
	"placed":   placed,
	"ordered":  ordered,
	"foreign":  foreign,
	"offline":  offline,
	"pure":     pure,
	"still":    still,
	"fuzzed":   fuzzed,
	"keyless":  keyless,
	"meaning":  meaning,
	"explicit": explicit,
	"awake":    awake,
}

// TestHouseKeepsItsShape is the check itself: every rule on every file of the
// module.
func TestHouseKeepsItsShape(t *testing.T) {
	all, err := load(os.DirFS(root(t)))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(all.files, func(f *file) bool { return f.pkg == module }) {
		t.Fatal("found no file of the root package: the module root is not where this test looked")
	}
	for name, rule := range rules {
		for _, b := range rule(all) {
			t.Errorf("%s: %s", name, b)
		}
	}
}

// root returns the folder of the module's go.mod.
func root(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = up
	}
}

// TestOrderNamesEachPackageOnce keeps the table itself honest.
func TestOrderNamesEachPackageOnce(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range order {
		for _, p := range s.packages {
			if seen[p] {
				t.Errorf("%s stands on two stairs", p)
			}
			seen[p] = true
		}
		for _, o := range s.only {
			if o != "" {
				if _, ok := stairOf(o); !ok {
					t.Errorf("%v may import %s, which stands nowhere", s.packages, o)
				}
			}
		}
	}
}

// TestDesignDrawsEveryPackage: what stands in the order stands in the drawing of
// DESIGN.md §3 too.
func TestDesignDrawsEveryPackage(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root(t), "DESIGN.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, drawing, _ := strings.Cut(string(b), "\n## 3. ")
	drawing, _, _ = strings.Cut(drawing, "\n## 4. ")
	for _, s := range order {
		for _, p := range s.packages {
			name := path.Base(strings.TrimSuffix(p, "/..."))
			if s.side != proof && !strings.Contains(drawing, " "+name+"/") && name != module {
				t.Errorf("the drawing of DESIGN.md §3 does not show %s", p)
			}
		}
	}
}

// planted makes a tree of small sources.
func planted(files map[string]string) fs.FS {
	m := make(fstest.MapFS)
	for name, src := range files {
		m[name] = &fstest.MapFile{Data: []byte(src)}
	}
	return m
}

// TestRules proves that each rule can fail: bad plants break the rule they
// name, with the words given; good plants, which have no words, keep it.
func TestRules(t *testing.T) {
	tested := make(map[string]bool)
	for _, c := range plants {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			got, err := load(planted(map[string]string{c.path: c.src}))
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Join(rules[c.rule](got), "\n")
			switch {
			case c.says == "" && found != "":
				t.Errorf("refused what is allowed: %s", found)
			case c.says != "" && !strings.Contains(found, c.says):
				t.Errorf("said %q, want %q in it", found, c.says)
			}
		})
		tested[c.rule] = tested[c.rule] || c.says != ""
	}
	for name := range rules {
		if !tested[name] {
			t.Errorf("rule %s has no plant that breaks it", name)
		}
	}
}

// TestFuzzedParserPasses is the plant of two files that the table cannot hold.
func TestFuzzedParserPasses(t *testing.T) {
	got, err := load(planted(map[string]string{
		"wire/a.go":      `package wire; func ParseFrame(b []byte) {}; func ParseOther(b []byte) {}`,
		"wire/a_test.go": `package wire; import "testing"; func FuzzFrame(f *testing.F) { check(f, ParseFrame) }; func TestOther() { ParseOther(nil) }`,
		"seal/a_test.go": `package seal; import "testing"; func FuzzOther(f *testing.F) { ParseOther() }`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if found := fuzzed(got); len(found) != 1 || !strings.Contains(found[0], "ParseOther") {
		t.Errorf("said %q, want ParseOther alone", found)
	}
}

// TestListedSleeperPasses: a function on the list may sleep, its neighbour not.
func TestListedSleeperPasses(t *testing.T) {
	const src = `package link; import "time"; func in() { time.Sleep(1) }; func out() { time.Sleep(1) }`
	got, err := load(planted(map[string]string{"link/a_test.go": src}))
	if err != nil {
		t.Fatal(err)
	}
	if found := awakeBut(got, words("link/a_test.go,in")); len(found) != 1 {
		t.Errorf("said %q, want the one in out", found)
	}
}
