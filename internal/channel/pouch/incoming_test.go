package pouch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/internal/courier"
)

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
