package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"testing"
)

const module = "parley"

// file is one parsed Go file.
type file struct {
	path   string // from the module root, with slashes
	pkg    string // its directory as the policy names it: "parley" for the root
	test   bool
	syntax *ast.File
	names  map[string]string // the name of each import in this file → its path
}

func (f *file) main() bool { return f.syntax.Name.Name == "main" }

// tree is every Go file of the module, in the order of their paths.
type tree struct {
	fset  *token.FileSet
	files []*file
}

func (t *tree) at(n ast.Node) string { return t.fset.Position(n.Pos()).String() }

// load parses all Go files below root, except those of testdata, of hidden
// folders and of nested modules.
func load(root fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skip(root, p)
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		src, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(t.fset, p, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		pkg := path.Dir(p)
		if pkg == "." {
			pkg = module
		}
		f := &file{path: p, pkg: pkg, test: strings.HasSuffix(p, "_test.go"), syntax: syntax}
		f.names = importNames(syntax)
		t.files = append(t.files, f)
		return nil
	})
	return t, err
}

func skip(root fs.FS, dir string) error {
	if dir == "." {
		return nil
	}
	base := path.Base(dir)
	if base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, path.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

// importNames takes a package's name from the last element of its path that is
// not a version: right for the standard library, which is all the rules about
// names ask for.
func importNames(f *ast.File) map[string]string {
	names := make(map[string]string)
	for _, spec := range f.Imports {
		p := importPath(spec)
		name := path.Base(p)
		if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
			name = path.Base(path.Dir(p))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return p
}

// uses calls found for every selector pkg.Name in f whose package is a key of
// listed and whose name is among its values.
func (f *file) uses(listed map[string][]string, found func(n ast.Node, what string)) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		for _, name := range listed[f.names[x.Name]] {
			if name == sel.Sel.Name {
				found(sel, f.names[x.Name]+"."+name)
			}
		}
		return true
	})
}

// ours returns the name that the policy gives to an import path of Parley.
func ours(p string) (string, bool) {
	if p == module {
		return module, true
	}
	return strings.CutPrefix(p, module+"/")
}

// inTree reports whether p is root or lies below it, on a boundary of elements.
func inTree(p, root string) bool {
	root = strings.TrimSuffix(root, "/...")
	return p == root || strings.HasPrefix(p, root+"/")
}

func words(s string) []string { return strings.Fields(s) }

func TestTreeSkips(t *testing.T) {
	got, err := load(planted(map[string]string{
		"a/a.go":               "package a",
		"a/testdata/b.go":      "not Go",
		".hidden/c.go":         "not Go",
		"tools/go.mod":         "module parley/tools",
		"tools/deeper/tool.go": "not Go",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.files) != 1 || got.files[0].path != "a/a.go" {
		t.Errorf("read %d files, want a/a.go alone", len(got.files))
	}
}
