package journal

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for a child: long enough for a machine
// that is busy with much else.
const patience = 3 * time.Minute

// A process that is killed keeps every entry that it acknowledged.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	var held []uint64
	for round := range 8 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		cmd := child(ctx, t, dir, work{rows: 1_000_000, soft: 32})
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		left := 1 + rng.IntN(300)
		now, _ := told(bufio.NewScanner(out), func(uint64) {
			if left--; left == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
			}
		})
		err = cmd.Wait()
		cancel()
		if left > 0 {
			t.Fatalf("round %d: the child ended by itself: %v", round, err)
		}
		held = append(held, now...)
		mustHold(t, dir, held)
	}
}

// cutRows are enough for the log to be moved into the file a few times.
const cutRows = 160

// A power cut keeps every entry that was acknowledged. A child's system calls
// are recorded; then, at many points, the disk is built that a power cut there
// might leave: all that was synced, and of what was written since, any part,
// in sectors. Names count as synced only with their folder.
func TestPowerCut(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(3, 4))
	disk := newDisk(dir)
	events := recordCalls(t, dir, work{rows: cutRows, soft: 32})
	var held []uint64
	cuts := 0
	for i, e := range events {
		if e.held != 0 {
			held = append(held, e.held)
		} else {
			disk.do(e)
		}
		// Every sync and acknowledgement is a moment to look at, and some others.
		if e.kind == evSync && rng.IntN(3) == 0 || e.held != 0 && rng.IntN(2) == 0 || rng.IntN(30) == 0 {
			cuts++
			left := t.TempDir()
			disk.cut(t, left, rng)
			mustHold(t, left, held)
			if t.Failed() {
				t.Fatalf("after event %d of %d, %d acknowledged", i, len(events), len(held))
			}
		}
	}
	t.Logf("%d cuts among %d events, %d acknowledged, %d syncs of the file", cuts, len(events), len(held), disk.syncs[fileName])
	if len(held) != cutRows || cuts < 100 || disk.syncs[fileName] < 3 {
		t.Error("that is not enough to prove anything")
	}
}

// recordCalls lets a child append entries in dir under strace, and returns
// what it did to files, and said, in order.
func recordCalls(t *testing.T, dir string, w work) []event {
	t.Helper()
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := traced(t, dir, w, "-y", "-xx", "-s", "1048576", "-o", trace,
		"-e", "trace=pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat")
	if out, err := cmd.Output(); err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	var events []event
	begun := map[string]event{} // by thread: a call that another interrupted
	for lines.Scan() {
		pid, rest, _ := strings.Cut(lines.Text(), " ")
		rest = strings.TrimLeft(rest, " ")
		if strings.HasPrefix(rest, "<... ") {
			if e, ok := begun[pid]; ok {
				delete(begun, pid)
				events = append(events, e)
			}
			continue
		}
		e, ok := parseCall(rest)
		switch {
		case !ok:
		case e.kind == evSync && strings.HasSuffix(rest, "<unfinished ...>"):
			begun[pid] = e // a sync counts when it has ended
		default:
			events = append(events, e)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}

// traced returns a child under strace, or skips the test where that cannot be.
func traced(t *testing.T, dir string, w work, args ...string) *exec.Cmd {
	t.Helper()
	if err := exec.Command("strace", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skipf("NOT TESTED: strace is needed and does not work here: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return child(ctx, t, dir, w, append([]string{"strace", "-f"}, args...)...)
}

type eventKind int

const (
	evWrite eventKind = iota + 1
	evTruncate
	evSync
	evUnlink
	evHeld
)

// event is one thing that happened to a file, or an acknowledgement.
type event struct {
	kind eventKind
	path string
	data []byte
	at   int64 // offset, or size
	held uint64
}

// parseCall reads one line of strace, without its thread.
func parseCall(s string) (event, bool) {
	name, args, ok := strings.Cut(s, "(")
	if !ok {
		return event{}, false
	}
	var strs []string // everything in hexadecimal: the path of a descriptor, and strings
	plain := args
	for i := 0; i < len(args); i++ {
		end := map[byte]byte{'<': '>', '"': '"'}[args[i]]
		if end == 0 {
			continue
		}
		j := strings.IndexByte(args[i+1:], end)
		if j < 0 {
			break
		}
		if text, ok := unhex(args[i+1 : i+1+j]); ok {
			strs = append(strs, text)
		}
		i += j + 1
	}
	if i := strings.LastIndexByte(plain, '"'); i >= 0 {
		plain = plain[i+1:]
	} else if i := strings.LastIndexByte(plain, '>'); i >= 0 {
		plain = plain[i+1:]
	}
	var numbers []int64
	for _, f := range strings.FieldsFunc(plain, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.ParseInt(f, 10, 64)
		if err == nil {
			numbers = append(numbers, n)
		}
	}
	switch {
	case name == "pwrite64" && len(strs) == 2 && len(numbers) >= 2:
		return event{kind: evWrite, path: strs[0], data: []byte(strs[1]), at: numbers[1]}, true
	case name == "ftruncate" && len(strs) == 1 && len(numbers) >= 1:
		return event{kind: evTruncate, path: strs[0], at: numbers[0]}, true
	case (name == "fsync" || name == "fdatasync") && len(strs) == 1:
		return event{kind: evSync, path: strs[0]}, true
	case strings.HasPrefix(name, "unlink") && len(strs) >= 1:
		return event{kind: evUnlink, path: strs[len(strs)-1]}, true
	case name == "write" && len(strs) > 0:
		e := event{kind: evHeld}
		_, err := fmt.Sscanf(strs[len(strs)-1], "held %d", &e.held)
		return e, err == nil
	}
	return event{}, false
}

func unhex(s string) (string, bool) {
	var b strings.Builder
	for len(s) >= 4 && s[:2] == `\x` {
		n, err := strconv.ParseUint(s[2:4], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(n))
		s = s[4:]
	}
	return b.String(), s == ""
}

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
