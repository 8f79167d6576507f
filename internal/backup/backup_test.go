package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"parley"
	"parley/internal/home"
	"parley/internal/journal"
)

var (
	testLine  = parley.LineID{1: 'l'}
	testLogs  = []parley.LogID{{0: 'n'}, {0: 's'}}
	testSaid  = []byte("the text of an entry")
	testRoot  = []byte("the root key, as it is sealed")
	testEpoch = []byte("the secret of an epoch, which nobody may keep")
)

// folder makes a party with an officer, the papers of a line, a journal of two logs,
// and what no backup may hold.
func folder(t testing.TB) *home.Home {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "north")
	for name, text := range map[string]string{
		"parley.toml":   "party = 'north'\nlanguage = 'en'\nroot = '" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "'\n",
		"keys/root.key": string(testRoot), "keys/station.keys": "the station's keys", "run/lock": "",
		"keys/officers/alice.key": "as it is sealed", "keys/hops/hop-2.key": "a hop key", "keys/later/receipt-2.key": "a later one",
		"lines/south/invite.txt": "an invite", "lines/south/note.bak": "somebody's own",
		"keys/epochs/00ff": string(testEpoch), "keys/prekeys/00ff": string(testEpoch), "keys/starts": "parley-starts v1 1\n",
		"keys/officers/.new-1": "half of a key",
	} {
		path := filepath.Join(dir, name)
		check(t, os.MkdirAll(filepath.Dir(path), 0o700))
		check(t, os.WriteFile(path, []byte(text), 0o600))
	}
	h, err := home.Open(dir)
	check(t, err)
	j := opened1(t, h)
	check(t, j.Commit(t.Context(), func(tx *journal.Tx) error {
		return errors.Join(
			tx.CreateLog(journal.Log{ID: testLogs[0], Line: testLine, Party: "north", Mine: true, Frontier: []byte{}}),
			tx.CreateLog(journal.Log{ID: testLogs[1], Line: testLine, Party: "south", Frontier: []byte{}}),
			tx.Started(1),
			tx.Append(journal.Record{Log: testLogs[0], Number: 1, Entry: testSaid, Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, State: journal.Believed}))
	}))
	check(t, j.Close())
	return h
}

func opened1(t testing.TB, h *home.Home) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journalDir(h.Dir()), journal.Options{Reserve: -1})
	check(t, err)
	return j
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// key returns a private key of age and its public half.
func key(t testing.TB) *age.X25519Identity {
	t.Helper()
	k, err := age.GenerateX25519Identity()
	check(t, err)
	return k
}

func testOptions() Options {
	now := time.Date(2026, 11, 28, 21, 0, 0, 5, time.UTC)
	return Options{Program: "test", Now: func() time.Time { return now }}
}

// made makes a backup of a folder.
func made(t testing.TB, h *home.Home, k *age.X25519Identity) (file string, m Made) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "north.backup")
	m, err := Make(t.Context(), h, []age.Recipient{k.Recipient()}, file, testOptions())
	check(t, err)
	return file, m
}

