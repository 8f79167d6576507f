package keyring

import (
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The deniable key is kept as the station's are, agrees on one secret with
// another, and is never overwritten.
func TestDeniable(t *testing.T) {
	for name, protect := range map[string]Protection{"plain": PlainFile(), "sealed": SealedBy(pass(t, "of the station, long enough"))} {
		dir := t.TempDir()
		if _, err := cheap.unlockDeniable(dir, protect); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: before it was made: %v", name, err)
		}
		if _, err := cheap.createDeniable(dir, Protection{}); !errors.Is(err, ErrProtection) {
			t.Errorf("%s: without a choice: %v", name, err)
		}
		made, err := cheap.createDeniable(dir, protect)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := cheap.createDeniable(dir, protect); !errors.Is(err, ErrExists) {
			t.Errorf("%s: a second one: %v", name, err)
		}
		got, err := cheap.unlockDeniable(dir, protect)
		if err != nil {
			t.Fatal(name, err)
		}
		other, err := ecdh.X25519().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := ecdh.X25519().NewPublicKey(got.Public())
		if err != nil {
			t.Fatal(err)
		}
		a, err := got.ECDH(other.PublicKey())
		b, err2 := other.ECDH(ours)
		if err != nil || err2 != nil || string(a) != string(b) || string(got.Public()) != string(made.Public()) {
			t.Errorf("%s: the two ends have the secrets %x and %x (%v, %v)", name, a, b, err, err2)
		}
		if text := fmt.Sprintf("%v %+v %#v %x %s", got, got, got, got, got); strings.ContainsAny(text, "0123456789") {
			t.Errorf("%s: it prints as %s", name, text)
		}
		path := filepath.Join(dir, DeniableFile)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := cheap.unlockDeniable(dir, protect); !errors.Is(err, ErrExposed) {
			t.Errorf("%s: a file that others read: %v", name, err)
		}
	}
}
