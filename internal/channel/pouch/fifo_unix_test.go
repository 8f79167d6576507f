//go:build unix

package pouch

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A named pipe, which would hold up whoever opens it, is not opened.
func TestNamedPipeIsLeftAlone(t *testing.T) {
	bubble(t, func(t *testing.T, r *route) {
		r.must(syscall.Mkfifo(filepath.Join(r.west, "0.pouch"), 0o644))
		r.lay("1.pouch", file("good"))
		in := receiveAll(t, r.open(r.east, r.west))
		equal(t, "received", in.take(time.Second), "good")
	})
}
