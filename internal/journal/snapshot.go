package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"parley"
)

// Contents is what a snapshot holds, in numbers.
type Contents struct {
	Starts uint64 // the start counter, as View.Starts returns it
	Logs   []Log  // every log, ordered by id
}

// SnapshotRoom returns about how many bytes a snapshot of the journal in dir
// takes: more than it, unless the journal grows meanwhile.
func SnapshotRoom(dir string) (bytes int64, err error) {
	for _, name := range []string{fileName, fileName + "-wal"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) && name != fileName {
			continue // the journal was closed
		}
		if err != nil {
			return 0, fmt.Errorf("journal: room for a snapshot: %w", err)
		}
		bytes += info.Size()
	}
	return bytes, nil
}

// Snapshot writes one state of the journal in dir to the file path, which must not
// be there, and reads that file through for damage. Another process may have the
// journal open and go on committing: neither waits for the other, and what is
// committed meanwhile is not in it. What was deleted is not in it either: no free
// page is copied. The file is a journal.db for this user alone, and not durable yet.
//
// A snapshot reads; it cannot bring a journal to this version. Errors: ErrNewer,
// ErrOlder, ErrCorrupt; after an error there is no file.
func Snapshot(ctx context.Context, dir, path string) (_ Contents, err error) {
	fail := func(err error) (Contents, error) {
		return Contents{}, fmt.Errorf("journal: snapshot of %s: %w", dir, damage(err))
	}
	from := filepath.Join(dir, fileName)
	// SQLite would make a journal where there is none.
	if _, err := os.Stat(from); err != nil {
		return fail(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fail(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	if err := f.Close(); err != nil {
		return fail(err)
	}
	c, err := dial(from, false)
	if err != nil {
		return fail(err)
	}
	err = errors.Join(c.current(), c.vacuumInto(ctx, path), c.close())
	if err != nil {
		return fail(err)
	}
	out, err := contents(path)
	if err != nil {
		return fail(err)
	}
	return out, nil
}

// current refuses a file of another version than this one.
func (c *conn) current() error {
	steps, err := embedded()
	if err != nil {
		return err
	}
	switch have, err := c.oneInt(`PRAGMA user_version`); {
	case err != nil:
		return err
	case have > int64(len(steps)):
		return fmt.Errorf("%w: its schema is %d, this version knows %d", ErrNewer, have, len(steps))
	case have < int64(len(steps)):
		return fmt.Errorf("%w: its schema is %d, that of this version is %d", ErrOlder, have, len(steps))
	}
	return nil
}

// vacuumInto writes the state of the file now to an empty file.
func (c *conn) vacuumInto(ctx context.Context, path string) error {
	// It changes no database, and is not allowed all the same.
	if err := c.script(`PRAGMA query_only = off`); err != nil {
		return err
	}
	x, ok := c.c.(driver.ExecerContext)
	if !ok {
		return errors.New("the database driver cannot run a script")
	}
	_, err := x.ExecContext(ctx, `VACUUM INTO ?`, []driver.NamedValue{{Ordinal: 1, Value: path}})
	return errors.Join(err, ctx.Err())
}

// contents reads a snapshot through.
func contents(path string) (out Contents, err error) {
	c, err := dial(path, false)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.whole(); err != nil {
		return out, err
	}
	v := &View{c: c}
	if out.Starts, _, err = v.Starts(); err != nil {
		return out, err
	}
	var ids []parley.LogID
	err = c.query(`SELECT name FROM log ORDER BY name`, func(r row) error {
		var id parley.LogID
		copy(id[:], r.bytes(0))
		ids = append(ids, id)
		return nil
	})
	for _, id := range ids {
		if err != nil {
			break
		}
		var l Log
		l, err = v.Log(id)
		out.Logs = append(out.Logs, l)
	}
	return out, err
}
