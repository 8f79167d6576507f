package pouch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/channel/channeltest"
	"parley/internal/courier"
)

func TestConformance(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) (a, b courier.Channel, cut, restore func()) {
		r := newRoute(t)
		r.poll = 5 * time.Millisecond
		return r.open(r.east, r.west), r.open(r.west, r.east), r.pull, r.insert
	})
}

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

// A file lies in the folder until the last of its frames is settled, and its frames come again until then.
func TestFileStaysUntilSettled(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		north, south := r.open(r.west, r.east), r.open(r.east, r.west)
		if _, err := north.SendBatch(t.Context(), [][]byte{[]byte("one"), []byte("two")}); err != nil {
			t.Fatal(err)
		}
		name := r.names(r.west)
		in := receiveAll(t, south)
		equal(t, "received", in.take(time.Second), "one two")
		in.settles[0]()
		in.settles[0]() // again is nothing
		equal(t, "after one was settled", r.names(r.west), name)
		equal(t, "soon", in.take(repeat/2), "")
		equal(t, "a minute later", in.take(repeat), "one two")
		r.must(south.Close())

		restarted := receiveAll(t, r.open(r.east, r.west))
		equal(t, "after a restart", restarted.take(time.Second), "one two")
		restarted.settles[0]()
		restarted.settles[1]()
		equal(t, "after both were settled", r.names(r.west), "")
		equal(t, "later", restarted.take(2*repeat), "")
		in.settles[1]() // late, by the first
	})
}

// Poison first, and the good file behind it arrives at once; the poison is put aside when it has had time to become
// whole, and is told of once.
func TestBadFilesArePutAside(t *testing.T) {
	for name, content := range map[string]string{
		"empty":     "",
		"foreign":   "PK\x03\x04 something else",
		"cut short": file("one", "two")[:40],
		"altered":   strings.Replace(file("one"), "one", "ome", 1),
		"too large": strings.Repeat("x", maxFile+1),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *route) {
				r.lay("0.pouch", content)
				r.lay("1.pouch", file("good"))
				in := receiveAll(t, r.open(r.east, r.west))
				equal(t, "received", in.take(time.Second), "good")
				in.settles[0]()
				equal(t, "at first", r.names(r.west), "0.pouch")
				equal(t, "received", in.take(patience), "")
				equal(t, "then", r.names(r.west), refusedFolder)
				equal(t, "aside", r.names(filepath.Join(r.west, refusedFolder)), "0.pouch")
				if told := in.told(t); !strings.Contains(told, "0.pouch") || !strings.Contains(told, refusedFolder) {
					t.Errorf("told %q", told)
				}
				in.take(2 * repeat)
				equal(t, "told again", len(in.errs), 0)
			})
		})
	}
}

// A file that is being copied slowly is not refused.
func TestSlowCopyArrives(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		in := receiveAll(t, r.open(r.east, r.west))
		whole := file("one", "two", "three")
		for n := 0; n < len(whole); n += 10 {
			r.lay("slow.pouch", whole[:n])
			equal(t, "received", in.take(patience-time.Second), "")
		}
		r.lay("slow.pouch", whole)
		equal(t, "received", in.take(time.Second), "one two three")
		equal(t, "told", len(in.errs), 0)
	})
}

// What is not named as a pouch file, and what is no file, is left alone. A pouch file may have any name.
func TestNames(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		r.lay("notes.txt", file("no"))
		r.lay(".hidden.pouch", file("no"))
		r.lay("a.pouch.part", file("no"))
		r.must(os.Mkdir(filepath.Join(r.west, "folder.pouch"), 0o755))
		r.must(os.Symlink(filepath.Join(r.west, "notes.txt"), filepath.Join(r.west, "link.pouch")))
		r.must(syscall.Mkfifo(filepath.Join(r.west, "fifo.pouch"), 0o644))
		before := r.names(r.west)
		r.lay("COPY OF 1.POUCH", file("yes"))
		in := receiveAll(t, r.open(r.east, r.west))
		equal(t, "received", in.take(time.Second), "yes")
		in.settles[0]()
		equal(t, "received", in.take(2*repeat), "")
		equal(t, "left", r.names(r.west), before)
		equal(t, "told", len(in.errs), 0)
	})
}

