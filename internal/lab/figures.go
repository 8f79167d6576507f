package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/internal/api"
	"parley/internal/demo"
)

// figures are what a station takes of the machine, and what came to it.
type figures struct {
	memory int64 // bytes, resident; 0 where that is not to be had
	disk   int64 // bytes, of all files of its folder
	frames [len(routes)]uint64
	refuse uint64
}

// measure returns what a station takes now. The counts of one that was started
// since begin anew.
func (l *Lab) measure(ctx context.Context, i int) (f figures, err error) {
	s, err := l.Sides[i].Client().Status(ctx, l.Sides[i].Line())
	if err != nil {
		return f, err
	}
	for k, name := range routes {
		for _, c := range s.Channels {
			if c.Name == name {
				f.frames[k] = c.Received
			}
		}
	}
	f.refuse = s.Refused
	if f.memory, err = resident(l.Sides[i].Pid()); err != nil {
		return f, err
	}
	f.disk, err = onDisk(filepath.Join(l.dir, string(parties[i])))
	return f, err
}

// onDisk returns how many bytes the files in a folder have. Files come and go
// meanwhile.
func onDisk(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreGone(err)
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return ignoreGone(err)
	})
	return n, err
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// resident returns how much memory of a process is resident, as Linux tells it,
// and 0 elsewhere.
func resident(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var all, pages int64
	if _, err := fmt.Sscan(string(b), &all, &pages); err != nil {
		return 0, fmt.Errorf("memory of process %d: %q: %w", pid, b, err)
	}
	return pages * int64(os.Getpagesize()), nil
}

const mebi = 1 << 20

// bounded checks how much a station has grown since the script began, and tells.
func (l *Lab) bounded(ctx context.Context, i int, c Command) error {
	now, err := l.measure(ctx, i)
	if err != nil {
		return err
	}
	was := l.before[i]
	memory, disk := float64(now.memory-was.memory)/mebi, float64(now.disk-was.disk)/mebi
	var came uint64
	for k := range routes {
		came += now.frames[k] - min(was.frames[k], now.frames[k])
	}
	l.tell("FIGURES %s: %d frames came, %d were refused; memory %+.1f MiB to %.1f; disk %+.2f MiB to %.2f",
		c.Party, came, now.refuse-was.refuse, memory, float64(now.memory)/mebi, disk, float64(now.disk)/mebi)
	if memory > float64(c.Memory) || disk > float64(c.Disk) {
		return fmt.Errorf("%w: %s has grown by %.1f MiB of memory and %.2f MiB on disk", ErrExpected, c.Party, memory, disk)
	}
	return nil
}

// waitFrames waits until so many frames came to a station by a route since the
// script began.
func (l *Lab) waitFrames(ctx context.Context, c Command) error {
	i := index(c.Party)
	what := fmt.Sprintf("%d frames to come to %s by %s", c.Times, c.Party, c.Route)
	return l.waitLooking(ctx, i, c.Within, what, func(s api.Status) bool {
		for k, name := range routes {
			for _, ch := range s.Channels {
				if name == c.Route && ch.Name == name && ch.Received >= l.before[i].frames[k]+uint64(c.Times) {
					return true
				}
			}
		}
		return false
	})
}

// waitTrouble waits until the status of a station tells of a trouble, or of none
// such, and tells what it says.
func (l *Lab) waitTrouble(ctx context.Context, c Command, there bool) error {
	what := fmt.Sprintf("the status of %s to tell of %q: %v", c.Party, c.Body, there)
	return l.waitLooking(ctx, index(c.Party), c.Within, what, func(s api.Status) bool {
		for _, t := range s.Troubles {
			if strings.Contains(t.What, c.Body) {
				if there {
					l.tell("STATUS %s: %s. %s", c.Party, t.What, t.Do)
				}
				return there && t.Do != ""
			}
		}
		return !there
	})
}

// waitLooking looks at a station's status until it is as it should be.
func (l *Lab) waitLooking(ctx context.Context, i int, limit time.Duration, what string, is func(api.Status) bool) error {
	return demo.Until(ctx, limit, what, func(ctx context.Context) (bool, error) {
		s, err := l.Sides[i].Client().Status(ctx, l.Sides[i].Line())
		return err == nil && is(s), nil
	})
}
