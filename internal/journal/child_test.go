package journal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// The tests of crashes run a station's part of the journal in a child process:
// this test binary again, told by the environment what to do.
const childEnv = "PARLEY_JOURNAL_CHILD"

func TestMain(m *testing.M) {
	if dir, ok := os.LookupEnv(childEnv); ok {
		if err := writeAndTell(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// childWriters write at once, so that transactions hold several entries.
const childWriters = 4

// writeAndTell appends as many entries to the journal in dir as the environment
// says, and tells on the standard output, in one line each and one system
// call each, of every entry whose commit returned.
func writeAndTell(dir string) error {
	var rows uint64
	var soft int64
	if _, err := fmt.Sscan(os.Getenv("PARLEY_JOURNAL_ROWS"), &rows, &soft); err != nil {
		return err
	}
	j, err := Open(dir, Options{Reserve: -1, Group: 8, softFrames: soft})
	if err != nil {
		return err
	}
	// strace counts the calls of each thread by itself, so the committer does all
	// of them, and keeps its own.
	commit := func(fn func(*Tx) error) error {
		outcome := make(chan error, 1)
		submit(j, fn, func(err error) { outcome <- err })
		return <-outcome
	}
	err = commit(func(tx *Tx) error {
		runtime.LockOSThread()
		if _, err := tx.Log(northLog); err == nil {
			return nil
		}
		return createLogs(tx)
	})
	if err != nil {
		return err
	}
	numbers := make(chan uint64)
	var writers sync.WaitGroup
	for range childWriters {
		writers.Go(func() {
			for n := range numbers {
				err := commit(func(tx *Tx) error { return tx.Append(record(northLog, n)) })
				if err != nil {
					fmt.Fprintf(os.Stdout, "failed %d %s\n", n, strings.ReplaceAll(err.Error(), "\n", " "))
					continue
				}
				fmt.Fprintf(os.Stdout, "held %d\n", n)
			}
		})
	}
	first, err := firstFree(j)
	if err != nil {
		return err
	}
	for n := first; n < first+rows; n++ {
		numbers <- n
	}
	close(numbers)
	writers.Wait()
	fmt.Fprintln(os.Stdout, "closing")
	return j.Close()
}

func firstFree(j *Journal) (uint64, error) {
	next := uint64(1)
	err := j.Entries(northLog, 1, 0, func(r Record) error { next = r.Number + 1; return nil })
	return next, err
}

// work is what a child does: so many entries, and a checkpoint from so many
// frames of the log on.
type work struct{ rows, soft int }

// child returns the command that runs writeAndTell, under the command in front of it.
func child(ctx context.Context, t *testing.T, dir string, w work, front ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(front, self)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childEnv+"="+dir, fmt.Sprintf("PARLEY_JOURNAL_ROWS=%d %d", w.rows, w.soft))
	cmd.Stderr = os.Stderr
	return cmd
}

// told reads the numbers that a child said are held; it calls each after every one.
func told(out *bufio.Scanner, each func(n uint64)) (held []uint64, failed []string) {
	for out.Scan() {
		var n uint64
		line := out.Text()
		if _, err := fmt.Sscanf(line, "held %d", &n); err == nil {
			held = append(held, n)
			each(n)
		}
		if strings.HasPrefix(line, "failed ") {
			failed = append(failed, line)
		}
	}
	return held, failed
}

// mustHold checks the entries that were told of, and that every entry there is
// is whole.
func mustHold(t *testing.T, dir string, held []uint64) {
	t.Helper()
	j, err := Open(dir, Options{Reserve: -1, Check: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	there := map[uint64]bool{}
	err = j.Entries(northLog, 1, 0, func(r Record) error {
		want := record(northLog, r.Number)
		if string(r.Entry) != string(want.Entry) || r.Leaf != want.Leaf {
			return fmt.Errorf("entry %d is not what was written", r.Number)
		}
		there[r.Number] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range held {
		if !there[n] {
			t.Errorf("entry %d was acknowledged and is not there (%d acknowledged, %d there)", n, len(held), len(there))
		}
	}
}
