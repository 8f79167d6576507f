package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// stairOf returns the stair of a package; names of single packages go before
// names of trees, and longer names before shorter.
func stairOf(pkg string) (int, bool) {
	best, at := -1, -1
	for i, s := range order {
		for _, p := range s.packages {
			whole := strings.HasSuffix(p, "/...")
			if pkg == p || whole && inTree(pkg, p) {
				if l := len(strings.TrimSuffix(p, "/...")); l > best {
					best, at = l, i
				}
			}
		}
	}
	return at, at >= 0
}

// placed: every package stands somewhere in the order.
func placed(t *tree) (bad []string) {
	seen := make(map[string]bool)
	for _, f := range t.files {
		if _, ok := stairOf(f.pkg); !ok && !seen[f.pkg] {
			seen[f.pkg] = true
			bad = append(bad, fmt.Sprintf("%s: package %s stands nowhere in the order: DESIGN.md §3 gives every package its place", f.path, f.pkg))
		}
	}
	return bad
}

// ordered: imports of Parley go down the stairs. Tests of the treaty may use
// all of the treaty, and tests of the house may use everything, except that a
// courier or channel stays blind in its tests too.
func ordered(t *tree) (bad []string) {
	for _, f := range t.files {
		for _, spec := range f.syntax.Imports {
			to, ok := ours(importPath(spec))
			if !ok || mayImport(f, to) {
				continue
			}
			bad = append(bad, fmt.Sprintf("%s: %s may not import %s: imports go down the order of DESIGN.md §3", t.at(spec), f.pkg, to))
		}
	}
	return bad
}

func mayImport(f *file, to string) bool {
	from, ok := stairOf(f.pkg)
	target, known := stairOf(to)
	if !ok || !known {
		return false
	}
	if inTree(to, f.pkg) {
		return true // a package and what is below its own folder
	}
	if order[target].side == proof {
		if order[from].side == proof && order[from].only == nil && target < from {
			return true // what tests are built from is built from what is below it
		}
		only := order[from].only
		if order[from].side == proof && target < from && slices.Contains(only, to) {
			return true // what makes tests may stand on what makes tests, by name
		}
		return f.test && (only == nil || slices.Equal(only, treatyOnly)) && slices.Contains(testPackages, to)
	}
	s := order[from]
	if s.only != nil {
		if f.test && s.side == house && (from == target || inTree(to, "internal/channel") && f.pkg == "internal/courier") {
			return true // channels are tested with each other, and the courier with channels
		}
		return slices.ContainsFunc(s.only, func(o string) bool { return o != "" && inTree(to, o) })
	}
	if f.test {
		return s.side == house || order[target].side == treaty
	}
	return target < from || from == target && sameTree(s, f.pkg, to)
}

// sameTree reports whether a and b belong to one name of s that is a whole tree:
// such packages are one in parts.
func sameTree(s stair, a, b string) bool {
	return slices.ContainsFunc(s.packages, func(p string) bool {
		return strings.HasSuffix(p, "/...") && inTree(a, p) && inTree(b, p)
	})
}

// foreign: what comes from other modules is listed, stair by stair.
func foreign(t *tree) (bad []string) {
	for _, f := range t.files {
		at, _ := stairOf(f.pkg)
		for _, spec := range f.syntax.Imports {
			p := importPath(spec)
			if _, mine := ours(p); mine || !strings.Contains(strings.Split(p, "/")[0], ".") {
				continue
			}
			listed := func(m string) bool { return inTree(p, m) }
			if at >= 0 && slices.ContainsFunc(order[at].modules, listed) || f.test && slices.ContainsFunc(testModules, listed) {
				continue
			}
			bad = append(bad, fmt.Sprintf("%s: %s may not import %s: each stair lists what it takes from other modules", t.at(spec), f.pkg, p))
		}
	}
	return bad
}

// offline: the auditor's tool reaches no network and starts no program.
func offline(t *tree) (bad []string) {
	for _, f := range t.files {
		if f.pkg != "cmd/parley-verify" || f.test {
			continue
		}
		for _, spec := range f.syntax.Imports {
			if p := importPath(spec); inTree(p, "net") || p == "os/exec" || p == "plugin" {
				bad = append(bad, fmt.Sprintf("%s: cmd/parley-verify is offline: it may not import %s", t.at(spec), p))
			}
		}
	}
	return bad
}
