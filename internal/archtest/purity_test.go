package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// eachTreaty calls visit for the files of the treaty that are not tests.
func (t *tree) eachTreaty(visit func(f *file)) {
	for _, f := range t.files {
		if at, ok := stairOf(f.pkg); ok && order[at].side == treaty && !f.test {
			visit(f)
		}
	}
}

// pure: the treaty asks neither the machine, nor the clock, nor chance.
func pure(t *tree) (bad []string) {
	t.eachTreaty(func(f *file) {
		for _, spec := range f.syntax.Imports {
			p := importPath(spec)
			if _, mine := ours(p); mine || strings.Contains(strings.Split(p, "/")[0], ".") {
				continue
			}
			if slices.Contains(pureStd, p) || f.pkg == "seal" && slices.Contains(sealStd, p) {
				continue
			}
			bad = append(bad, fmt.Sprintf("%s: the treaty is pure: %s may not import %s", t.at(spec), f.pkg, p))
		}
		f.uses(impure, func(n ast.Node, what string) {
			if f.pkg == "seal" && what == "crypto/ed25519.GenerateKey" {
				return
			}
			bad = append(bad, fmt.Sprintf("%s: the treaty is pure: %s may not use %s", t.at(n), f.pkg, what))
		})
	})
	return bad
}

// still: the treaty starts no goroutine; its callers own all concurrency.
func still(t *tree) (bad []string) {
	t.eachTreaty(func(f *file) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				bad = append(bad, fmt.Sprintf("%s: the treaty starts no goroutine", t.at(g)))
			}
			return true
		})
	})
	return bad
}

// fuzzed: every exported parser of the treaty is named inside a fuzz target of
// its package. A parser is what is called Parse, Decode or Unmarshal, and what
// is called Open or Read when it takes bytes.
func fuzzed(t *tree) (bad []string) {
	named := make(map[string]bool) // "pkg.Name" used inside a fuzz target
	for _, f := range t.files {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !f.test || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Fuzz") {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					named[f.pkg+"."+id.Name] = true
				}
				return true
			})
		}
	}
	t.eachTreaty(func(f *file) {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Name.IsExported() && parses(fn) && !named[f.pkg+"."+fn.Name.Name] {
				bad = append(bad, fmt.Sprintf("%s: %s.%s is a parser without a fuzz target in its package", t.at(fn), f.pkg, fn.Name.Name))
			}
		}
	})
	return bad
}

func parses(fn *ast.FuncDecl) bool {
	name := fn.Name.Name
	for _, p := range []string{"Parse", "Decode", "Unmarshal"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	if !strings.HasPrefix(name, "Open") && !strings.HasPrefix(name, "Read") {
		return false
	}
	return slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool { return rawBytes(p.Type) })
}

// rawBytes reports whether a parameter is []byte, string or an io.Reader.
func rawBytes(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ArrayType:
		id, ok := e.Elt.(*ast.Ident)
		return ok && e.Len == nil && id.Name == "byte"
	case *ast.Ident:
		return e.Name == "string"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Reader"
	}
	return false
}
