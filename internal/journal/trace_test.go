package journal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

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
