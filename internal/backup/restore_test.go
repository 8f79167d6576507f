package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"filippo.io/age"

	"parley/internal/home"
	"parley/internal/journal"
	"parley/internal/keyring"
)

// A folder is made of a backup with all that is in it, for this user alone, and knows
// that it was restored.
func TestRestore(t *testing.T) {
	h, k := folder(t), key(t)
	file, m := made(t, h, k)
	dir := filepath.Join(t.TempDir(), "above", "north")
	if _, err := Restore(t.Context(), file, dir, Identities{k}, testOptions()); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name))
		check(t, err)
		if f.Name != journalFile && sha256.Sum256(b) != f.Hash {
			t.Errorf("%s is another one", f.Name)
		}
	}
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return err
	}))
	for _, name := range []string{"keys/epochs", "keys/prekeys", "keys/root.key"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := names(t, filepath.Dir(dir)); !slices.Equal(got, []string{"north"}) {
		t.Errorf("beside the folder: %q", got)
	}
	restored, err := home.Open(dir)
	if err == nil {
		last, ok, err := LastOf(restored)
		if !ok || err != nil || !last.Restored || last.File != file || last.Keys {
			t.Errorf("the backup it is of: %+v, %v, %v", last, ok, err)
		}
	}
	check(t, err)
	if n, err := keyring.Counter(restored.Keys()).Load(); n != 1 || err != nil {
		t.Errorf("it counts %d starts, %v", n, err)
	}
	j := opened1(t, restored)
	defer func() { check(t, j.Close()) }()
	if r, err := j.Record(testLogs[0], 1); err != nil || !bytes.Equal(r.Entry, testSaid) {
		t.Errorf("the entry: %q, %v", r.Entry, err)
	}
	if _, err := j.Meta("restored"); err != nil {
		t.Errorf("that it was restored: %v", err)
	}
	if _, err := Restore(t.Context(), file, dir, Identities{k}, testOptions()); !errors.Is(err, ErrTaken) {
		t.Errorf("over a folder: %v", err)
	}
}

// An empty folder, as somebody made for it, becomes the party's.
func TestRestoreIntoEmpty(t *testing.T) {
	h, k := folder(t), key(t)
	file, _ := made(t, h, k)
	dir := t.TempDir()
	if _, err := Restore(t.Context(), file, dir, Identities{k}, testOptions()); err != nil {
		t.Fatal(err)
	}
	if _, err := home.Open(dir); err != nil {
		t.Error(err)
	}
}

// nothing fails unless a folder is empty.
func nothing(t *testing.T, dir, what string) {
	t.Helper()
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("%s: it left %q", what, got)
	}
}

// A backup that does not open, or was cut anywhere, leaves nothing behind.
func TestRestoreFails(t *testing.T) {
	h, k := folder(t), key(t)
	file, _ := made(t, h, k)
	whole, err := os.ReadFile(file)
	check(t, err)
	above := t.TempDir()
	dir := filepath.Join(above, "north")
	if _, err := Restore(t.Context(), file, dir, Identities{key(t)}, testOptions()); !errors.Is(err, ErrKey) {
		t.Errorf("with another key: %v", err)
	}
	nothing(t, above, "with another key")
	cut := filepath.Join(t.TempDir(), "cut")
	for n := 0; n < len(whole); n += step(t, 4001) {
		check(t, os.WriteFile(cut, whole[:n], 0o600))
		if _, err := Restore(t.Context(), cut, dir, Identities{k}, testOptions()); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNoBackup) {
			t.Errorf("cut at %d: %v", n, err)
		}
		nothing(t, above, "cut")
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := testOptions()
	o.Told = func(Stage, float64) { cancel() }
	if _, err := Restore(ctx, file, dir, Identities{k}, o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	nothing(t, above, "cancelled")
	if _, err := Restore(t.Context(), file, file, Identities{k}, testOptions()); err == nil {
		t.Error("a file became a folder")
	}
}

// forged seals an archive whose manifest was changed.
func forged(t *testing.T, m Manifest, files map[string][]byte, k *age.X25519Identity) string {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, k.Recipient())
	check(t, err)
	tw := tar.NewWriter(w)
	text := m.text()
	check(t, tw.WriteHeader(header(manifestFile, int64(len(text)), m.Made)))
	_, err = tw.Write(text)
	check(t, err)
	for _, f := range m.Files {
		check(t, tw.WriteHeader(header(f.Name, f.Size, m.Made)))
		if _, err := tw.Write(files[f.Name]); err != nil {
			t.Fatal(err)
		}
		if int64(len(files[f.Name])) < f.Size {
			break
		}
	}
	if err := tw.Close(); err != nil { // it was cut short
		check(t, w.Close())
	} else {
		check(t, w.Close())
	}
	file := filepath.Join(t.TempDir(), "forged")
	check(t, os.WriteFile(file, b.Bytes(), 0o600))
	return file
}

