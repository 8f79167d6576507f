package backup

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"parley/internal/home"
	"parley/internal/journal"
)

// spare is what must stay free besides.
const spare = 64 << 20

// room refuses to begin where a disk would be full before the end. A station that runs
// needs the room more.
func room(h *home.Home, out string) error {
	size, err := journal.SnapshotRoom(journalDir(h.Dir()))
	if err != nil {
		return err
	}
	need := size + spare
	if sameDisk(h.Dir(), filepath.Dir(out)) {
		need += size
	}
	if err := enough(h.Dir(), need); err != nil {
		return err
	}
	return enough(filepath.Dir(out), size+spare)
}

func enough(dir string, need int64) error {
	free, _, err := journal.DiskRoom(dir)
	if err != nil {
		return err
	}
	if free < need {
		return fmt.Errorf("%s: %w: %d MiB are free, and it takes %d", dir, ErrRoom, free>>20, (need+1<<20-1)>>20)
	}
	return nil
}

func sameDisk(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	if err1 != nil || err2 != nil {
		return true
	}
	s, ok1 := x.Sys().(*syscall.Stat_t)
	t, ok2 := y.Sys().(*syscall.Stat_t)
	return !ok1 || !ok2 || s.Dev == t.Dev
}
