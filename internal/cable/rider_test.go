package cable

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRider(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	in := func(side string) string { return filepath.Join(side, "in") }
	out := func(side string) string { return filepath.Join(side, "out") }
	r := NewRider(a, b, 1) // before the folders are there
	for _, d := range []string{in(a), out(a), in(b), out(b)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	put := func(path string) {
		t.Helper()
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	there := func(path string) bool { _, err := os.Stat(path); return err == nil }
	wait := func(path string) {
		t.Helper()
		limit, again := time.NewTimer(time.Minute), time.NewTicker(rideEvery)
		defer limit.Stop()
		defer again.Stop()
		for !there(path) {
			select {
			case <-again.C:
			case <-limit.C:
				t.Fatalf("waited a minute for %s to be carried", path)
			}
		}
	}
	put(filepath.Join(out(a), "unfinished.pouch.tmp"))
	put(filepath.Join(out(a), "one.pouch"))
	put(filepath.Join(out(b), "two.pouch"))
	wait(filepath.Join(in(b), "one.pouch"))
	wait(filepath.Join(in(a), "two.pouch"))
	if there(filepath.Join(out(a), "one.pouch")) || !there(filepath.Join(out(a), "unfinished.pouch.tmp")) {
		t.Error("a file was copied, or one that is being written was taken")
	}

	r.Cut(true)
	put(filepath.Join(out(a), "three.pouch"))
	if !r.IsCut() {
		t.Error("the rider does not rest")
	}
	if there(filepath.Join(in(b), "three.pouch")) {
		t.Error("a pouch was carried while nobody rode")
	}
	r.Cut(false)
	wait(filepath.Join(in(b), "three.pouch"))
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
