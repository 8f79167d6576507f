package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"parley/internal/durable"
	"parley/internal/home"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/station"
)

// ErrTaken is returned by Restore for a folder in which something is.
var ErrTaken = errors.New("something is there already, and nothing is restored over it")

// ErrNotOurs is returned for a backup whose files do not belong together.
var ErrNotOurs = errors.New("the files of the backup do not belong together")

// Restore makes the party's folder dir of a backup. It is a party's folder only once
// everything in it was verified and is durable, and says of itself that it was restored:
// then its station may be started, and signs nothing on a line before the other side has
// said how far its log goes. dir may be there, if it is empty; what is above it is made.
// After an error it is as it was. Errors: ErrTaken, ErrRoom, ErrNoBackup, ErrKey,
// ErrDamaged, ErrNewer, ErrNotOurs, or what the disk said.
func Restore(ctx context.Context, file, dir string, ids Identities, o Options) (_ Manifest, err error) {
	if err := Vacant(dir); err != nil {
		return Manifest{}, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return Manifest{}, err
	}
	_, absent := os.Lstat(dir)
	var temp string // in dir, where the user may write if anywhere
	defer func() {
		if temp == "" {
			return
		}
		err = errors.Join(err, os.RemoveAll(temp))
		if err != nil && absent != nil {
			err = errors.Join(err, os.Remove(dir))
		}
	}()
	m, err := read(ctx, file, ids, o, func(r *Reader) error {
		// Nothing is made for a file that is no backup, or that does not open.
		if err := durable.Folder(dir); err != nil {
			return err
		}
		if temp, err = os.MkdirTemp(dir, ".restoring-*"); err != nil {
			return err
		}
		return enough(dir, r.Manifest.Bytes()+spare)
	}, func(f File, r io.Reader) error { return take(temp, f, r) })
	if err != nil {
		return Manifest{}, err
	}
	if err := ready(ctx, temp, m); err != nil {
		return Manifest{}, err
	}
	if err := note(temp, file, m, restoredWord); err != nil {
		return Manifest{}, err
	}
	return m, settle(temp, dir)
}

// settle moves a folder's files to where they belong, the last of them the one without
// which it is no party's folder.
func settle(from, to string) (err error) {
	names := []string{"journal", "keys", "lines", "run", lastFile, configFile}
	defer func() {
		if err == nil {
			return
		}
		for _, name := range slices.Backward(names) { // none was there before
			err = errors.Join(err, os.RemoveAll(filepath.Join(to, name)))
		}
	}()
	for _, name := range names {
		if name == configFile {
			if err := durable.SyncFolder(to); err != nil {
				return err
			}
		}
		if err := os.Rename(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return durable.SyncFolder(to)
}

// Vacant refuses a folder in which something is.
func Vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s: %w", dir, ErrTaken)
	}
	return nil
}

// take writes a file of a backup below a folder, durable but for the names above it.
// That the manifest passed its checks keeps every name below the folder.
func take(dir string, f File, r io.Reader) error {
	path := filepath.Join(dir, filepath.FromSlash(f.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	if err == nil {
		err = w.Sync()
	}
	return errors.Join(err, w.Close())
}

// ready makes a party's folder of the files of a backup: what is not in it and must be
// there, that the parts belong together, and that it was restored.
func ready(ctx context.Context, dir string, m Manifest) error {
	for _, d := range []string{"keys", "lines", "run"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return err
		}
	}
	h, err := home.Open(dir)
	if err == nil {
		_, err = h.AllLines()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotOurs, err)
	}
	if h.Party() != m.Party || h.Config().Root != m.RootText() {
		return fmt.Errorf("%w: %s is of another party than the manifest says", ErrNotOurs, configFile)
	}
	if err := renew(ctx, dir, m); err != nil {
		return err
	}
	if err := keyring.Counter(h.Keys()).Restore(m.Starts); err != nil {
		return err
	}
	return syncAll(dir)
}

// renew checks the restored journal against the manifest, and says in it that it was
// restored.
func renew(ctx context.Context, dir string, m Manifest) (err error) {
	j, err := journal.Open(journalDir(dir), journal.Options{Check: true, Reserve: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	starts, _, err := j.Starts()
	if err != nil {
		return err
	}
	if starts != m.Starts {
		return fmt.Errorf("%w: the journal counts %d starts and the manifest %d", ErrNotOurs, starts, m.Starts)
	}
	for _, want := range m.Logs {
		got, err := j.Log(want.ID)
		if err != nil || got.Line != want.Line || got.Party != want.Party || got.Size != want.Size {
			return fmt.Errorf("%w: the journal has another log %s than the manifest says (%v)", ErrNotOurs, want.ID, err)
		}
	}
	return j.Commit(ctx, station.MarkRestored)
}

// syncAll makes the names below a folder durable.
func syncAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return durable.SyncFolder(path)
	})
}
