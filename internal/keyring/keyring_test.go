package keyring

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// cheap is a workshop whose derivations take microseconds.
var cheap = workshop{disk: osDisk{}, cost: cost{memory: 8, time: 1, lanes: 1}}

func pass(t testing.TB, s string) Passphrase {
	t.Helper()
	p, err := NewPassphrase([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signs(t *testing.T, s crypto.Signer, pub ed25519.PublicKey) {
	t.Helper()
	sig, err := s.Sign(nil, []byte("text"), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(pub, []byte("text"), sig) {
		t.Error("the signature does not verify under the public key that was returned")
	}
	if !pub.Equal(s.Public()) {
		t.Error("Public is another key")
	}
}

func TestDefaultCostOpens(t *testing.T) {
	dir := t.TempDir()
	pub, err := CreateRoot(filepath.Join(dir, RootFile), pass(t, "a root passphrase"))
	if err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(t.TempDir(), "north-root")
	if err := os.Rename(filepath.Join(dir, RootFile), moved); err != nil {
		t.Fatal(err)
	}
	s, err := UnlockRoot(moved, pass(t, "a root passphrase"))
	if err != nil {
		t.Fatal(err)
	}
	signs(t, s, pub)
	b, err := os.ReadFile(moved)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte("\nkdf argon2id 65536 3 1\n")) {
		t.Errorf("the file states another cost than the default:\n%s", b)
	}
}

func TestOfficers(t *testing.T) {
	dir := t.TempDir()
	adams, err := cheap.createOfficer(dir, "adams", pass(t, "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cheap.createOfficer(dir, "baker", pass(t, "correct horse")); !errors.Is(err, ErrShared) {
		t.Errorf("a second officer with the same passphrase: %v, want ErrShared", err)
	}
	baker, err := cheap.createOfficer(dir, "baker", pass(t, "battery staple"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		pass string
		pub  ed25519.PublicKey
	}{"adams": {"correct horse", adams}, "baker": {"battery staple", baker}} {
		s, err := cheap.unlockOfficer(dir, name, pass(t, want.pass))
		if err != nil {
			t.Fatal(err)
		}
		signs(t, s, want.pub)
	}
	if _, err := cheap.unlockOfficer(dir, "adams", pass(t, "battery staple")); !errors.Is(err, ErrPassphrase) {
		t.Errorf("another officer's passphrase: %v, want ErrPassphrase", err)
	}
	if _, err := cheap.unlockOfficer(dir, "adams", Passphrase{}); !errors.Is(err, ErrPassphrase) {
		t.Errorf("no passphrase: %v, want ErrPassphrase", err)
	}
	if _, err := cheap.unlockOfficer(dir, "cole", pass(t, "correct horse")); !errors.Is(err, ErrNotFound) {
		t.Errorf("an officer without a key: %v, want ErrNotFound", err)
	}
	names, err := Officers(dir)
	if err != nil || strings.Join(names, " ") != "adams baker" {
		t.Errorf("Officers = %v, %v", names, err)
	}
}

func TestOfficerNames(t *testing.T) {
	for _, name := range []string{"", "../root", "a/b", "Adams", "9a", "a\n", strings.Repeat("a", 33)} {
		if _, err := cheap.createOfficer(t.TempDir(), name, pass(t, "correct horse")); err == nil {
			t.Errorf("made an officer called %q", name)
		}
		if _, err := cheap.unlockOfficer(t.TempDir(), name, pass(t, "correct horse")); err == nil {
			t.Errorf("unlocked an officer called %q", name)
		}
	}
}

// TestRenamedFileIsRefused: an officer's file under another's name, with the
// name inside or with the name inside changed as well, does not open.
func TestRenamedFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := cheap.createOfficer(dir, "adams", pass(t, "correct horse")); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(officerPath(dir, "adams"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(path string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(officerPath(dir, "baker"), b)
	if _, err := cheap.unlockOfficer(dir, "baker", pass(t, "correct horse")); !errors.Is(err, ErrWrongName) {
		t.Errorf("renamed: %v, want ErrWrongName", err)
	}
	write(officerPath(dir, "baker"), bytes.Replace(b, []byte("officer adams"), []byte("officer baker"), 1))
	if _, err := cheap.unlockOfficer(dir, "baker", pass(t, "correct horse")); !errors.Is(err, ErrPassphrase) {
		t.Errorf("renamed inside too: %v, want ErrPassphrase", err)
	}
	write(filepath.Join(dir, RootFile), b)
	if _, err := UnlockRoot(filepath.Join(dir, RootFile), pass(t, "correct horse")); !errors.Is(err, ErrWrongName) {
		t.Errorf("officer's as root's: %v, want ErrWrongName", err)
	}
}

func TestStation(t *testing.T) {
	secret := SealedBy(pass(t, "the machine's secret"))
	for name, c := range map[string]struct{ made, other Protection }{
		"plain":  {PlainFile(), secret},
		"sealed": {secret, PlainFile()},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pub, err := cheap.createStation(dir, c.made)
			if err != nil {
				t.Fatal(err)
			}
			s, err := cheap.unlockStation(dir, c.made)
			if err != nil {
				t.Fatal(err)
			}
			signs(t, s.Log(), pub.Log)
			signs(t, s.Station(), pub.Station)
			signs(t, s.Receipt(), pub.Receipt)
			signs(t, s.Hop(), pub.Hop)
			seen := make(map[string]bool)
			for _, k := range []ed25519.PublicKey{pub.Log, pub.Station, pub.Receipt, pub.Hop} {
				seen[string(k)] = true
			}
			if len(seen) != 4 {
				t.Error("two roles share a key")
			}
			if _, err := cheap.unlockStation(dir, c.other); !errors.Is(err, ErrProtection) {
				t.Errorf("under another protection: %v, want ErrProtection", err)
			}
			if _, err := cheap.unlockStation(dir, Protection{}); !errors.Is(err, ErrProtection) {
				t.Errorf("under none: %v, want ErrProtection", err)
			}
		})
	}
	if _, err := cheap.createStation(t.TempDir(), Protection{}); !errors.Is(err, ErrProtection) {
		t.Errorf("made without a choice: %v, want ErrProtection", err)
	}
	dir := t.TempDir()
	if _, err := cheap.createStation(dir, secret); err != nil {
		t.Fatal(err)
	}
	if _, err := cheap.unlockStation(dir, SealedBy(pass(t, "another secret"))); !errors.Is(err, ErrPassphrase) {
		t.Errorf("another secret: %v, want ErrPassphrase", err)
	}
}

// TestEveryByteCounts: a key file with any one byte changed does not open.
func TestEveryByteCounts(t *testing.T) {
	for name, protect := range map[string]Protection{"plain": PlainFile(), "sealed": SealedBy(pass(t, "the machine's secret"))} {
		dir := t.TempDir()
		if _, err := cheap.createStation(dir, protect); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, StationFile)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			bad := bytes.Clone(b)
			bad[i] ^= 1
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := cheap.unlockStation(dir, protect); err == nil {
				t.Errorf("%s: opened with byte %d changed from %q to %q", name, i, b[i], bad[i])
			}
		}
	}
}

func TestNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	create := map[string]func() error{
		RootFile: func() error {
			_, err := cheap.createRoot(filepath.Join(dir, RootFile), pass(t, "correct horse"))
			return err
		},
		StationFile: func() error { _, err := cheap.createStation(dir, PlainFile()); return err },
		filepath.Join(OfficerDir, "adams.key"): func() error {
			_, err := cheap.createOfficer(dir, "adams", pass(t, "correct horse"))
			return err
		},
	}
	for file, f := range create {
		if err := f(); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := f(); !errors.Is(err, ErrExists) {
			t.Errorf("%s made twice: %v, want ErrExists", file, err)
		}
		after, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s was changed (%v)", file, err)
		}
	}
	noLeftovers(t, dir)
}

// TestOneCreatorWins: of several that create one key at once, one succeeds, and
// the file is its.
func TestOneCreatorWins(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	won := make(chan ed25519.PublicKey, 8)
	for range cap(won) {
		wg.Go(func() {
			pub, err := cheap.createRoot(filepath.Join(dir, RootFile), pass(t, "correct horse"))
			if err == nil {
				won <- pub
			} else if !errors.Is(err, ErrExists) {
				t.Errorf("%v, want ErrExists", err)
			}
		})
	}
	wg.Wait()
	close(won)
	if len(won) != 1 {
		t.Fatalf("%d creators succeeded", len(won))
	}
	s, err := UnlockRoot(filepath.Join(dir, RootFile), pass(t, "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	signs(t, s, <-won)
}

func TestExposedFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := cheap.createStation(dir, PlainFile()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, StationFile)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := cheap.unlockStation(dir, PlainFile())
		if !errors.Is(err, ErrExposed) || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %04o: %v, want ErrExposed and what to do", mode, err)
		}
	}
	for _, mode := range []os.FileMode{0o400, 0o600} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := cheap.unlockStation(dir, PlainFile()); err != nil {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
	other := t.TempDir()
	if err := os.Symlink(path, filepath.Join(other, StationFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := cheap.unlockStation(other, PlainFile()); !errors.Is(err, ErrExposed) {
		t.Errorf("a link: %v, want ErrExposed", err)
	}
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, StationFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := cheap.unlockStation(folder, PlainFile()); !errors.Is(err, ErrExposed) {
		t.Errorf("a folder: %v, want ErrExposed", err)
	}
}

func TestModesOfWhatIsMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "keys")
	if _, err := cheap.createOfficer(dir, "adams", pass(t, "correct horse")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{
		dir: 0o700, filepath.Join(dir, OfficerDir): 0o700, officerPath(dir, "adams"): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
	}
}

func TestShortPassphraseMakesNoKey(t *testing.T) {
	dir := t.TempDir()
	if _, err := cheap.createRoot(filepath.Join(dir, RootFile), pass(t, "short")); err == nil {
		t.Error("made a root key under five bytes")
	}
	if _, err := cheap.createStation(dir, SealedBy(pass(t, "short"))); err == nil {
		t.Error("made station keys under five bytes")
	}
	noLeftovers(t, dir)
}

// noLeftovers fails for files that were being written.
func noLeftovers(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, newSuffix) || strings.HasSuffix(path, goneSuffix) {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
