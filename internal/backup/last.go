package backup

import (
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

// lastFile is where the folder keeps when its last backup was made, and where to.
const lastFile = "backup.txt"

// Last is the last backup that was made of a folder.
type Last struct {
	Made time.Time
	File string
}

// remember notes that a backup was made.
func remember(h *home.Home, out string, m Made) error {
	if path, err := filepath.Abs(out); err == nil {
		out = path
	}
	text := fmt.Appendf(nil, "%s %s\n", m.Made.Format(time.RFC3339), out)
	if err := durable.Replace(filepath.Join(h.Dir(), lastFile), text); err != nil {
		return fmt.Errorf("the backup is whole, and that it was made is not noted: %w", err)
	}
	return nil
}

// LastOf returns the last backup of a folder; ok is false if none was made of it since
// it was made or restored.
func LastOf(h *home.Home) (last Last, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(h.Dir(), lastFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Last{}, false, nil
	}
	if err != nil {
		return Last{}, false, err
	}
	at, file, found := strings.Cut(strings.TrimSuffix(string(b), "\n"), " ")
	made, err := time.Parse(time.RFC3339, at)
	if err != nil || !found {
		return Last{}, false, fmt.Errorf("%s is not as it must be: remove it, and make a backup", filepath.Join(h.Dir(), lastFile))
	}
	return Last{Made: made, File: file}, true, nil
}
