package keyring

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestInBackup(t *testing.T) {
	for name, want := range map[string]bool{
		StationFile: true, DeniableFile: true, ReceiptPQFile: true, "officers/alice.key": true, "hops/hop-2.key": true, "later/receipt-2.key": true,
		RootFile: false, counterFile: false, "epochs/00": false, "prekeys/00": false, "": false, "officers/": false, "officers": false,
		"officers/alice.key.0011223344556677.new": false, "later/receipt-2.key.gone": false, "other/a.key": false, "officers/a/b.key": false,
	} {
		if InBackup(name) != want {
			t.Errorf("InBackup(%q) = %v", name, !want)
		}
	}
}

// A backup under a passphrase opens with it, and with no other.
func TestBackupPassphrase(t *testing.T) {
	if testing.Short() {
		t.Skip("deriving the key of a backup takes long on purpose")
	}
	short, err := NewPassphrase([]byte("short"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := BackupRecipient(short); err == nil {
		t.Error("a short passphrase seals a backup")
	}
	pass, err := NewPassphrase([]byte("five quiet words of a backup"))
	if err != nil {
		t.Fatal(err)
	}
	to, err := BackupRecipient(pass)
	if err != nil {
		t.Fatal(err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "text"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	id, err := BackupIdentity(pass)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed.Bytes()), id)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != "text" {
		t.Errorf("it holds %q, %v", b, err)
	}
	if id, err = BackupIdentity(short); err != nil {
		t.Fatal(err)
	}
	if _, err := age.Decrypt(bytes.NewReader(sealed.Bytes()), id); !errors.Is(err, age.ErrIncorrectIdentity) {
		t.Errorf("with another passphrase: %v", err)
	}
}

func TestBackupIdentities(t *testing.T) {
	k, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ids, err := BackupIdentities(file("good", "# a comment\n"+k.String()+"\n", 0o600))
	if err != nil || len(ids) != 1 {
		t.Errorf("%d keys, %v", len(ids), err)
	}
	if _, err := BackupIdentities(file("open", k.String(), 0o644)); !errors.Is(err, ErrExposed) {
		t.Errorf("others may read it: %v", err)
	}
	broken := k.String()[:40]
	if _, err := BackupIdentities(file("broken", broken, 0o600)); !errors.Is(err, ErrMalformed) || strings.Contains(err.Error(), broken[20:]) {
		t.Errorf("a broken key: %v", err)
	}
	if _, err := BackupIdentities(filepath.Join(dir, "none")); !errors.Is(err, ErrNotFound) {
		t.Errorf("no file: %v", err)
	}
}

func TestCounterRestored(t *testing.T) {
	c := Counter(t.TempDir())
	if err := c.Restore(7); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Load(); n != 7 || err != nil {
		t.Errorf("it counts %d, %v", n, err)
	}
	if err := c.Restore(8); !errors.Is(err, ErrExists) {
		t.Errorf("restored twice: %v", err)
	}
}
