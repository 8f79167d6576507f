package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"parley/internal/api"
	"parley/internal/backup"
	"parley/internal/demo"
)

// saved is what of a side outlives its machine.
type saved struct {
	file string // "" before the first
	key  *age.X25519Identity
	back bool // the side was made of it again
}

// backUp makes a backup of a side, which may run.
func (l *Lab) backUp(ctx context.Context, i int) error {
	side, s := l.Sides[i], &l.saved[i]
	s.file = filepath.Join(l.dir, string(side.Party)+".age")
	if err := os.Remove(s.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var err error
	if s.key, err = age.GenerateX25519Identity(); err != nil {
		return err
	}
	_, err = backup.Make(ctx, side.Home(), backup.Recipients{s.key.Recipient()}, s.file, backup.Options{Program: "lab", Now: time.Now})
	return err
}

// restore loses a side's machine, with all that was on it but what lies in its pouch,
// and makes its folder of its backup. Then its clock is what it was.
func (l *Lab) restore(ctx context.Context, i int) error {
	side, s := l.Sides[i], &l.saved[i]
	if side.Running() {
		return fmt.Errorf("%s runs: kill it first", side.Party)
	}
	if s.file == "" {
		return fmt.Errorf("there is no backup of %s: back up %s", side.Party, side.Party)
	}
	dir := side.Home().Dir()
	stick, err := os.MkdirTemp(l.dir, "pouch-")
	if err != nil {
		return err
	}
	if err := os.CopyFS(stick, os.DirFS(filepath.Join(dir, "pouch"))); err != nil {
		return err
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range all { // the folder may be a disk of its own
		if err := os.RemoveAll(filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	if _, err := backup.Restore(ctx, s.file, dir, backup.Identities{s.key}, backup.Options{}); err != nil {
		return err
	}
	s.back = true
	l.ledger.Forget(i)
	return os.CopyFS(filepath.Join(dir, "pouch"), os.DirFS(stick))
}

// refresh asks each side that was restored under which numbers it holds what it said.
func (l *Lab) refresh(ctx context.Context) error {
	for i, side := range l.Sides {
		if !l.saved[i].back || !side.Running() {
			continue
		}
		mine, err := side.Messages(ctx, api.List{Mine: true})
		if err != nil {
			return err
		}
		numbers := map[string]uint64{}
		for _, m := range mine {
			numbers[m.Draft] = m.Number
		}
		l.ledger.Renumber(i, numbers)
	}
	return nil
}

// inOrder returns what a side said, in the order in which it stands in its log.
func (l *Lab) inOrder(i int) []demo.Said {
	said := l.ledger.All(i)
	if l.saved[i].back {
		slices.SortStableFunc(said, func(a, b demo.Said) int { return int(a.Number) - int(b.Number) })
	}
	return said
}

// waitPacked waits until all that a side said and that is not proved lies in its pouch.
func (l *Lab) waitPacked(ctx context.Context, i int, limit time.Duration) error {
	side := l.Sides[i]
	return demo.Until(ctx, limit, "all that waits to lie in the pouch", func(ctx context.Context) (bool, error) {
		mine, err := side.Messages(ctx, api.List{Mine: true})
		if err != nil {
			return false, err
		}
		for _, m := range mine {
			if m.Receipted {
				continue
			}
			one, err := side.Client().Message(ctx, side.Line(), m.Name)
			if err != nil || !slices.ContainsFunc(one.Channels, func(f api.Fate) bool { return f.Channel == routes[pouch] }) {
				return false, err
			}
		}
		return true, nil
	})
}
