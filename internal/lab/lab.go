package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"parley/internal/demo"
	"parley/internal/home"
	"parley/roster"
)

// Options are the choices of a lab.
type Options struct {
	// Command returns the command that runs the station of a home folder, as
	// parley serve does. It obeys orders (orders.go) on its standard input, if
	// a script gives any.
	Command func(home string) *exec.Cmd
	Seed    uint64    // what is drawn follows it
	Log     io.Writer // told in one line each what is done
	// Disk gives each station a disk of its own of so many bytes, which can be
	// filled; New returns ErrNoDisk where there can be none. 0: none.
	Disk int64
}

// Lab is two parties on one machine with a line between them, and its routes.
// Its methods may be called by one goroutine at a time.
type Lab struct {
	Sides  [2]*demo.Side // north, south
	Roster *roster.Roster

	o      Options
	dir    string
	disks  [2]string // mounted, or ""
	routes [len(routes)]route
	ledger *demo.Ledger
	begin  time.Time

	heldBefore [2]int     // how much of the other side each held when the script began
	before     [2]figures // what each was then
	orders     [2]orders
	saved      [2]saved

	telling sync.Mutex      // guards o.Log
	running context.Context // ends with the lab
	stop    context.CancelFunc
	wg      sync.WaitGroup // watches and flaps
}

// checkEvery is how often every channel is checked.
const checkEvery = 2 * time.Second

// New makes two parties in a new temporary folder, agrees on a line by the
// ceremony that people go through, and starts both stations. Close ends it all.
func New(ctx context.Context, o Options) (_ *Lab, err error) {
	dir, err := os.MkdirTemp("", "parley-lab-")
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	l := &Lab{o: o, dir: dir, ledger: demo.NewLedger(), begin: time.Now(), running: running, stop: stop}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	if err := l.settle(); err != nil {
		return nil, err
	}
	for i, side := range l.Sides {
		if err := side.Start(ctx); err != nil {
			return nil, err
		}
		l.wg.Go(func() { side.Watch(running, l.ledger, i, nil) })
	}
	return l, nil
}

// settle makes the parties, their disks and their routes.
func (l *Lab) settle() (err error) {
	var roots [2]home.RootKey
	for i, p := range parties {
		dir := filepath.Join(l.dir, string(p))
		if err := l.disk(i, dir); err != nil {
			return err
		}
		if l.Sides[i], roots[i], err = demo.NewSide(dir, p, parties[1-i], l.orders[i].given(l.o.Command)); err != nil {
			return err
		}
	}
	terms := roster.DefaultTerms()
	terms.CheckEvery = checkEvery
	overrides, err := l.lay(&terms)
	if err != nil {
		return err
	}
	if l.Roster, err = demo.Meet(l.Sides, terms, roots); err != nil {
		return fmt.Errorf("agree on the line: %w", err)
	}
	for i, side := range l.Sides {
		if err := side.Configure(overrides[i]); err != nil {
			return err
		}
	}
	l.ride()
	return nil
}

// disk gives a side a disk of its own, if asked for.
func (l *Lab) disk(i int, dir string) error {
	if l.o.Disk == 0 {
		return nil
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := mount(dir, l.o.Disk); err != nil {
		return err
	}
	l.disks[i] = dir
	return os.Chmod(dir, 0o700)
}

// Close ends what runs and removes what is on the disk.
func (l *Lab) Close() error {
	l.stop()
	var all []error
	for _, side := range l.Sides {
		if side != nil {
			all = append(all, side.Kill())
		}
	}
	l.wg.Wait()
	all = append(all, l.closeRoutes())
	for _, d := range l.disks {
		if d != "" {
			all = append(all, unmount(d))
		}
	}
	return errors.Join(append(all, os.RemoveAll(l.dir))...)
}

// tell tells what is done, and when since the lab was made.
func (l *Lab) tell(format string, args ...any) {
	l.telling.Lock()
	defer l.telling.Unlock()
	// The log is for people; no result depends on it.
	_, _ = fmt.Fprintf(l.o.Log, "%7.2f s  %s\n", time.Since(l.begin).Seconds(), fmt.Sprintf(format, args...))
}