// Whoever knows the public key can make a file that opens. It takes no more room than
// there is, leaves the folder by no name, and its parts must belong together.
func TestForged(t *testing.T) {
	h, k := folder(t), key(t)
	_, whole := made(t, h, k)
	files := map[string][]byte{}
	for _, f := range whole.Files {
		b, err := os.ReadFile(filepath.Join(h.Dir(), f.Name))
		check(t, err)
		files[f.Name] = b
	}
	snapshot := filepath.Join(t.TempDir(), "snapshot")
	_, err := journal.Snapshot(t.Context(), journalDir(h.Dir()), snapshot)
	check(t, err)
	files[journalFile], err = os.ReadFile(snapshot)
	check(t, err)
	for _, c := range []struct {
		what   string
		change func(m *Manifest, files map[string][]byte)
		want   error
	}{
		{"nothing", func(*Manifest, map[string][]byte) {}, nil},
		{"a journal of 8 TiB", func(m *Manifest, _ map[string][]byte) { m.Files[0].Size = 1 << 43 }, ErrRoom},
		{"a name above the folder", func(m *Manifest, f map[string][]byte) {
			m.Files = append(m.Files, File{Name: "../evil", Hash: sha256.Sum256(nil)})
			slices.SortFunc(m.Files, func(a, b File) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
		}, ErrDamaged},
		{"a file twice", func(m *Manifest, _ map[string][]byte) { m.Files = append(m.Files, m.Files[len(m.Files)-1]) }, ErrDamaged},
		{"another party", func(m *Manifest, _ map[string][]byte) { m.Party = "south" }, ErrNotOurs},
		{"another root", func(m *Manifest, _ map[string][]byte) { m.Root = bytes.Repeat([]byte{1}, 32) }, ErrNotOurs},
		{"another count of starts", func(m *Manifest, _ map[string][]byte) { m.Starts = 9 }, ErrNotOurs},
		{"a longer log", func(m *Manifest, _ map[string][]byte) { m.Logs = slices.Clone(m.Logs); m.Logs[0].Size = 9 }, ErrNotOurs},
		{"a journal that is none", func(_ *Manifest, f map[string][]byte) {
			f[journalFile] = []byte("SQLite format 3\x00 and nothing more")
		}, journal.ErrCorrupt},
		{"a configuration that is none", func(_ *Manifest, f map[string][]byte) { f[configFile] = []byte("party = 7\n") }, ErrNotOurs},
	} {
		m, f := whole.Manifest, map[string][]byte{}
		m.Files = nil
		for name, b := range files {
			f[name] = b
		}
		for _, old := range whole.Files {
			m.Files = append(m.Files, File{Name: old.Name, Size: int64(len(f[old.Name])), Hash: sha256.Sum256(f[old.Name])})
		}
		c.change(&m, f)
		for i := range m.Files {
			if b := f[m.Files[i].Name]; m.Files[i].Size < 1<<40 {
				m.Files[i].Size, m.Files[i].Hash = int64(len(b)), sha256.Sum256(b)
			}
		}
		above := t.TempDir()
		_, err := Restore(t.Context(), forged(t, m, f, k), filepath.Join(above, "a", "north"), Identities{k}, testOptions())
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
		if c.want == nil {
			continue
		}
		if entries, err := os.ReadDir(filepath.Join(above, "a")); err == nil && len(entries) > 0 {
			t.Errorf("%s: it left %v", c.what, entries)
		}
	}
}

// A folder that cannot be completed is left as it was.
func TestSettleLeavesNothing(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(from, "journal"), 0o700); err != nil { // and nothing else
		t.Fatal(err)
	}
	if err := settle(from, to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("settle: %v", err)
	}
	if err := Vacant(to); err != nil {
		t.Error(err)
	}
}