// names returns what a folder holds.
func names(t testing.TB, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// A backup holds what it must, and nothing of what it must not; age and tar take it apart.
func TestMake(t *testing.T) {
	h, k := folder(t), key(t)
	j := opened1(t, h) // as the station's
	defer func() { check(t, j.Close()) }()
	if _, ok, err := LastOf(h); ok || err != nil {
		t.Errorf("the last backup of a new folder: %v, %v", ok, err)
	}
	file, m := made(t, h, k)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != m.Bytes {
		t.Errorf("the file: %v, %v", info, err)
	}
	if got := names(t, filepath.Dir(file)); len(got) != 1 {
		t.Errorf("beside the backup: %q", got)
	}
	if got := names(t, filepath.Join(h.Dir(), "run")); slices.Contains(got, "snapshot") {
		t.Errorf("the folder still holds a copy of the journal: %q", got)
	}
	if last, ok, err := LastOf(h); !ok || err != nil || last.File != file || !last.Made.Equal(m.Made) {
		t.Errorf("the last backup is %+v, %v, %v", last, ok, err)
	}
	var want []string
	for _, f := range m.Files {
		want = append(want, f.Name)
	}
	if got := []string{"journal/journal.db", "keys/hops/hop-2.key", "keys/later/receipt-2.key", "keys/officers/alice.key",
		"keys/station.keys", "lines/south/invite.txt", "parley.toml"}; !slices.Equal(got, want) {
		t.Errorf("the manifest lists %q, want %q", want, got)
	}
	for _, l := range []string{"keys/root.key", "keys/starts", "keys/epochs", "keys/prekeys", "lines/south/note.bak", "keys/officers/.new-1"} {
		if !slices.Contains(m.Left, l) {
			t.Errorf("%s is not among what was left out: %q", l, m.Left)
		}
	}

	f, err := os.Open(file)
	check(t, err)
	defer f.Close()
	plain, err := age.Decrypt(f, k)
	check(t, err)
	archive, err := io.ReadAll(plain)
	check(t, err)
	if bytes.Contains(archive, testEpoch) || !bytes.Contains(archive, testSaid) {
		t.Error("the archive holds the secret of an epoch, or not what was said")
	}
	if bytes.Contains(archive, testRoot) {
		t.Error("the archive holds the root key")
	}
	r := tar.NewReader(bytes.NewReader(archive))
	for _, name := range append([]string{manifestFile}, want...) {
		head, err := r.Next()
		check(t, err)
		if head.Name != name || head.Mode != 0o600 {
			t.Errorf("tar finds %s (%o) in the place of %s", head.Name, head.Mode, name)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("behind the last file: %v", err)
	}
}

func TestVerify(t *testing.T) {
	h, k := folder(t), key(t)
	file, m := made(t, h, k)
	got, err := Verify(t.Context(), file, []age.Identity{key(t), k}, testOptions())
	check(t, err)
	if !bytes.Equal(got.text(), m.text()) || got.Starts != 1 || len(got.Logs) != 2 {
		t.Errorf("the manifest is %s, want %s", got.text(), m.text())
	}
	if _, err := Verify(t.Context(), file, []age.Identity{key(t)}, testOptions()); !errors.Is(err, ErrKey) {
		t.Errorf("with another key: %v", err)
	}
	word, err := age.NewScryptIdentity("a passphrase")
	check(t, err)
	if _, err := Verify(t.Context(), file, []age.Identity{word}, testOptions()); !errors.Is(err, ErrKey) {
		t.Errorf("with a passphrase: %v", err)
	}
	for name, text := range map[string]string{"empty": "", "other": "a letter", "nearly": "age-encryption.org/v1\n"} {
		other := filepath.Join(t.TempDir(), name)
		check(t, os.WriteFile(other, []byte(text), 0o600))
		if _, err := Verify(t.Context(), other, []age.Identity{k}, testOptions()); !errors.Is(err, ErrNoBackup) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Verify(t.Context(), filepath.Join(t.TempDir(), "none"), []age.Identity{k}, testOptions()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no file: %v", err)
	}
}

// A backup that was cut at any block, or altered anywhere, is found out.
func TestCutAndAltered(t *testing.T) {
	h, k := folder(t), key(t)
	file, _ := made(t, h, k)
	whole, err := os.ReadFile(file)
	check(t, err)
	verify := func(b []byte) error {
		r, err := newReader(bytes.NewReader(b), []age.Identity{k})
		for err == nil {
			_, err = r.Next()
		}
		return err
	}
	if err := verify(whole); err != io.EOF {
		t.Fatalf("the whole one: %v", err)
	}
	for n := 0; n < len(whole); n += step(t, 512) {
		if err := verify(whole[:n]); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNoBackup) {
			t.Errorf("cut at %d of %d: %v", n, len(whole), err)
		}
	}
	for _, n := range []int{1, 15, 16, 17, 100} {
		if err := verify(whole[:len(whole)-n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("without its last %d bytes: %v", n, err)
		}
	}
	if err := verify(append(slices.Clone(whole), 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("with one byte more: %v", err)
	}
	for i := 0; i < len(whole); i += step(t, 257) {
		b := slices.Clone(whole)
		b[i] ^= 1
		if err := verify(b); err == io.EOF {
			t.Errorf("with byte %d altered it passes", i)
		}
	}
}

// The archive inside has one writing, for whoever can seal one.
func TestArchiveHasOneWriting(t *testing.T) {
	h, k := folder(t), key(t)
	file, _ := made(t, h, k)
	f, err := os.Open(file)
	check(t, err)
	defer f.Close()
	plain, err := age.Decrypt(f, k)
	check(t, err)
	archive, err := io.ReadAll(plain)
	check(t, err)
	if err := taken(archive); err != io.EOF {
		t.Fatalf("the whole one: %v", err)
	}
	for n := 0; n < len(archive); n += block {
		if err := taken(archive[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut at %d of %d: %v", n, len(archive), err)
		}
	}
	if err := taken(append(slices.Clone(archive), make([]byte, block)...)); !errors.Is(err, ErrDamaged) {
		t.Errorf("with one block more: %v", err)
	}
	for i := 0; i < len(archive); i += step(t, 61) {
		b := slices.Clone(archive)
		b[i] ^= 0x20
		if err := taken(b); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
			t.Errorf("with byte %d altered: %v", i, err)
		}
	}
}

// step makes the steps of a short test larger.
func step(t *testing.T, n int) int {
	if testing.Short() {
		return 11 * n
	}
	return n
}

// taken reads an archive as if age had opened it.
func taken(archive []byte) error {
	r := &Reader{plain: bytes.NewReader(archive)}
	var err error
	if r.Manifest, err = r.manifest(); err != nil {
		return err
	}
	for err == nil {
		_, err = r.Next()
	}
	return err
}

// What fails leaves no file, and no copy of the journal.
func TestMakeFails(t *testing.T) {
	h, k := folder(t), key(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "backup")
	to := []age.Recipient{k.Recipient()}
	empty := func(what string) {
		t.Helper()
		if got := names(t, dir); len(got) != 0 {
			t.Errorf("%s: it left %q", what, got)
		}
		if got := names(t, filepath.Join(h.Dir(), "run")); slices.Contains(got, "snapshot") {
			t.Errorf("%s: it left a copy of the journal", what)
		}
	}
	for _, stage := range []Stage{Snapshot, Reading, Sealing} {
		ctx, cancel := context.WithCancel(t.Context())
		o := testOptions()
		o.Told = func(s Stage, _ float64) {
			if s == stage {
				cancel()
			}
		}
		if _, err := Make(ctx, h, to, out, o); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled while %s: %v", stage, err)
		}
		empty("cancelled while " + string(stage))
	}
	unlock, err := lock(h)
	check(t, err)
	if _, err := Make(t.Context(), h, to, out, testOptions()); !errors.Is(err, ErrBusy) {
		t.Errorf("beside another one: %v", err)
	}
	unlock()
	if _, err := Make(t.Context(), h, to, filepath.Join(dir, "none", "backup"), testOptions()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into a folder that is not there: %v", err)
	}
	empty("at the end")
	check(t, os.WriteFile(out, []byte("mine"), 0o600))
	if _, err := Make(t.Context(), h, to, out, testOptions()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if b, err := os.ReadFile(out); err != nil || string(b) != "mine" {
		t.Errorf("the file that was there: %q, %v", b, err)
	}
}

// A key that changes while the journal's state is taken is in the backup together with
// a later state, or there is no backup.
func TestKeysFitTheJournal(t *testing.T) {
	h, k := folder(t), key(t)
	path := filepath.Join(h.Dir(), "keys", "later", "receipt-3.key")
	changes, began := 0, 0
	o := testOptions()
	o.Told = func(s Stage, _ float64) {
		if s == Snapshot {
			if began++; began <= changes {
				check(t, os.WriteFile(path, []byte(strings.Repeat("x", began)), 0o600))
			}
		}
	}
	changes = 2
	out := filepath.Join(t.TempDir(), "backup")
	m, err := Make(t.Context(), h, []age.Recipient{k.Recipient()}, out, o)
	check(t, err)
	if began != 3 || !slices.ContainsFunc(m.Files, func(f File) bool { return strings.HasSuffix(f.Name, "receipt-3.key") && f.Size == 2 }) {
		t.Errorf("read %d times: %+v", began, m.Files)
	}
	changes, began = 1000, 0
	if _, err := Make(t.Context(), h, []age.Recipient{k.Recipient()}, out+"2", o); !errors.Is(err, ErrUnsteady) {
		t.Errorf("changing all the time: %v", err)
	}
}

func TestBelongs(t *testing.T) {
	for _, name := range []string{"parley.toml", "journal/journal.db", "keys/station.keys", "keys/deniable.key", "keys/officers/a-1.key",
		"keys/later/station-12.key", "lines/south/roster.txt", "lines/south/deniable/roster.txt"} {
		if !belongs(name) {
			t.Errorf("%s does not belong", name)
		}
	}
	for _, name := range []string{"", ".", "..", "/", "parley.toml/", "/parley.toml", "./parley.toml", "../parley.toml", "keys/../keys/station.keys",
		"keys//station.keys", `keys\station.keys`, "keys/root.key", "keys/starts", "keys/epochs/00", "keys/prekeys/00", "keys/officers/../root.key",
		"keys/officers/a.key/b.key", "keys/officers/a.key.gone", "keys/officers/a.1.new", "journal/journal.db-wal", "journal/journal.lock",
		"lines/roster.txt", "lines/a/b/c/roster.txt", "lines/a/.b.txt", "lines/../parley.txt", "lines/a/roster.txt\x00", "pouch/south/out/a", "run/parley.sock",
		"backup.txt", "MANIFEST", "lines/" + strings.Repeat("a", maxName) + "/b.txt"} {
		if belongs(name) {
			t.Errorf("%q belongs", name)
		}
	}
}

func TestRecipients(t *testing.T) {
	k := key(t)
	pq, err := age.GenerateHybridIdentity()
	check(t, err)
	file := filepath.Join(t.TempDir(), "keys")
	check(t, os.WriteFile(file, []byte("# the vault\n"+k.Recipient().String()+"\n"), 0o600))
	if to, err := RecipientsOf([]string{pq.Recipient().String()}, ""); err != nil || len(to) != 1 {
		t.Errorf("%d recipients, %v", len(to), err)
	}
	if to, err := RecipientsOf([]string{k.Recipient().String()}, file); err != nil || len(to) != 2 {
		t.Errorf("%d recipients, %v", len(to), err)
	}
	check(t, os.WriteFile(file, []byte(k.String()), 0o600))
	for _, wrong := range []string{k.String(), "", "# none", "north", k.Recipient().String()[:20]} {
		if _, err := RecipientsOf([]string{wrong}, ""); !errors.Is(err, ErrRecipient) || wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("%v", err)
		}
	}
	if _, err := RecipientsOf(nil, file); !errors.Is(err, ErrRecipient) || strings.Contains(err.Error(), k.String()) {
		t.Errorf("a file with a private key: %v", err)
	}
}
