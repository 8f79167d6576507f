package journal

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// disk is what a power cut may leave of a folder.
type disk struct {
	dir    string
	names  map[string]*inode // as the process sees it
	synced map[string]*inode // as of the last sync of the folder
	syncs  map[string]int    // how often each file was synced
}

type inode struct {
	synced  []byte
	pending []event // since
}

func newDisk(dir string) *disk {
	return &disk{dir: dir, names: map[string]*inode{}, synced: map[string]*inode{}, syncs: map[string]int{}}
}

func (d *disk) do(e event) {
	if e.path == d.dir && e.kind == evSync {
		d.synced = maps.Clone(d.names)
		return
	}
	// The index of the log is memory that a file lends its name to.
	if filepath.Dir(e.path) != d.dir || strings.HasSuffix(e.path, "-shm") {
		return
	}
	name := filepath.Base(e.path)
	file := d.names[name]
	if file == nil {
		file = &inode{}
		d.names[name] = file
	}
	switch e.kind {
	case evWrite, evTruncate:
		file.pending = append(file.pending, e)
	case evSync:
		for _, p := range file.pending {
			file.synced = apply(file.synced, p)
		}
		file.pending = nil
		d.syncs[name]++
	case evUnlink:
		delete(d.names, name)
	}
}

func apply(b []byte, e event) []byte {
	if e.kind == evTruncate {
		if int64(len(b)) > e.at {
			return b[:e.at:e.at]
		}
		return append(b, make([]byte, e.at-int64(len(b)))...)
	}
	if grow := e.at + int64(len(e.data)) - int64(len(b)); grow > 0 {
		b = append(b, make([]byte, grow)...)
	}
	copy(b[e.at:], e.data)
	return b
}

// sector is what a disk writes whole.
const sector = 512

// cut writes to dir one of the disks that a power cut now may leave.
func (d *disk) cut(t *testing.T, dir string, rng *rand.Rand) {
	t.Helper()
	names := maps.Clone(d.synced)
	maps.Copy(names, d.names)
	share := rng.IntN(101) // how much of what was not synced gets there
	lucky := func() bool { return rng.IntN(100) < share }
	for name := range names {
		file := d.synced[name]
		if lucky() {
			file = d.names[name]
		}
		if file == nil {
			continue
		}
		content := append([]byte(nil), file.synced...)
		for _, p := range file.pending {
			switch {
			case p.kind == evTruncate:
				if lucky() {
					content = apply(content, p)
				}
			default:
				for at := 0; at < len(p.data); at += sector {
					if lucky() {
						content = apply(content, event{kind: evWrite, data: p.data[at:min(at+sector, len(p.data))], at: p.at + int64(at)})
					}
				}
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
