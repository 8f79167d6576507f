package journal

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// outcome is what a child under injected faults said, and what is there.
type outcome struct {
	held   []uint64
	failed map[uint64]string
	there  map[uint64]bool
}

// inject runs a child whose calls on one file of the journal fail as strace is told.
func inject(t *testing.T, w work, file, fault string) outcome {
	t.Helper()
	if testing.Short() {
		t.Skip("short")
	}
	dir := t.TempDir()
	// The folder is made first, so that Open itself meets no fault.
	if err := open(t, dir, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	cmd := traced(t, dir, w, "-o", "/dev/null", "-P", filepath.Join(dir, file), "-e", "trace=pwrite64,fsync,fdatasync", "-e", "inject="+fault)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	held, lines := told(bufio.NewScanner(pipe), func(uint64) {})
	// Its end is an error when the fault lasts until the journal is closed.
	if err := cmd.Wait(); err != nil {
		t.Logf("child: %v", err)
	}
	o := outcome{held: held, failed: map[uint64]string{}, there: map[uint64]bool{}}
	for _, line := range lines {
		var n uint64
		if _, err := fmt.Sscanf(line, "failed %d", &n); err != nil {
			t.Fatalf("child said %q", line)
		}
		o.failed[n] = line
	}
	if len(o.held)+len(o.failed) != w.rows {
		t.Fatalf("%d held and %d failed of %d", len(o.held), len(o.failed), w.rows)
	}
	mustHold(t, dir, held)
	j := open(t, dir, Options{Check: true})
	err = j.Entries(northLog, 1, 0, func(r Record) error { o.there[r.Number] = true; return nil })
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range o.failed {
		known := !strings.Contains(line, ErrUnknown.Error())
		if known && o.there[n] {
			t.Errorf("entry %d is there, and was said not to be: %s", n, line)
		}
	}
	return o
}

// A sync that fails leaves the outcome unknown, and ends all writing: what
// comes after is known not to be written.
func TestSyncFails(t *testing.T) {
	for _, when := range []int{4, 8, 12} {
		t.Run(fmt.Sprint(when), func(t *testing.T) {
			o := inject(t, work{rows: 60, soft: 1 << 20}, fileName+"-wal", fmt.Sprintf("fsync,fdatasync:error=EIO:when=%d", when))
			var unknown, stopped int
			for _, line := range o.failed {
				switch {
				case strings.Contains(line, ErrUnknown.Error()):
					unknown++
				case strings.Contains(line, ErrStopped.Error()):
					stopped++
				default:
					t.Errorf("child said %q", line)
				}
			}
			if unknown == 0 || unknown > childWriters || stopped == 0 {
				t.Errorf("%d unknown, %d stopped", unknown, stopped)
			}
		})
	}
}

// A full disk fails commits, which are known not to be written; when there is
// room again the next ones are.
func TestWriteFindsNoRoom(t *testing.T) {
	for _, when := range []string{"30", "45", "50..53", "90+"} {
		t.Run(when, func(t *testing.T) {
			o := inject(t, work{rows: 120, soft: 32}, fileName+"-wal", "pwrite64:error=ENOSPC:when="+when)
			if len(o.failed) == 0 || strings.HasSuffix(when, "+") == (o.there[120]) {
				t.Errorf("%d failed, and the last is there: %v", len(o.failed), o.there[120])
			}
			for _, line := range o.failed {
				if !strings.Contains(line, ErrFull.Error()) {
					t.Errorf("child said %q", line)
				}
			}
		})
	}
}

// Room is needed also to move the log into the file; commits do not wait for
// that to succeed.
func TestCheckpointFindsNoRoom(t *testing.T) {
	o := inject(t, work{rows: 60, soft: 32}, fileName, "pwrite64:error=ENOSPC:when=1+")
	if len(o.failed) != 0 {
		t.Errorf("failed: %v", o.failed)
	}
}

func TestCheckpointSyncFails(t *testing.T) {
	o := inject(t, work{rows: 60, soft: 32}, fileName, "fsync,fdatasync:error=EIO:when=1")
	if len(o.failed) != 0 {
		t.Errorf("failed: %v", o.failed)
	}
}
