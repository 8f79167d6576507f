package bench

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// verify measures parley-verify on a transcript of n messages: how fast it is against
// the verification of the same number of signatures alone, on the same cores, taken in
// turns; what it needs of memory; and how large it is in a page.
func verify(b *Bench, n int) error {
	if err := pageSize(b); err != nil {
		return err
	}
	return b.inFolder(func(dir string) error {
		r, err := newRecord()
		if err != nil {
			return err
		}
		path, rosterPath := filepath.Join(dir, "transcript.txt"), filepath.Join(dir, "roster.txt")
		if err := errors.Join(os.WriteFile(rosterPath, r.roster.Text(), 0o600), r.write(path, n)); err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		ours, bare, rss, err := b.verifyInTurns(r, rosterPath, path)
		if err != nil {
			return err
		}
		b.set("verify_ratio", ours/bare)
		b.set("verify_per_s", ours)
		b.set("verify_floor_per_s", bare)
		b.set("verify_messages", float64(n))
		b.set("verify_file_mb", float64(info.Size())/1e6)
		b.set("verify_rss_mb", rss)
		return nil
	})
}

// A turn of the verifier is so long, and one of the floor so many signatures, which is
// about as long.
const (
	turn      = 250 * time.Millisecond
	turnFloor = 8192
)

// verifyInTurns runs the verifier and, while it is stopped, its floor: what else the
// machine does is in both. It returns how many signatures a second each verified, and what
// the verifier needed of memory at its most, in MB.
func (b *Bench) verifyInTurns(r *record, roster, path string) (ours, bare, rss float64, err error) {
	v, err := b.startVerifier(roster, path)
	if err != nil {
		return 0, 0, 0, err
	}
	var took, alone time.Duration
	for turns := 1; ; turns++ {
		begun := time.Now()
		ended := v.run(turn)
		took += time.Since(begun)
		floor, err := r.signaturesAlone(turnFloor)
		if err != nil {
			return 0, 0, 0, errors.Join(err, v.cmd.Process.Kill())
		}
		alone += floor
		if ended {
			return float64(r.signatures) / took.Seconds(), float64(turns*turnFloor) / alone.Seconds(), v.rss, v.err
		}
	}
}

// verifier is a process of parley-verify that may be stopped.
type verifier struct {
	cmd   *exec.Cmd
	ended chan error
	rss   float64 // at its most, in MB, as it said last
	err   error   // once it has ended
}

func (b *Bench) startVerifier(roster, path string) (*verifier, error) {
	v := &verifier{cmd: exec.Command(b.Verifier, "--roster", roster, path), ended: make(chan error, 1)}
	var out bytes.Buffer
	v.cmd.Stdout, v.cmd.Stderr = &out, &out
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		err := v.cmd.Wait()
		if err != nil {
			err = fmt.Errorf("parley-verify: %w\n%s", err, out.Bytes())
		}
		v.ended <- err
	}()
	return v, nil
}

// run lets the process run for so long, and stops it; it reports whether it has ended.
//
// The memory is what it says while it runs. What the machine says behind its end
// (ru_maxrss) is of no use: that is at least what this process held when it started it.
func (v *verifier) run(most time.Duration) (ended bool) {
	// A process that has just ended is told by the channel, now or in the next turn.
	_ = v.cmd.Process.Signal(syscall.SIGCONT)
	over := time.After(most)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case v.err = <-v.ended:
			if v.err == nil && v.rss == 0 {
				v.err = errors.New("the memory of a process is not known here")
			}
			return true
		case <-over:
			_ = v.cmd.Process.Signal(syscall.SIGSTOP)
			return false
		case <-tick.C:
			if now, err := memory(v.cmd.Process.Pid, "VmHWM:"); err == nil {
				v.rss = max(v.rss, now)
			}
		}
	}
}

// signaturesAlone verifies so many signatures of the record on all cores, and returns
// how long it took.
func (r *record) signaturesAlone(n int) (time.Duration, error) {
	var next atomic.Int64
	var bad atomic.Bool
	var all sync.WaitGroup
	begun := time.Now()
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				s := &r.samples[int(i)%len(r.samples)]
				if !ed25519.Verify(s.key, s.message, s.sig) {
					bad.Store(true)
				}
			}
		})
	}
	all.Wait()
	if bad.Load() {
		return 0, errors.New("a signature of the record is not good")
	}
	return time.Since(begun), nil
}

// pageSize measures the verifier inside its page, as it is there: compressed.
func pageSize(b *Bench) error {
	page, err := os.ReadFile(b.Page)
	if err != nil {
		return fmt.Errorf("the verifier's page: %w", err)
	}
	_, rest, _ := bytes.Cut(page, []byte(`id="program">`))
	coded, _, _ := bytes.Cut(rest, []byte("<"))
	packed, err := base64.StdEncoding.DecodeString(string(coded))
	if err != nil {
		return fmt.Errorf("the verifier in its page: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("the verifier in its page: %w", err)
	}
	size, err := io.Copy(io.Discard, z)
	if err != nil {
		return fmt.Errorf("the verifier in its page: %w", err)
	}
	b.set("wasm_mb", float64(len(packed))/1e6)
	b.set("wasm_unpacked_mb", float64(size)/1e6)
	b.set("verify_page_mb", float64(len(page))/1e6)
	return nil
}
