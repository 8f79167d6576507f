package journal

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

// step is one migration: it brings a file from the version before to Version.
type step struct {
	version int64
	sql     string
}

//go:embed schema/*.sql
var schemaFiles embed.FS

// oldestSQLite is the first release with the mending of the WAL-reset
// corruption; older libraries are refused.
const oldestMajor, oldestMinor = 3, 53

// embedded returns the migrations schema/1.sql, schema/2.sql, … in order. A
// released file is never edited; a change is a new file.
func embedded() ([]step, error) {
	files, err := schemaFiles.ReadDir("schema")
	if err != nil {
		return nil, err
	}
	steps := make([]step, len(files))
	for i := range files {
		sql, err := schemaFiles.ReadFile(fmt.Sprintf("schema/%d.sql", i+1))
		if err != nil {
			return nil, err
		}
		steps[i] = step{version: int64(i + 1), sql: string(sql)}
	}
	return steps, nil
}

// migrate runs the steps that the file lacks, each in a transaction of its own
// together with the version it reaches, so that a crash leaves a whole version.
func migrate(c *conn, steps []step) error {
	have, err := c.oneInt(`PRAGMA user_version`)
	if err != nil {
		return err
	}
	newest := int64(len(steps))
	if have > newest {
		return fmt.Errorf("%w: its schema is %d, this version knows %d: install the newer version again", ErrNewer, have, newest)
	}
	for _, s := range steps {
		if s.version <= have {
			continue
		}
		if err := s.apply(c); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", s.version, err)
		}
	}
	return nil
}

// apply leaves the transaction open when it fails: whoever opened the file then
// closes it, which rolls back.
func (s step) apply(c *conn) error {
	return c.script(fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;\nCOMMIT;", s.sql, s.version))
}

// checkVersion refuses a library older than this package was written for.
func checkVersion(c *conn) error {
	v, err := c.oneText(`SELECT sqlite_version()`)
	if err != nil {
		return err
	}
	parts := strings.Split(v, ".")
	if len(parts) < 2 {
		return fmt.Errorf("SQLite reports its version as %q", v)
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil || major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		return fmt.Errorf("SQLite %s is too old: build with %d.%d or later", v, oldestMajor, oldestMinor)
	}
	return nil
}
