package pouch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/courier"
)

// route is two folders, as on a stick.
type route struct {
	t          *testing.T
	east, west string
	poll       time.Duration
}

func newRoute(t *testing.T) *route {
	dir := t.TempDir()
	r := &route{t: t, east: filepath.Join(dir, "east"), west: filepath.Join(dir, "west")}
	r.must(os.Mkdir(r.east, 0o755))
	r.must(os.Mkdir(r.west, 0o755))
	return r
}

func (r *route) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *route) open(out, in string) *Channel {
	c, err := New(Config{Name: "stick", Out: out, In: in, Poll: r.poll, MaxBytes: 1 << 20})
	r.must(err)
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// pull takes the stick out, insert puts it in again.
func (r *route) pull() {
	r.must(os.Rename(r.east, r.east+".pulled"))
	r.must(os.Rename(r.west, r.west+".pulled"))
}

func (r *route) insert() {
	r.must(os.Rename(r.east+".pulled", r.east))
	r.must(os.Rename(r.west+".pulled", r.west))
}

// lay puts a file into the folder west.
func (r *route) lay(name, content string) {
	r.t.Helper()
	r.must(os.WriteFile(filepath.Join(r.west, name), []byte(content), 0o644))
}

// names are the names in a folder.
func (r *route) names(folder string) string {
	r.t.Helper()
	entries, err := os.ReadDir(folder)
	r.must(err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

// bubble runs a test where a minute takes no time.
func bubble(t *testing.T, test func(t *testing.T, r *route)) {
	r := newRoute(t)
	synctest.Test(t, func(t *testing.T) {
		r.t = t
		test(t, r)
	})
}

// elapse lets d pass in the bubble, and all that follows from it happen.
func elapse(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// inbox is all that a channel receives from now on, until the end of the test.
type inbox struct {
	mu      sync.Mutex
	frames  []string
	settles []func()
	errs    []error
}

func receiveAll(t *testing.T, c *Channel) *inbox {
	in := &inbox{}
	go func() {
		for {
			frame, settle, err := c.ReceiveUnsettled(t.Context())
			in.mu.Lock()
			switch {
			case err == nil:
				in.frames = append(in.frames, string(frame))
				in.settles = append(in.settles, settle)
			case errors.Is(err, courier.ErrRefused):
				in.errs = append(in.errs, err)
			}
			in.mu.Unlock()
			if err != nil && !errors.Is(err, courier.ErrRefused) {
				return
			}
		}
	}()
	return in
}

// take returns what was received within d, and forgets it.
func (in *inbox) take(d time.Duration) string {
	elapse(d)
	in.mu.Lock()
	defer in.mu.Unlock()
	frames := strings.Join(in.frames, " ")
	in.frames = nil
	return frames
}

// told returns the one error that was told, and forgets it.
func (in *inbox) told(t *testing.T) string {
	t.Helper()
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.errs) != 1 {
		t.Fatalf("told of %d errors: %v; want one", len(in.errs), in.errs)
	}
	told := in.errs[0].Error()
	in.errs = nil
	return told
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v; want %v", what, got, want)
	}
}

func file(frames ...string) string {
	var all [][]byte
	for _, frame := range frames {
		all = append(all, []byte(frame))
	}
	return string(appendFile(nil, all))
}

// plan makes the operations fail that are named in it.
type plan struct {
	mu    sync.Mutex
	fails map[string]error
}

// strike makes a channel's disk fail.
func strike(c *Channel, fails map[string]error) *plan {
	p := &plan{fails: fails}
	c.disk.fault = func(op, path string) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if err := p.fails[op]; err != nil {
			return &os.PathError{Op: op, Path: path, Err: err}
		}
		return nil
	}
	return p
}

// mend ends that.
func (p *plan) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.fails)
}
