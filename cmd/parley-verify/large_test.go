//go:build !js

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTenGigabytes: a file of ten gigabytes (of which the disk holds a few blocks) that is
// no transcript is refused without being read: it has no END, or no line that can be.
func TestTenGigabytes(t *testing.T) {
	f := newFiles(t)
	const size = 10 << 30
	for name, ends := range map[string][2]string{
		"cut off":     {"parley-transcript v1\n", ""},
		"a long line": {"parley-transcript v1\nline ", "\nEND 2 " + strings.Repeat("0", 64) + "\n"},
		"another":     {"", ""},
	} {
		path := filepath.Join(f.dir, "large")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err1 := file.WriteAt([]byte(ends[0]), 0)
		err2 := file.Truncate(size)
		_, err3 := file.WriteAt([]byte(ends[1]), int64(size-len(ends[1])))
		err4 := file.Close()
		for _, err := range []error{err1, err2, err3, err4} {
			if err != nil {
				t.Skipf("SKIPPED: NO FILE OF %d BYTES HERE: %v", int64(size), err)
			}
		}
		code, out, errs := call("--roster", f.roster, path)
		if code != exitUnproved || !strings.Contains(out, "Nothing in this file is proved.") {
			t.Errorf("%s: exit %d, %s\n%s", name, code, errs, out)
		}
	}
}
