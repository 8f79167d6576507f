// Command parley-verify-page writes parley-verify as one HTML page, which verifies a
// file that is dropped on it: without a server, without a network, from file:// too.
//
//	parley-verify-page [-out bin/parley-verify.html]
//
// It builds cmd/parley-verify for the browser with the Go that runs it, from the root of
// the module, and puts it into the page. The same sources and the same Go make the same
// page, to the byte.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed style.css
	styleCSS string
	//go:embed page.js
	pageJS string
	//go:embed worker.js
	workerJS string
)

func main() {
	out := flag.String("out", "bin/parley-verify.html", "the file to write")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "parley-verify-page:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	program, err := build()
	if err != nil {
		return err
	}
	page, err := assemble(program)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(out, page, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %.1f MB, of which the verifier is %.1f MB compressed\n", out, float64(len(page))/1e6, float64(len(program))/1e6)
	return nil
}

// build returns the verifier for the browser, compressed.
func build() (packed []byte, err error) {
	dir, err := os.MkdirTemp("", "parley-verify-page-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "parley-verify.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file, "parley/cmd/parley-verify")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the verifier for the browser: %w\n%s", err, out)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(program); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// assemble returns the page around a verifier.
func assemble(program []byte) ([]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find Go's own files: %w", err)
	}
	support, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, fmt.Errorf("the part of Go that runs in browsers: %w", err)
	}
	worker := string(support) + workerJS
	for name, script := range map[string]string{"page.js": pageJS, "worker": worker} {
		if strings.Contains(strings.ToLower(script), "</script") || strings.Contains(script, "<!--") {
			return nil, fmt.Errorf("%s would end its element in the page", name)
		}
	}
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]string{
		"Policy": policy(), "Style": styleCSS, "Script": pageJS, "Worker": worker,
		"Program": base64.StdEncoding.EncodeToString(program),
	})
	return b.Bytes(), err
}

// policy is what the page may do: run its own script and style and a worker made of
// it, and nothing else. It reaches no network, not even where it came from.
func policy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src " + hash(pageJS) + " 'wasm-unsafe-eval'", "style-src " + hash(styleCSS),
		"worker-src blob:", "base-uri 'none'", "form-action 'none'",
	}, "; ")
}
