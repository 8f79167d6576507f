package backup

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"parley/internal/home"
)

// Made is what Make made.
type Made struct {
	Manifest
	Bytes int64 // of the backup
	// Left are the files below keys and lines that are not in it, by their names
	// below the folder.
	Left []string
}

// readTwice bounds how often the files beside the journal are read again because
// they changed.
const readTwice = 8

// Make writes a backup of a party's folder to a new file, durable and for this user
// alone, sealed for each of the recipients. The station may run. There is no file of
// that name before it is whole. For as long as it takes, the folder holds a copy of the
// journal. Errors: ErrBusy, ErrRoom, ErrUnsteady, fs.ErrExist, those of
// journal.Snapshot, or what the disk said.
func Make(ctx context.Context, h *home.Home, to Recipients, out string, o Options) (made Made, err error) {
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return Made{}, fmt.Errorf("%s: %w", out, cmpErr(err, fs.ErrExist))
	}
	unlock, err := lock(h)
	if err != nil {
		return Made{}, err
	}
	defer unlock()
	if err := room(h, out); err != nil {
		return Made{}, err
	}
	g, err := gather(ctx, h, o)
	if err != nil {
		return Made{}, err
	}
	defer func() { err = errors.Join(err, g.journal.Close()) }()
	made = Made{Left: g.left, Manifest: Manifest{
		Made: o.Now().UTC().Truncate(time.Second), Party: h.Party(), Program: o.Program, Starts: g.contents.Starts, Files: g.files,
	}}
	if made.Root, err = base64.StdEncoding.DecodeString(h.Config().Root); err != nil {
		return Made{}, err
	}
	for _, l := range g.contents.Logs {
		made.Logs = append(made.Logs, Log{Line: l.Line, ID: l.ID, Party: l.Party, Size: l.Size})
	}
	all := made.Manifest.Bytes()
	made.Bytes, err = newFile(out, func(w io.Writer) error {
		return write(interrupted{ctx, w}, made.Manifest, to, g.open, func(done int64) { o.tell(Sealing, done, all) })
	})
	if err != nil {
		return Made{}, err
	}
	return made, remember(h, out, made)
}

// cmpErr returns err, or other if there is none.
func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// interrupted ends writing when its context does.
type interrupted struct {
	ctx context.Context
	w   io.Writer
}

func (i interrupted) Write(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.w.Write(p)
}

// lock keeps a second backup of the folder from being made meanwhile.
func lock(h *home.Home) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(h.Dir(), "run", "backup.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrBusy
		}
		return nil, errors.Join(fmt.Errorf("%s: %w", h.Dir(), err), f.Close())
	}
	return func() { _ = f.Close() }, nil // nothing was written that could be lost
}

func journalDir(dir string) string { return filepath.Join(dir, "journal") }
