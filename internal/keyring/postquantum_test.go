package keyring

import (
	"crypto"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/mldsa"
)

// The receipt-pq key is kept as the station's are, signs, is never overwritten and
// never printed.
func TestReceiptPQ(t *testing.T) {
	for name, protect := range map[string]Protection{"plain": PlainFile(), "sealed": SealedBy(pass(t, "of the station, long enough"))} {
		dir := t.TempDir()
		if _, err := cheap.unlockReceiptPQ(dir, protect); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: before it was made: %v", name, err)
		}
		if _, err := cheap.createReceiptPQ(dir, Protection{}); !errors.Is(err, ErrProtection) {
			t.Errorf("%s: without a choice: %v", name, err)
		}
		made, err := cheap.createReceiptPQ(dir, protect)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := cheap.createReceiptPQ(dir, protect); !errors.Is(err, ErrExists) {
			t.Errorf("%s: a second one: %v", name, err)
		}
		got, err := cheap.unlockReceiptPQ(dir, protect)
		if err != nil {
			t.Fatal(name, err)
		}
		sig, err := got.Sign(nil, []byte("message"), crypto.Hash(0))
		if err != nil {
			t.Fatal(name, err)
		}
		if err := mldsa.Verify(made.Public().(*mldsa.PublicKey), []byte("message"), sig, nil); err != nil {
			t.Errorf("%s: what it signs: %v", name, err)
		}
		if string(got.Bytes()) != string(made.Bytes()) || len(got.Bytes()) != mldsa.MLDSA44PublicKeySize {
			t.Errorf("%s: it is another key than was made", name)
		}
		if text := fmt.Sprintf("%v %+v %#v %x %s", got, got, got, got, got); strings.ContainsAny(text, "0123456789") {
			t.Errorf("%s: it prints as %s", name, text)
		}
		if _, err := got.MarshalBinary(); err == nil {
			t.Errorf("%s: it is encoded", name)
		}
		path := filepath.Join(dir, ReceiptPQFile)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), "public ", "public AAAA", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := cheap.unlockReceiptPQ(dir, protect); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: a public key of another length: %v", name, err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := cheap.unlockReceiptPQ(dir, protect); !errors.Is(err, ErrExposed) {
			t.Errorf("%s: a file that others read: %v", name, err)
		}
	}
}
