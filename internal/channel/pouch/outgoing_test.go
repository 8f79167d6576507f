package pouch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"parley/internal/channel/channeltest"
	"parley/internal/courier"
)

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

// A frame lies in the folder once, however often and with whatever else it is sent, until it is carried away; or
// until a day has passed, as the file may be damaged.
func TestRepeatsLieOnce(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		north := r.open(r.west, r.east)
		send := func(want string, frames ...string) {
			t.Helper()
			before := strings.Fields(r.names(r.west))
			var batch [][]byte
			for _, frame := range frames {
				batch = append(batch, []byte(frame))
			}
			n, err := north.SendBatch(t.Context(), batch)
			if n != len(batch) || err != nil {
				t.Fatalf("sent %d: %v", n, err)
			}
			after := strings.Fields(r.names(r.west))
			after = slices.DeleteFunc(after, func(name string) bool { return slices.Contains(before, name) })
			equal(t, "new in the folder", strings.Join(after, " "), want)
		}
		one, two := fileName([]byte(file("one"))), fileName([]byte(file("two", "three")))
		send(one, "one")
		send("", "one")
		send(two, "two", "one", "three")
		send("", "three", "two", "one")
		r.must(os.Remove(filepath.Join(r.west, one)))
		send(one, "three", "one", "two")
		elapse(layAgain)
		send(fileName([]byte(file("two"))), "two")
	})
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
