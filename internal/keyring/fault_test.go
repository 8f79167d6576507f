package keyring

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// errDisk is what a failing disk says.
var errDisk = errors.New("the disk failed")

// A fault is how one system call goes wrong.
type fault int

const (
	refuses  fault = iota // it fails and does nothing, once
	dies                  // it fails and does nothing, and so does every later one: a power cut
	lies                  // it is done, a write in half, and reports failure
	diesLate              // it is done, a write in half, and every later one does nothing
)

func (f fault) String() string { return [...]string{"refuses", "dies", "lies", "dies late"}[f] }

// faultyDisk lets call number at (from 1) go wrong.
type faultyDisk struct {
	osDisk
	fault fault
	at    int
	calls int
	trace []string // the names of the calls
}

// call does one system call, or what the fault makes of it.
func (d *faultyDisk) call(name string, do func() error, half func() error) error {
	d.calls++
	d.trace = append(d.trace, name)
	late := d.calls > d.at && (d.fault == dies || d.fault == diesLate)
	switch {
	case late, d.calls == d.at && (d.fault == refuses || d.fault == dies):
		return errDisk
	case d.calls == d.at:
		if half != nil {
			do = half
		}
		if err := do(); err != nil {
			d.at++ // it fails by itself, as a Mkdir of what exists: try the next
			return err
		}
		return errDisk
	}
	return do()
}

func (d *faultyDisk) Mkdir(path string) error {
	return d.call("mkdir", func() error { return d.osDisk.Mkdir(path) }, nil)
}

func (d *faultyDisk) Link(from, to string) error {
	return d.call("link", func() error { return d.osDisk.Link(from, to) }, nil)
}

func (d *faultyDisk) Rename(from, to string) error {
	return d.call("rename", func() error { return d.osDisk.Rename(from, to) }, nil)
}

func (d *faultyDisk) Remove(path string) error {
	return d.call("remove", func() error { return d.osDisk.Remove(path) }, nil)
}

func (d *faultyDisk) SyncDir(path string) error {
	return d.call("sync folder", func() error { return d.osDisk.SyncDir(path) }, nil)
}

func (d *faultyDisk) Create(path string) (handle, error) {
	return d.open("create", d.osDisk.Create, path)
}

func (d *faultyDisk) OpenWrite(path string) (handle, error) {
	return d.open("open", d.osDisk.OpenWrite, path)
}

func (d *faultyDisk) open(name string, open func(string) (handle, error), path string) (h handle, err error) {
	err = d.call(name, func() (err error) { h, err = open(path); return err }, nil)
	if err != nil {
		if h != nil {
			h.Close()
		}
		return nil, err
	}
	return &faultyHandle{h, d}, nil
}

type faultyHandle struct {
	handle
	disk *faultyDisk
}

func (h *faultyHandle) Write(b []byte) (n int, err error) {
	write := func(b []byte) func() error {
		return func() error { n, err = h.handle.Write(b); return err }
	}
	return n, h.disk.call("write", write(b), write(b[:len(b)/2]))
}

func (h *faultyHandle) Sync() error { return h.disk.call("sync", h.handle.Sync, nil) }

// Close closes the real file in any case: a test does not leak.
func (h *faultyHandle) Close() error {
	closed := false
	err := h.disk.call("close", func() error { closed = true; return h.handle.Close() }, nil)
	if !closed {
		h.handle.Close()
	}
	return err
}

// eachFault runs op once for every system call that it makes and every way for
// that call to go wrong. op prepares a new folder with the sound workshop, does
// one thing with the faulty one, and checks what is left; it returns the
// error of the one thing.
func eachFault(t *testing.T, op func(t *testing.T, dir string, faulty workshop) error) {
	for _, f := range []fault{refuses, dies, lies, diesLate} {
		for at := 1; ; at++ {
			d := &faultyDisk{fault: f, at: at}
			var err error
			t.Run(fmt.Sprintf("%s at %d", f, at), func(t *testing.T) {
				err = op(t, t.TempDir(), workshop{disk: d, cost: cheap.cost})
				if err == nil && d.calls >= d.at {
					t.Error("the disk failed, and success was reported")
				}
			})
			if d.calls < d.at {
				if err != nil {
					t.Errorf("fails on a sound disk: %v", err)
				}
				if at < 4 {
					t.Errorf("only %d system calls: the faults do not reach the code", at-1)
				}
				break
			}
			if t.Failed() {
				return
			}
		}
	}
}

