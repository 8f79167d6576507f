// Command parley-bench measures Parley beside its floor and writes
// docs/benchmarks.md and docs/benchmarks.json.
//
//	parley-bench [-quick] [-only NAME] [-out DIR] [-dir DIR]
//
// It exits with 1 when it could not measure, and tells which bounds are not
// kept. It is run from the module's root, where it builds the program that it
// measures.
package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"parley/internal/bench"
)

func main() {
	quick := flag.Bool("quick", false, "small counts, in less than a minute")
	out := flag.String("out", "", "folder for benchmarks.md and benchmarks.json; standard output alone if empty")
	dir := flag.String("dir", "", "folder for the journals, on the disk to be measured; the temporary folder if empty")
	only := flag.String("only", "", "measure only what has this in its name, as in \"flood\"; with -out, the other figures there stay")
	flag.Parse()
	if err := run(*quick, *only, *out, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "parley-bench:", err)
		os.Exit(1)
	}
}

func run(quick bool, only, out, dir string) (err error) {
	built, err := os.MkdirTemp("", "parley-bench-program-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(built)) }()
	b := bench.Bench{
		Dir: dir, Quick: quick, Only: only, Log: os.Stderr,
		Program: filepath.Join(built, "parley"), Verifier: filepath.Join(built, "parley-verify"), Page: filepath.Join(built, "page.html"),
	}
	for _, args := range [][]string{
		{"build", "-trimpath", "-ldflags=-s -w", "-o", b.Program, "./cmd/parley"},
		{"build", "-trimpath", "-ldflags=-s -w", "-o", b.Verifier, "./cmd/parley-verify"},
		{"run", "./cmd/parley-verify-page", "-out", b.Page},
	} {
		build := exec.Command("go", args...)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build the programs to measure: %w", err)
		}
	}
	figures, err := b.Run()
	if err != nil {
		return err
	}
	if only != "" && out != "" {
		if figures, err = withOthers(figures, out); err != nil {
			return err
		}
	}
	js, err := bench.JSON(figures)
	if err != nil {
		return err
	}
	if _, err := os.Stdout.Write(js); err != nil {
		return err
	}
	if only != "" && out == "" {
		return nil
	}
	for _, m := range bench.Missed(figures) {
		fmt.Fprintln(os.Stderr, "not kept:", m)
	}
	if out == "" {
		return nil
	}
	md := bench.Markdown(figures, time.Now().UTC().Format("2006-01-02"), quick)
	return errors.Join(
		os.WriteFile(filepath.Join(out, "benchmarks.json"), js, 0o644),
		os.WriteFile(filepath.Join(out, "benchmarks.md"), md, 0o644))
}

// withOthers returns the figures in out, those that were measured now in the place of the old.
func withOthers(now map[string]float64, out string) (map[string]float64, error) {
	js, err := os.ReadFile(filepath.Join(out, "benchmarks.json"))
	if err != nil {
		return nil, fmt.Errorf("the other figures: %w (measure everything once, without -only)", err)
	}
	all, err := bench.ParseJSON(js)
	if err != nil {
		return nil, fmt.Errorf("the other figures: %s: %w", filepath.Join(out, "benchmarks.json"), err)
	}
	maps.Copy(all, now)
	return all, nil
}
