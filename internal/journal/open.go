package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	sqlite3 "modernc.org/sqlite/lib"
)

// Options are the choices of the one who opens a journal. The zero value is
// what a station uses.
type Options struct {
	// Group is the largest number of closures in one transaction; 0 means 256.
	Group int
	// Readers is the number of reading connections; 0 means 4.
	Readers int
	// Reserve is the size in bytes of the file kept to be given up when the
	// disk is full (CommitUrgent); 0 means 64 MiB, below 0 means none.
	Reserve int64
	// Check makes Open read the whole file for damage first (ErrCorrupt).
	Check bool

	softFrames int64 // of the log, before a checkpoint; tests make it small
}

// The names of the files in the folder of a journal.
const (
	fileName    = "journal.db"
	lockName    = "journal.lock"
	reserveName = "journal.reserve"
)

// Journal is an open journal. Its methods may be called from any goroutine.
type Journal struct {
	group   int
	lock    *os.File
	reserve *reserve
	readers *pool
	writer  *conn

	queue queue
	// writing is held by who uses the writer, the reserve, and what follows.
	writing      sync.Mutex
	batch        []*task
	transactions int // since the length of the log was looked at

	health    health
	soft      int64 // the length of the log, in frames, from which it is moved into the file
	restartAt int64 // the length of the log, in frames, from which readers are asked to let go of it

	done    chan struct{} // closed when the committer has ended
	closing sync.Once
	closed  error // of Close, set once
}

// Open opens the journal in the folder dir, creating both when absent, and
// brings an older file to this version. Errors: ErrBusy, ErrNewer, ErrCorrupt.
//
// Open reads no table, so its time does not grow with the journal (unless
// Options.Check asks for that).
func Open(dir string, o Options) (_ *Journal, err error) {
	o = o.withDefaults()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: open %s: %w", dir, err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	j := &Journal{group: o.Group, soft: o.softFrames, restartAt: hardFrames, lock: lock, done: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, j.release())
		}
	}()

	if j.reserve, err = openReserve(filepath.Join(dir, reserveName), o.Reserve, j.health.reserved); err != nil {
		return nil, fmt.Errorf("journal: open %s: %w", dir, err)
	}
	path := filepath.Join(dir, fileName)
	if err := makePrivate(path); err != nil {
		return nil, fmt.Errorf("journal: open %s: %w", path, err)
	}
	if j.writer, err = dial(path, true); err != nil {
		return nil, fmt.Errorf("journal: open %s: %w", path, damage(err))
	}
	if err := ready(j.writer, o.Check); err != nil {
		return nil, fmt.Errorf("journal: open %s: %w", path, damage(err))
	}
	if err := syncDir(dir); err != nil {
		return nil, fmt.Errorf("journal: open %s: %w", dir, err)
	}
	if j.readers, err = newPool(path, o.Readers); err != nil {
		return nil, fmt.Errorf("journal: open %s for reading: %w", path, err)
	}
	j.queue.init()
	go j.committer()
	return j, nil
}

// Close lets what is queued be committed, then ends the committer, the readers
// and the lock. Later calls return what the first returned.
func (j *Journal) Close() error {
	j.closing.Do(func() {
		j.queue.close()
		<-j.done
		j.writing.Lock() // for good
		j.closed = j.release()
	})
	return j.closed
}

func (j *Journal) release() error {
	var errs []error
	if j.readers != nil {
		errs = append(errs, j.readers.close())
	}
	if j.writer != nil {
		errs = append(errs, j.writer.close())
	}
	errs = append(errs, j.lock.Close()) // the lock goes last, with its file
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("journal: close: %w", err)
	}
	return nil
}

func (o Options) withDefaults() Options {
	if o.Group <= 0 {
		o.Group = 256
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.Reserve == 0 {
		o.Reserve = 64 << 20
	}
	if o.softFrames == 0 {
		o.softFrames = softFrames
	}
	return o
}

// ready checks the library and the file, and migrates the file.
func ready(c *conn, check bool) error {
	if err := checkVersion(c); err != nil {
		return err
	}
	steps, err := embedded()
	if err != nil {
		return err
	}
	if err := migrate(c, steps); err != nil {
		return err
	}
	if !check {
		return nil
	}
	return c.whole()
}

// whole reads the file through for damage.
func (c *conn) whole() error {
	return c.query(`PRAGMA quick_check(1)`, func(r row) error {
		if s := r.text(0); s != "ok" {
			return fmt.Errorf("%w: %s", ErrCorrupt, s)
		}
		return nil
	})
}

// damage says what to do about a file that SQLite cannot make sense of.
func damage(err error) error {
	const advice = "keep the folder, restore a backup, and let the logs begin a new generation"
	switch code, ok := resultCode(err); {
	case errors.Is(err, ErrCorrupt):
		return fmt.Errorf("%w: %s", err, advice)
	case ok && (code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB):
		return fmt.Errorf("%w: %w: %s", ErrCorrupt, err, advice)
	}
	return err
}

// lockDir takes the lock that keeps a second process out. The system drops it
// when the process ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: open %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("journal: open %s: %w: stop the other station first", dir, ErrBusy)
		}
		return nil, fmt.Errorf("journal: lock %s: %w", dir, err)
	}
	return f, nil
}

// makePrivate creates the file for its owner alone; SQLite gives its log the
// same mode.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// syncDir makes the names in dir durable: a file whose name is lost in a power
// cut is lost with all that was synced into it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
