package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/internal/durable"
	"parley/internal/home"
)

// lastFile is where the folder keeps when its last backup was made, of which keys, and
// where to; or, with the word restored for the keys, of which backup it was made itself.
const lastFile = "backup.txt"

const restoredWord = "restored"

// Last is the last backup that was made of a folder.
type Last struct {
	Made time.Time
	File string
	// Restored says that none was made since the folder was restored: from this one.
	Restored bool
	// Keys says that the folder's key files are others than those in the backup.
	Keys bool
}

// remember notes that a backup was made.
func remember(h *home.Home, out string, m Made) error {
	if err := note(h.Dir(), out, m.Manifest, keysOf(m.Files)); err != nil {
		return fmt.Errorf("the backup is whole, and that it was made is not noted: %w", err)
	}
	return nil
}

func note(dir, file string, m Manifest, keys string) error {
	if path, err := filepath.Abs(file); err == nil {
		file = path
	}
	return durable.Replace(filepath.Join(dir, lastFile), fmt.Appendf(nil, "%s %s %s\n", m.Made.Format(time.RFC3339), keys, file))
}

// keysOf returns one word for the key files among files, which are in their order.
func keysOf(files []File) string {
	sum := sha256.New()
	for _, f := range files {
		if strings.HasPrefix(f.Name, "keys/") {
			fmt.Fprintf(sum, "%s %x\n", f.Name, f.Hash)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// LastOf returns the last backup of a folder, or the one that it was restored from; ok
// is false if there is neither.
func LastOf(h *home.Home) (last Last, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(h.Dir(), lastFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Last{}, false, nil
	}
	if err != nil {
		return Last{}, false, err
	}
	at, rest, _ := strings.Cut(strings.TrimSuffix(string(b), "\n"), " ")
	keys, file, found := strings.Cut(rest, " ")
	made, err := time.Parse(time.RFC3339, at)
	if err != nil || !found {
		return Last{}, false, fmt.Errorf("%s is not as it must be: remove it, and make a backup", filepath.Join(h.Dir(), lastFile))
	}
	last = Last{Made: made, File: file, Restored: keys == restoredWord}
	if !last.Restored {
		g := new(gathered)
		if g.small, _, err = small(h.Dir()); err != nil {
			return Last{}, false, err
		}
		last.Keys = keysOf(g.sorted()) != keys
	}
	return last, true, nil
}