// The stick is pulled out while a frame is in hand, and put in again.
func TestStickPulledOut(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		south := r.open(r.east, r.west)
		in := receiveAll(t, south)
		r.lay("1.pouch", file("one"))
		equal(t, "received", in.take(time.Second), "one")
		r.pull()
		in.take(time.Second)
		if _, down := south.Up(); !errors.Is(down, os.ErrNotExist) {
			t.Errorf("without a stick, up tells %v", down)
		}
		if err := south.Send(t.Context(), []byte("x")); !errors.Is(err, courier.ErrDown) {
			t.Errorf("send without a stick: %v; want ErrDown", err)
		}
		in.settles[0]()
		elapse(time.Hour)
		r.insert()
		equal(t, "received", in.take(time.Second), "")
		equal(t, "left of what was settled", r.names(r.west), "")
		if _, down := south.Up(); down != nil {
			t.Errorf("with the stick, up tells %v", down)
		}
		if err := south.Send(t.Context(), []byte("x")); err != nil {
			t.Errorf("send with the stick: %v", err)
		}
	})
}

// Another file of the same name is not deleted in place of the one that was settled.
func TestSettleSparesAnotherFile(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		in := receiveAll(t, r.open(r.east, r.west))
		r.lay("1.pouch", file("one"))
		equal(t, "received", in.take(time.Second), "one")
		r.lay("1.pouch", file("three"))
		in.settles[0]()
		equal(t, "received", in.take(time.Second), "three")
	})
}

func TestOutFolderIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		north := r.open(r.west, r.east)
		var err error
		sent := 0
		for ; err == nil && sent < 100; sent++ {
			err = north.Send(t.Context(), channeltest.Frame(courier.MaxFrame))
		}
		if !errors.Is(err, ErrFull) || !errors.Is(err, courier.ErrDown) || sent != 16 {
			t.Errorf("send %d: %v; want ErrFull at the 16th of 64 KiB into 1 MiB", sent, err)
		}
		entries, err := os.ReadDir(r.west)
		r.must(err)
		r.must(os.Remove(filepath.Join(r.west, entries[0].Name())))
		r.must(north.Send(t.Context(), channeltest.Frame(600)))
	})
}

