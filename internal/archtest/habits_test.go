package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// keyless: only the keyring reads and writes private keys. Tests make their own,
// and deniable derives keys that two parties know and no disk holds.
func keyless(t *tree) (bad []string) {
	for _, f := range t.files {
		if at, _ := stairOf(f.pkg); f.test || inTree(f.pkg, "internal/keyring") || inTree(f.pkg, "deniable") || at >= 0 && order[at].side == proof {
			continue
		}
		f.uses(keyFunctions, func(n ast.Node, what string) {
			bad = append(bad, fmt.Sprintf("%s: only internal/keyring handles private keys: %s may not use %s", t.at(n), f.pkg, what))
		})
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && keyFile(lit.Value) {
				bad = append(bad, fmt.Sprintf("%s: only internal/keyring knows key files: %s may not name %s", t.at(lit), f.pkg, lit.Value))
			}
			return true
		})
	}
	return bad
}

// keyFile reports whether a literal names a file of private keys.
func keyFile(literal string) bool {
	s, err := strconv.Unquote(literal)
	if err != nil || strings.ContainsAny(s, " \n") {
		return false
	}
	base := path.Base(s)
	return strings.HasSuffix(base, ".key") || base == "station.keys" || strings.HasPrefix(s, "parley-key")
}

// meaning: a package is named for what it holds.
func meaning(t *tree) (bad []string) {
	for _, f := range t.files {
		elements := append(strings.Split(path.Dir(f.path), "/"), f.syntax.Name.Name)
		for _, e := range elements {
			if slices.Contains(badNames, e) {
				bad = append(bad, fmt.Sprintf("%s: the name %q says nothing about what is inside", f.path, e))
			}
		}
	}
	return bad
}

// explicit: nothing happens because a package is linked: no init, and no import
// for its effect, nor one whose names appear from nowhere.
func explicit(t *tree) (bad []string) {
	for _, f := range t.files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				bad = append(bad, fmt.Sprintf("%s: no init functions: what starts is started by main", t.at(fn)))
			}
		}
		for _, spec := range f.syntax.Imports {
			if spec.Name == nil {
				continue
			}
			p := importPath(spec)
			switch {
			case spec.Name.Name == ".":
				bad = append(bad, fmt.Sprintf("%s: no dot imports: a reader must see where %s's names come from", t.at(spec), p))
			case spec.Name.Name == "_" && p != "embed" && !f.test && !f.main() && !slices.Contains(blankImports[f.pkg], p):
				bad = append(bad, fmt.Sprintf("%s: no blank import of %s outside main and tests", t.at(spec), p))
			}
		}
	}
	return bad
}

// awake: no test waits for time to pass. time.Sleep is for synctest bubbles,
// where it moves the bubble's clock.
func awake(t *tree) []string { return awakeBut(t, sleepers) }

func awakeBut(t *tree, sleepers []string) (bad []string) {
	sleep := map[string][]string{"time": {"Sleep"}}
	for _, f := range t.files {
		if !f.test {
			continue
		}
		var bubbles []ast.Node
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				sel, ok := n.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && f.names[x.Name] == "testing/synctest" && sel.Sel.Name == "Test" {
					bubbles = append(bubbles, n)
				}
			case *ast.FuncDecl:
				if slices.Contains(sleepers, f.path+","+n.Name.Name) {
					bubbles = append(bubbles, n)
				}
			}
			return true
		})
		f.uses(sleep, func(n ast.Node, _ string) {
			inside := func(b ast.Node) bool { return b.Pos() <= n.Pos() && n.End() <= b.End() }
			if !slices.ContainsFunc(bubbles, inside) {
				bad = append(bad, fmt.Sprintf("%s: no test may sleep: wait for the event, with a limit, or use a synctest bubble", t.at(n)))
			}
		})
	}
	return bad
}
