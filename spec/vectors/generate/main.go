// Command generate writes the vectors of spec/vectors and the literal examples
// in spec/*.md.
//
// It is an implementation of the formats of its own and imports the standard
// library only: what it writes says what the specification says, not what our
// codec happens to do. Every key in it is made from a name that is printed
// here, so none of them may ever be used on a line.
//
//	go run ./spec/vectors/generate -dir spec
package main

import (
	"encoding/hex"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("generate: ")
	dir := flag.String("dir", "spec", "the folder spec/ to write in")
	flag.Parse()
	if err := writeAll(*dir); err != nil {
		log.Fatal(err)
	}
}

// writeAll writes the vectors and the examples of the specification in dir.
func writeAll(dir string) error {
	for _, f := range formats() {
		if err := writeVectors(filepath.Join(dir, "vectors"), f); err != nil {
			return err
		}
	}
	if err := writeLine(filepath.Join(dir, "vectors", "line")); err != nil {
		return err
	}
	return writeExamples(dir, examples())
}

// writeLine writes the files of the ceremony of the vectors' line.
func writeLine(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"north-card.txt": north.card(), "south-card.txt": south.card(),
		"invite.txt": invited, "accept.txt": accepted, "roster.txt": roster,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// format is one folder of vectors.
type format struct {
	name    string
	vectors []vector
}

// vector is one case: what a reader must say of the input.
type vector struct {
	name, expect, why string
	inputs            []input
}

// input is one named value; the one named "input" is what is judged.
type input struct {
	name  string
	bytes []byte
}

// ok is a case that must be accepted, no one that must be refused as expect says.
func ok(name, why string, in []byte, more ...input) vector {
	return no(name, "accept", why, in, more...)
}

func no(name, expect, why string, in []byte, more ...input) vector {
	return vector{name, expect, why, append([]input{{"input", in}}, more...)}
}

func writeVectors(dir string, f format) error {
	dir = filepath.Join(dir, f.name)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	seen := make(map[string]bool)
	refused := 0
	for _, v := range f.vectors {
		if seen[v.name] {
			return fmt.Errorf("%s/%s stands twice", f.name, v.name)
		}
		seen[v.name] = true
		if v.expect != "accept" {
			refused++
		}
		var s strings.Builder
		fmt.Fprintf(&s, "format: %s\nexpect: %s\nwhy: %s\n", f.name, v.expect, v.why)
		for _, in := range v.inputs {
			fmt.Fprintf(&s, "\n%s: %d bytes\n%s", in.name, len(in.bytes), hexLines(in.bytes))
		}
		if err := os.WriteFile(filepath.Join(dir, v.name+".txt"), []byte(s.String()), 0o644); err != nil {
			return err
		}
	}
	if len(f.vectors) < 12 || 2*refused <= len(f.vectors) {
		return fmt.Errorf("%s: %d vectors, of which %d refuse: too few", f.name, len(f.vectors), refused)
	}
	return nil
}

// hexLines is b in lines of 32 bytes.
func hexLines(b []byte) string {
	var s strings.Builder
	for chunk := range slices.Chunk(b, 32) {
		s.WriteString(hex.EncodeToString(chunk) + "\n")
	}
	return s.String()
}

// writeExamples puts each example in place of the block behind its marker,
// <!-- example NAME -->, in the files of the specification.
func writeExamples(dir string, examples map[string][]byte) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return err
	}
	for _, name := range files {
		old, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		parts := strings.Split(string(old), "<!-- example ")
		for i, part := range parts[1:] {
			label, rest, ok := strings.Cut(part, " -->\n")
			example, known := examples[label]
			if !ok || !known {
				return fmt.Errorf("%s: there is no example %q", name, label)
			}
			fence, rest, ok := strings.Cut(rest, "\n")
			_, rest, closed := strings.Cut(rest, "```\n")
			if !ok || !closed || !strings.HasPrefix(fence, "```") {
				return fmt.Errorf("%s: example %q: no block follows its marker", name, label)
			}
			shown := hexLines(example)
			if fence == "```text" {
				shown = string(example)
			}
			parts[i+1] = label + " -->\n" + fence + "\n" + shown + "```\n" + rest
		}
		if err := os.WriteFile(name, []byte(strings.Join(parts, "<!-- example ")), 0o644); err != nil {
			return err
		}
	}
	return nil
}
