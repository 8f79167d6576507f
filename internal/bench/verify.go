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
		// In turns and as long, the best of each: what else the machine does is in both.
		var ours, bare, rss float64
		for range 3 {
			alone, err := r.signaturesAlone(r.signatures)
			if err != nil {
				return err
			}
			took, used, err := b.verifyFile(rosterPath, path)
			if err != nil {
				return err
			}
			bare, ours, rss = max(bare, alone), max(ours, float64(r.signatures)/took.Seconds()), max(rss, used)
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

// verifyFile runs the verifier, and returns how long it took and what it needed of
// memory at its most, in MB.
func (b *Bench) verifyFile(roster, path string) (took time.Duration, rss float64, err error) {
	cmd := exec.Command(b.Verifier, "--roster", roster, path)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	rss, err = peak(cmd.Process.Pid, ended)
	if err != nil {
		return 0, 0, fmt.Errorf("parley-verify: %w\n%s", err, out.Bytes())
	}
	return time.Since(begun), rss, nil
}

// peak returns, once a process has ended, what it needed of memory at its most, in MB, as
// it said last. What the machine says behind its end (ru_maxrss) is of no use: that is at
// least what this process held when it started the other.
func peak(pid int, ended <-chan error) (rss float64, err error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if err == nil && rss == 0 {
				err = errors.New("the memory of a process is not known here")
			}
			return rss, err
		case <-tick.C:
			// Where it has just ended, what it said before is kept.
			if now, err := memory(pid, "VmHWM:"); err == nil {
				rss = max(rss, now)
			}
		}
	}
}

// signaturesAlone verifies so many signatures of the record on all cores, and returns
// how many a second.
func (r *record) signaturesAlone(n int) (perSecond float64, err error) {
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
	took := time.Since(begun)
	if bad.Load() {
		return 0, errors.New("a signature of the record is not good")
	}
	return float64(n) / took.Seconds(), nil
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
