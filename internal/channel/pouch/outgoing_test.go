package pouch

import (
	"errors"
	"os"
	"path/filepath"
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

// The same frames lie in the folder once, however often they are sent.
func TestRepeatsLieOnce(t *testing.T) {
	r := newRoute(t)
	north := r.open(r.west, r.east)
	for range 3 {
		r.must(north.Send(t.Context(), []byte("one")))
	}
	equal(t, "in the folder", r.names(r.west), fileName([]byte(file("one"))))
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
