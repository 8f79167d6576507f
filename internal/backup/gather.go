package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"parley/internal/home"
	"parley/internal/journal"
)

// gathered is what goes into a backup: one state of the journal, in a file that has no
// name any more, and the other files in memory.
type gathered struct {
	small    map[string][]byte
	journal  *os.File
	contents journal.Contents
	files    []File
	left     []string
}

// gather takes the journal and the files beside it so that they fit: those files were
// the same before and after the journal's state was taken. A key that came into force
// meanwhile would otherwise be in one of them only.
func gather(ctx context.Context, h *home.Home, o Options) (*gathered, error) {
	path := filepath.Join(h.Dir(), "run", "snapshot")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a backup that was killed
		return nil, err
	}
	before, _, err := small(h.Dir())
	for range readTwice {
		if err != nil {
			return nil, err
		}
		g := new(gathered)
		o.tell(Snapshot, 0, 1)
		if g.contents, err = journal.Snapshot(ctx, journalDir(h.Dir()), path); err != nil {
			return nil, err
		}
		g.journal, err = os.Open(path)
		if err := errors.Join(err, os.Remove(path)); err != nil {
			return nil, err
		}
		if g.small, g.left, err = small(h.Dir()); err == nil && same(before, g.small) {
			err = g.list(ctx, o)
			if err != nil {
				return nil, errors.Join(err, g.journal.Close())
			}
			return g, nil
		}
		before = g.small
		err = errors.Join(err, g.journal.Close())
	}
	return nil, fmt.Errorf("%s: %w", h.Dir(), ErrUnsteady)
}

// list makes the list of files for the manifest.
func (g *gathered) list(ctx context.Context, o Options) error {
	info, err := g.journal.Stat()
	if err != nil {
		return err
	}
	sum := sha256.New()
	seen := counter(func(n int64) { o.tell(Reading, n, info.Size()) })
	n, err := io.Copy(interrupted{ctx, io.MultiWriter(sum, seen)}, g.journal)
	if err != nil {
		return err
	}
	g.files = g.sorted(File{Name: journalFile, Size: n, Hash: [sha256.Size]byte(sum.Sum(nil))})
	return nil
}

// sorted returns the small files, and more, by name.
func (g *gathered) sorted(files ...File) []File {
	for name, b := range g.small {
		files = append(files, File{Name: name, Size: int64(len(b)), Hash: sha256.Sum256(b)})
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files
}

// open returns a file for the archive.
func (g *gathered) open(name string) (io.ReadCloser, error) {
	if name != journalFile {
		return io.NopCloser(bytes.NewReader(g.small[name])), nil
	}
	_, err := g.journal.Seek(0, io.SeekStart)
	return io.NopCloser(g.journal), err
}

// small reads the files of a party's folder that belong in a backup, but for the
// journal, and lists those below keys and lines that do not.
func small(dir string) (files map[string][]byte, left []string, err error) {
	files = map[string][]byte{}
	read := func(name string) error {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err == nil && len(b) > maxSmall {
			err = fmt.Errorf("%s has %d bytes: no file beside the journal is that large", name, len(b))
		}
		files[name] = b
		return err
	}
	if err := read(configFile); err != nil {
		return nil, nil, err
	}
	for _, top := range []string{"keys", "lines"} {
		err := filepath.WalkDir(filepath.Join(dir, top), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // it went while this looked: the second look shows whether that matters
			}
			if err != nil {
				return err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			if d.IsDir() {
				if name == "keys/epochs" || name == "keys/prekeys" {
					left = append(left, name)
					return fs.SkipDir
				}
				return nil
			}
			if !belongs(name) || !d.Type().IsRegular() {
				left = append(left, name)
				return nil
			}
			if err := read(name); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			delete(files, name)
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return files, left, nil
}

func same(a, b map[string][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for name, x := range a {
		if y, ok := b[name]; !ok || !bytes.Equal(x, y) {
			return false
		}
	}
	return true
}