// The same frames lie in the folder once, however often they are sent.
func TestRepeatsLieOnce(t *testing.T) {
	r := newRoute(t)
	north := r.open(r.west, r.east)
	for range 3 {
		r.must(north.Send(t.Context(), []byte("one")))
	}
	if names := r.names(r.west); strings.Contains(names, " ") {
		t.Errorf("in the folder: %s", names)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, cfg := range []Config{{Out: "a"}, {In: "a"}, {Out: "a", In: "a"}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("accepted %+v", cfg)
		}
	}
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

// Whatever fails on the way out is told, leaves no half file, and does not stop what comes after it.
func TestOutgoingFaults(t *testing.T) {
	for op, fault := range map[string]error{
		"stat":   syscall.EIO,
		"list":   syscall.EIO,
		"create": syscall.EACCES, // an unwritable folder
		"write":  syscall.ENOSPC, // a full disk
		"sync":   syscall.ENOSPC,
		"rename": syscall.EROFS,
	} {
		t.Run(op, func(t *testing.T) {
			r := newRoute(t)
			north := r.open(r.west, r.east)
			faults := strike(north, map[string]error{op: fault})
			err := north.Send(t.Context(), []byte("one"))
			if !errors.Is(err, fault) || !errors.Is(err, courier.ErrDown) {
				t.Errorf("send: %v; want %v and ErrDown", err, fault)
			}
			equal(t, "in the folder", r.names(r.west), "")
			faults.mend()
			r.lay(tempPrefix+"left by a crash"+tempSuffix, "ha")
			r.must(north.Send(t.Context(), []byte("two")))
			equal(t, "in the folder", r.names(r.west), fileName([]byte(file("two"))))
		})
	}
}

// Whatever fails on the way in is told, and neither loses a file nor stops another.
func TestIncomingFaults(t *testing.T) {
	t.Run("read", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *route) {
			south := r.open(r.east, r.west)
			faults := strike(south, map[string]error{"read": syscall.EIO})
			r.lay("1.pouch", file("one"))
			in := receiveAll(t, south)
			equal(t, "received", in.take(time.Second), "")
			equal(t, "told", strings.Contains(in.told(t), "input/output error"), true)
			faults.mend()
			r.lay("2.pouch", file("two"))
			equal(t, "received", in.take(time.Second), "two")
			equal(t, "a minute later", in.take(repeat), "one two")
		})
	})
	t.Run("list", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *route) {
			south := r.open(r.east, r.west)
			faults := strike(south, map[string]error{"list": syscall.EACCES})
			r.lay("1.pouch", file("one"))
			in := receiveAll(t, south)
			equal(t, "received", in.take(time.Second), "")
			if _, down := south.Up(); !errors.Is(down, syscall.EACCES) {
				t.Errorf("up tells %v", down)
			}
			faults.mend()
			equal(t, "received", in.take(time.Second), "one")
		})
	})
	t.Run("remove", func(t *testing.T) { // a stick with its write protection on
		bubble(t, func(t *testing.T, r *route) {
			south := r.open(r.east, r.west)
			faults := strike(south, map[string]error{"remove": syscall.EROFS, "rename": syscall.EROFS})
			r.lay("1.pouch", file("one"))
			r.lay("2.pouch", "bad")
			in := receiveAll(t, south)
			equal(t, "received", in.take(time.Second), "one")
			in.settles[0]()
			equal(t, "received", in.take(patience), "")
			equal(t, "told", strings.Contains(in.told(t), "stays where it is"), true)
			equal(t, "received", in.take(repeat), "")
			equal(t, "told", strings.Contains(in.told(t), "delete it by hand"), true)
			equal(t, "left", r.names(r.west), "1.pouch 2.pouch "+refusedFolder)
			faults.mend()
			equal(t, "received", in.take(repeat), "")
			equal(t, "left", r.names(r.west), "2.pouch "+refusedFolder)
		})
	})
}

// The courier deletes a file when the station has settled its frames, and poison in the folder stops nothing.
func TestWithCourier(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		r.lay("0.pouch", "poison")
		north, south := r.open(r.west, r.east), r.open(r.east, r.west)
		var held []courier.Inbound
		run := func(c *Channel, deliver func(courier.Inbound)) *courier.Courier {
			k := courier.New(courier.Config{Channels: []courier.Leg{{Channel: c, Class: courier.Carried}}, Deliver: deliver})
			go func() { _ = k.Run(t.Context()) }()
			return k
		}
		sender := run(north, func(courier.Inbound) {})
		receiver := run(south, func(in courier.Inbound) { held = append(held, in) })
		synctest.Wait()
		for i := range 300 {
			if !sender.Send("stick", i%courier.Urgencies, fmt.Appendf(nil, "frame %d", i)) {
				t.Fatalf("frame %d was not queued", i)
			}
		}
		elapse(repeat)
		equal(t, "received", len(held), 300)
		if n := len(strings.Fields(r.names(r.west))); n > 10 {
			t.Errorf("%d files for 300 frames sent together", n)
		}
		for _, in := range held {
			in.Settle()
		}
		equal(t, "left", r.names(r.west), refusedFolder)
		equal(t, "refused", receiver.States()[0].Refused, 1)
	})
}