// TestOrderOfCalls: a failing call cannot show that a flush is missing, or comes
// too late for a power cut; so the order itself is held to.
func TestOrderOfCalls(t *testing.T) {
	d := &faultyDisk{}
	w := workshop{disk: d, cost: cheap.cost}
	dir := t.TempDir()
	s := someStation(t)
	e, err := w.openEpochs(dir, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		do   func() error
		want string
	}{
		{"first officer", func() error { _, err := w.createOfficer(dir, "adams", pass(t, "correct horse")); return err },
			"mkdir, sync folder, create, write, sync, close, link, remove, sync folder"},
		{"next officer", func() error { _, err := w.createOfficer(dir, "baker", pass(t, "battery staple")); return err },
			"mkdir, create, write, sync, close, link, remove, sync folder"},
		{"station", func() error { _, err := w.createStation(filepath.Join(dir, "a", "b"), PlainFile()); return err },
			"mkdir, mkdir, sync folder, mkdir, sync folder, create, write, sync, close, link, remove, sync folder"},
		{"first put", func() error { return e.Put(Epoch, []byte("a"), []byte("secret")) },
			"mkdir, sync folder, create, write, sync, close, rename, sync folder"},
		{"next put", func() error { return e.Put(Epoch, []byte("a"), []byte("secret")) },
			"mkdir, create, write, sync, close, rename, sync folder"},
		{"delete", func() error { return e.Delete(Epoch, []byte("a")) },
			"rename, sync folder, open, write, sync, close, remove, sync folder"},
		{"count a start", func() error { _, err := w.counter(dir).Advance(); return err },
			"mkdir, create, write, sync, close, rename, sync folder"},
	} {
		d.trace = nil
		if err := c.do(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := strings.Join(d.trace, ", "); got != c.want {
			t.Errorf("%s:\n calls %s\n want  %s", c.name, got, c.want)
		}
	}
}

// TestCreateFaults: whatever fails, there is no key, or a whole one that opens.
func TestCreateFaults(t *testing.T) {
	eachFault(t, func(t *testing.T, dir string, faulty workshop) error {
		pub, err := faulty.createOfficer(dir, "adams", pass(t, "correct horse"))
		s, opened := cheap.unlockOfficer(dir, "adams", pass(t, "correct horse"))
		switch {
		case err == nil && opened != nil:
			t.Errorf("reported made, but: %v", opened)
		case err == nil:
			signs(t, s, pub)
		case opened != nil && !errors.Is(opened, ErrNotFound):
			t.Errorf("neither absent nor whole: %v", opened)
		}
		// What is left over is in nobody's way.
		if errors.Is(opened, ErrNotFound) {
			if _, err := cheap.createOfficer(dir, "adams", pass(t, "correct horse")); err != nil {
				t.Errorf("cannot be made again: %v", err)
			}
		}
		return err
	})
}

// TestPutFaults: whatever fails, the old secret is held or the new one, whole;
// and the next start clears what is left over.
func TestPutFaults(t *testing.T) {
	eachFault(t, func(t *testing.T, dir string, faulty workshop) error {
		s := someStation(t)
		put(t, s, dir, "one", "old")
		e, err := faulty.openEpochs(dir, s)
		if err != nil {
			t.Fatal(err)
		}
		err = e.Put(Epoch, []byte("one"), []byte("new"))
		after := reopen(t, s, dir)
		got, getErr := after.Get(Epoch, []byte("one"))
		if getErr != nil || string(got) != "new" && (err == nil || string(got) != "old") {
			t.Errorf("put said %v; holds %q, %v", err, got, getErr)
		}
		noLeftovers(t, dir)
		return err
	})
}

// TestDeleteFaults: whatever fails, the secret is held whole or not at all;
// repeating the deletion finishes it, and so does the next start.
func TestDeleteFaults(t *testing.T) {
	for _, repeat := range []bool{false, true} {
		t.Run(fmt.Sprintf("repeated=%t", repeat), func(t *testing.T) {
			eachFault(t, func(t *testing.T, dir string, faulty workshop) error {
				s := someStation(t)
				put(t, s, dir, "one", "old")
				e, err := faulty.openEpochs(dir, s)
				if err != nil {
					t.Fatal(err)
				}
				err = e.Delete(Epoch, []byte("one"))
				if repeat {
					e.w = cheap
					if err := e.Delete(Epoch, []byte("one")); err != nil {
						t.Errorf("repeated: %v", err)
					}
					if _, err := e.Get(Epoch, []byte("one")); !errors.Is(err, ErrNotFound) {
						t.Errorf("repeated: still held: %v", err)
					}
					noLeftovers(t, dir)
					return err
				}
				after := reopen(t, s, dir)
				got, getErr := after.Get(Epoch, []byte("one"))
				held := getErr == nil && string(got) == "old"
				if !held && !errors.Is(getErr, ErrNotFound) || err == nil && held {
					t.Errorf("delete said %v; holds %q, %v", err, got, getErr)
				}
				noLeftovers(t, dir)
				return err
			})
		})
	}
}

// TestSweepFaults: a start that fails while it finishes a deletion changes
// nothing that is held, and the next start finishes.
func TestSweepFaults(t *testing.T) {
	eachFault(t, func(t *testing.T, dir string, faulty workshop) error {
		s := someStation(t)
		put(t, s, dir, "one", "old")
		put(t, s, dir, "two", "gone")
		path, err := reopen(t, s, dir).path(Epoch, []byte("two"))
		if err != nil {
			t.Fatal(err)
		}
		if err := (osDisk{}).Rename(path, path+goneSuffix); err != nil {
			t.Fatal(err)
		}
		_, err = faulty.openEpochs(dir, s)
		after := reopen(t, s, dir)
		if got, err := after.Get(Epoch, []byte("one")); err != nil || string(got) != "old" {
			t.Errorf("the other secret: %q, %v", got, err)
		}
		noLeftovers(t, dir)
		return err
	})
}

// TestCounterFaults: whatever fails, the counter holds the old or the new number.
func TestCounterFaults(t *testing.T) {
	eachFault(t, func(t *testing.T, dir string, faulty workshop) error {
		dir = filepath.Join(dir, "state")
		for range 2 {
			if _, err := cheap.counter(dir).Advance(); err != nil {
				t.Fatal(err)
			}
		}
		_, err := faulty.counter(dir).Advance()
		n, loadErr := cheap.counter(dir).Load()
		if loadErr != nil || n != 3 && (err == nil || n != 2) {
			t.Errorf("advance said %v; the counter holds %d, %v", err, n, loadErr)
		}
		return err
	})
}
