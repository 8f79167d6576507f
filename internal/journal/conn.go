package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime/debug"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// conn is one connection and the statements prepared on it. It stands on the
// driver itself and not on database/sql: the committer needs one connection
// with its transaction under its own hand, and a statement costs half as much.
// It serves one goroutine at a time.
type conn struct {
	c     driver.Conn
	stmts map[string]*stmt
	// broken is the first error after which the transaction cannot go on,
	// kept here because a closure may hide it. A transaction begins with none.
	broken error
}

type stmt struct {
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
	close func() error
	args  []driver.NamedValue
}

// pragmas hold for every connection. A page is checked when read, and nothing
// in the schema of a file that another program may have touched can call code.
const pragmas = `
PRAGMA trusted_schema = off;
PRAGMA cell_size_check = on;
PRAGMA temp_store = memory;
PRAGMA busy_timeout = 0;
PRAGMA cache_size = -16384;
`

// dial opens the file at path, for the committer or for a reader.
func dial(path string, write bool) (*conn, error) {
	mode := "ro"
	if write {
		mode = "rwc"
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: "mode=" + mode}
	// As SQLite is built wherever it finds fdatasync: a commit is as durable, and
	// does not wait for the file's time of change to go through the journal of
	// the file system. Where there is none, fsync remains.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return nil, err
	}
	connector, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, err
	}
	dc, err := connector.Connect(context.Background())
	if err != nil {
		return nil, err
	}
	c := &conn{c: dc, stmts: make(map[string]*stmt)}
	if err := c.setUp(write); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *conn) setUp(write bool) error {
	if err := c.script(pragmas); err != nil {
		return err
	}
	if !write {
		// The committer never makes a reader wait; a tool of the operator's may.
		return c.script(`PRAGMA query_only = on; PRAGMA busy_timeout = 1000;`)
	}
	if err := c.script(`PRAGMA auto_vacuum = none;`); err != nil {
		return err
	}
	mode, err := c.oneText(`PRAGMA journal_mode = wal`)
	if err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system of this folder allows journal mode %q only, and not wal: use a local disk", mode)
	}
	return c.script(walPragmas)
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.close())
	}
	return errors.Join(append(errs, c.c.Close())...)
}

// script runs statements that are used once.
func (c *conn) script(sql string) error {
	x, ok := c.c.(driver.ExecerContext)
	if !ok {
		return errors.New("the database driver cannot run a script")
	}
	_, err := x.ExecContext(context.Background(), sql, nil)
	return err
}

// prepared returns the statement for sql, from the connection's cache. Every
// sql is a constant of this package, so the cache is bounded.
func (c *conn) prepared(sql string) (*stmt, error) {
	if s, ok := c.stmts[sql]; ok {
		return s, nil
	}
	ds, err := c.c.Prepare(sql)
	if err != nil {
		return nil, err
	}
	x, ok1 := ds.(driver.StmtExecContext)
	q, ok2 := ds.(driver.StmtQueryContext)
	if !ok1 || !ok2 {
		return nil, errors.Join(errors.New("the database driver cannot use prepared statements"), ds.Close())
	}
	s := &stmt{exec: x, query: q, close: ds.Close}
	c.stmts[sql] = s
	return s, nil
}

func (s *stmt) bind(args []any) []driver.NamedValue {
	s.args = s.args[:0]
	for i, a := range args {
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return s.args
}

// run executes sql. Arguments are int64, string, []byte or nil.
func (c *conn) run(sql string, args ...any) error {
	_, err := c.changes(sql, args...)
	return err
}

// changes executes sql and returns how many rows it changed.
func (c *conn) changes(sql string, args ...any) (int64, error) {
	s, err := c.prepared(sql)
	if err != nil {
		return 0, err
	}
	r, err := s.exec.ExecContext(context.Background(), s.bind(args))
	if err != nil {
		return 0, c.note(err)
	}
	return r.RowsAffected()
}

// query runs sql and gives each row to scan, which must not keep the row nor
// use the connection.
func (c *conn) query(sql string, scan func(row) error, args ...any) (err error) {
	s, err := c.prepared(sql)
	if err != nil {
		return err
	}
	rows, err := s.query.QueryContext(context.Background(), s.bind(args))
	if err != nil {
		return c.note(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	r := row{values: make([]driver.Value, len(rows.Columns()))}
	for {
		switch err := rows.Next(r.values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return c.note(err)
		}
		if err := scan(r); err != nil {
			return err
		}
	}
}

// one runs sql and gives its first row to scan; it returns ErrNotFound when
// there is none.
func (c *conn) one(sql string, scan func(row) error, args ...any) error {
	found := false
	err := c.query(sql, func(r row) error {
		found = true
		return scan(r)
	}, args...)
	if err == nil && !found {
		return ErrNotFound
	}
	return err
}

func (c *conn) oneInt(sql string, args ...any) (n int64, err error) {
	err = c.one(sql, func(r row) error { n = r.int(0); return nil }, args...)
	return n, err
}

func (c *conn) oneText(sql string, args ...any) (s string, err error) {
	err = c.one(sql, func(r row) error { s = r.text(0); return nil }, args...)
	return s, err
}

// resultCode returns SQLite's primary result code in err, and false when err is not SQLite's.
func resultCode(err error) (code int, ok bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.Code() & 0xff, true
}

// note keeps err in c.broken unless it concerns one statement alone. After
// such an error SQLite may have rolled the transaction back by itself, and a
// further statement would run, and commit, outside of it.
func (c *conn) note(err error) error {
	code, ok := resultCode(err)
	switch {
	case c.broken != nil:
	case !ok:
		c.broken = err
	case code != sqlite3.SQLITE_CONSTRAINT && code != sqlite3.SQLITE_ERROR && code != sqlite3.SQLITE_TOOBIG:
		c.broken = err
	}
	return err
}

func isConstraint(err error) bool {
	code, ok := resultCode(err)
	return ok && code == sqlite3.SQLITE_CONSTRAINT
}

// isStatement reports an error of the statement itself, such as a ROLLBACK
// where there is no transaction.
func isStatement(err error) bool {
	code, ok := resultCode(err)
	return ok && code == sqlite3.SQLITE_ERROR
}

func isFull(err error) bool {
	code, ok := resultCode(err)
	return ok && code == sqlite3.SQLITE_FULL
}

// panicError turns what a closure panicked with into an error.
func panicError(v any) error {
	return fmt.Errorf("panic in the closure: %v\n%s", v, debug.Stack())
}
