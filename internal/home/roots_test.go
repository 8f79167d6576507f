package home

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"parley/internal/keyring"
)

func rootKeys(t *testing.T, n int) (out []ed25519.PublicKey) {
	t.Helper()
	for range n {
		key, _, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, key)
	}
	return out
}

// Which root key signs the next card follows from what ended on the lines, and from
// nothing that one line alone has not heard of yet.
func TestRootAfter(t *testing.T) {
	k := rootKeys(t, 4)
	chain := func(at ...int) (out []ed25519.PublicKey) {
		for _, i := range at {
			out = append(out, k[i])
		}
		return out
	}
	for _, c := range []struct {
		name      string
		own, want int
		had       [][]ed25519.PublicKey
	}{
		{"no line", 0, 0, nil},
		{"as agreed", 0, 0, [][]ed25519.PublicKey{chain(0), chain(0)}},
		{"rolled on one line", 0, 1, [][]ed25519.PublicKey{chain(0), chain(0, 1)}},
		{"written down already", 1, 1, [][]ed25519.PublicKey{chain(0), chain(0, 1)}},
		{"twice since it was written down", 0, 2, [][]ed25519.PublicKey{chain(0, 1, 2)}},
		{"the other line is behind", 0, 2, [][]ed25519.PublicKey{chain(0, 1), chain(0, 1, 2)}},
		{"the other line is ahead", 1, 2, [][]ed25519.PublicKey{chain(0, 1, 2), chain(0, 1)}},
		{"another key on another line", 1, 1, [][]ed25519.PublicKey{chain(0, 1), chain(0, 3)}},
		{"back to one that was ended elsewhere", 1, 1, [][]ed25519.PublicKey{chain(0, 1), chain(1, 0)}},
	} {
		if got := rootAfter(k[c.own], c.had); !got.Equal(k[c.want]) {
			t.Errorf("%s: another key than %d", c.name, c.want)
		}
	}
}

func quickRoot(t *testing.T, dir, name, pass string) (RootKey, ed25519.PublicKey) {
	t.Helper()
	p, err := keyring.NewPassphrase([]byte(pass))
	if err != nil {
		t.Fatal(err)
	}
	key := RootKey{Path: filepath.Join(dir, name), Passphrase: p}
	public, err := NewRoot(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, public
}

// A root key is made once, where its folder is, and is found again by its passphrase.
func TestNewRoot(t *testing.T) {
	dir := t.TempDir()
	key, public := quickRoot(t, dir, "root-2.key", "five quiet words of the root")
	if again, err := NewRoot(key); err != nil || !again.Equal(public) {
		t.Errorf("made again: %v", err)
	}
	other, err := keyring.NewPassphrase([]byte("five other words of the root"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewRoot(RootKey{Path: key.Path, Passphrase: other}); !errors.Is(err, keyring.ErrPassphrase) {
		t.Errorf("with another passphrase: %v", err)
	}
	away := filepath.Join(dir, "away")
	if _, err := NewRoot(RootKey{Path: filepath.Join(away, "root.key"), Passphrase: other}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("where no medium is: %v", err)
	}
	if RootExists(away) {
		t.Error("a folder was made in the place of a medium")
	}
}

// What a line tells goes into parley.toml, once, and nobody is waited for; what the
// person wrote there stays.
func TestRootIsWrittenDown(t *testing.T) {
	dir := t.TempDir()
	keys := rootKeys(t, 2)
	if err := os.MkdirAll(filepath.Join(dir, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	h := &Home{dir: dir, config: Config{Party: "north", Language: "fr", Root: base64.StdEncoding.EncodeToString(keys[0])}}
	if err := h.writeConfig(h.config); err != nil {
		t.Fatal(err)
	}
	k := &roots{home: h, had: map[string][]ed25519.PublicKey{}}
	unlock, err := h.lockConfig()
	if err != nil {
		t.Fatal(err)
	}
	if err := k.use("south", keys[:1]); err != nil {
		t.Errorf("nothing to write: %v", err)
	}
	if err := k.use("south", keys); !errors.Is(err, ErrBusy) {
		t.Errorf("while another changes it: %v", err)
	}
	unlock()
	for range 2 {
		if err := k.use("east", keys[:1]); err != nil {
			t.Fatal(err)
		}
		c, err := readConfig(dir)
		if err != nil || c.Root != base64.StdEncoding.EncodeToString(keys[1]) || c.Language != "fr" {
			t.Errorf("parley.toml has %+v, %v", c, err)
		}
	}
}
