package keyring

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func someStation(t *testing.T) *Station {
	t.Helper()
	dir := t.TempDir()
	if _, err := cheap.createStation(dir, PlainFile()); err != nil {
		t.Fatal(err)
	}
	s, err := cheap.unlockStation(dir, PlainFile())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func reopen(t *testing.T, s *Station, dir string) *Epochs {
	t.Helper()
	e, err := OpenEpochs(dir, s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func put(t *testing.T, s *Station, dir, id, secret string) {
	t.Helper()
	if err := reopen(t, s, dir).Put(Epoch, []byte(id), []byte(secret)); err != nil {
		t.Fatal(err)
	}
}

func TestEpochs(t *testing.T) {
	s, dir := someStation(t), t.TempDir()
	e := reopen(t, s, dir)
	if ids, err := e.List(Epoch); err != nil || len(ids) != 0 {
		t.Errorf("a new store lists %v, %v", ids, err)
	}
	secret := []byte("the direction secret of an epoch")
	for _, id := range []string{"b", "a", strings.Repeat("x", MaxID)} {
		if err := e.Put(Epoch, []byte(id), secret); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Put(Prekey, []byte("a"), []byte("other")); err != nil {
		t.Fatal(err)
	}
	e = reopen(t, s, dir)
	ids, err := e.List(Epoch)
	if err != nil || string(bytes.Join(ids, []byte(" "))) != "a b "+strings.Repeat("x", MaxID) {
		t.Errorf("List = %q, %v", ids, err)
	}
	for kind, want := range map[Kind][]byte{Epoch: secret, Prekey: []byte("other")} {
		if got, err := e.Get(kind, []byte("a")); err != nil || !bytes.Equal(got, want) {
			t.Errorf("Get %s = %q, %v", kind, got, err)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "epochs", "61"))
	if err != nil || bytes.Contains(b, secret[:8]) {
		t.Errorf("the file holds the secret in the clear (%v)", err)
	}
	if err := e.Delete(Epoch, []byte("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Get(Epoch, []byte("a")); !errors.Is(err, ErrNotFound) {
		t.Errorf("after Delete: %v, want ErrNotFound", err)
	}
	if err := e.Delete(Epoch, []byte("a")); err != nil {
		t.Errorf("deleted twice: %v", err)
	}
	if _, err := e.Get(Prekey, []byte("a")); err != nil {
		t.Errorf("the prekey of the same id went too: %v", err)
	}
}

func TestEpochsRefuse(t *testing.T) {
	s, dir := someStation(t), t.TempDir()
	e := reopen(t, s, dir)
	for name, err := range map[string]error{
		"no id":        e.Put(Epoch, nil, []byte("s")),
		"long id":      e.Put(Epoch, make([]byte, MaxID+1), []byte("s")),
		"no secret":    e.Put(Epoch, []byte("a"), nil),
		"large secret": e.Put(Epoch, []byte("a"), make([]byte, MaxSecret+1)),
		"unknown kind": e.Put("..", []byte("a"), []byte("s")),
	} {
		if err == nil {
			t.Errorf("%s: kept", name)
		}
	}
	large := bytes.Repeat([]byte("s"), MaxSecret)
	if err := e.Put(Epoch, []byte("a"), large); err != nil {
		t.Fatal(err)
	}
	if got, err := e.Get(Epoch, []byte("a")); err != nil || !bytes.Equal(got, large) {
		t.Errorf("the largest secret: %v", err)
	}
	if _, err := reopen(t, someStation(t), dir).Get(Epoch, []byte("a")); !errors.Is(err, ErrAltered) {
		t.Errorf("another station's store: %v, want ErrAltered", err)
	}
	// A file under another id, and one of another kind.
	if err := os.Rename(filepath.Join(dir, "epochs", "61"), filepath.Join(dir, "epochs", "62")); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Get(Epoch, []byte("b")); !errors.Is(err, ErrAltered) {
		t.Errorf("moved to another id: %v, want ErrAltered", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "prekeys"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "epochs", "62"), filepath.Join(dir, "prekeys", "61")); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Get(Prekey, []byte("a")); !errors.Is(err, ErrAltered) {
		t.Errorf("moved to another kind: %v, want ErrAltered", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "epochs", "README"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := e.List(Epoch); err == nil {
		t.Error("listed past a file that is not the store's")
	}
}

func TestCounter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	c := Counter(dir)
	if n, err := c.Load(); n != 0 || err != nil {
		t.Errorf("never advanced: %d, %v", n, err)
	}
	for want := uint64(1); want <= 3; want++ {
		if n, err := c.Advance(); n != want || err != nil {
			t.Fatalf("Advance = %d, %v, want %d", n, err, want)
		}
		if n, err := Counter(dir).Load(); n != want || err != nil {
			t.Fatalf("Load = %d, %v, want %d", n, err, want)
		}
	}
	path := filepath.Join(dir, counterFile)
	for _, bad := range []string{"", "parley-starts v1 3", "parley-starts v1 03\n", "parley-starts v1 -1\n", "parley-starts v1 18446744073709551616\n", "3\n"} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Advance(); !errors.Is(err, ErrMalformed) {
			t.Errorf("advanced from %q: %v, want ErrMalformed", bad, err)
		}
	}
	if err := os.WriteFile(path, appendCounter(nil, math.MaxUint64), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Advance(); err == nil {
		t.Errorf("advanced past the end, to %d", n)
	}
}
