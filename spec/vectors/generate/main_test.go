package main

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestFilesAreCurrent generates everything again beside what is kept.
func TestFilesAreCurrent(t *testing.T) {
	kept, again := filepath.Join("..", ".."), t.TempDir()
	documents, err := filepath.Glob(filepath.Join(kept, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range documents {
		if err := os.WriteFile(filepath.Join(again, filepath.Base(name)), read(t, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeAll(again); err != nil {
		t.Fatal(err)
	}
	compare(t, again, kept)
	for _, f := range formats() {
		compare(t, filepath.Join(kept, "vectors", f.name), filepath.Join(again, "vectors", f.name))
	}
}

// compare reports the files below one folder that the other has not, or has otherwise.
func compare(t *testing.T, dir, with string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		other, err := os.ReadFile(filepath.Join(with, rel))
		if err != nil || !bytes.Equal(other, read(t, name)) {
			t.Errorf("%s is not what the generator writes: run it again (%v)", rel, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestChaCha20Poly1305: the block function and the authenticator are those of
// RFC 8439 §2.3.2 and §2.5.2.
func TestChaCha20Poly1305(t *testing.T) {
	key := unhex(t, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
	block := chachaBlock(key, 1, unhex(t, "000000090000004a00000000")) // §2.3.2
	if want := unhex(t, "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4ed2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"); !bytes.Equal(block[:], want) {
		t.Errorf("block %x", block)
	}
	key = unhex(t, "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b") // §2.5.2
	if got := poly1305(key, []byte("Cryptographic Forum Research Group")); !bytes.Equal(got, unhex(t, "a8061dc1305136c6c22b8baf0c0127a9")) {
		t.Errorf("tag %x", got)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
