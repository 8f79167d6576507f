package bench

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"parley"
	"parley/internal/courier"
	"parley/internal/station"
)

// flood measures a station's Flash while its peer, authenticated and hostile,
// sends n messages as fast as they are taken, against the same when the peer
// is quiet; and by how much the station's journal and this process grow.
func flood(b *Bench, n, samples int) error {
	return b.inFolder(func(dir string) error {
		north, south, err := identities()
		if err != nil {
			return err
		}
		var routes [2]*route
		e := ends{dir: dir}
		closeAll := func() (err error) {
			for _, r := range routes {
				if r != nil {
					err = errors.Join(err, r.close())
				}
			}
			return err
		}
		for i, name := range []string{"line", "flood"} {
			if routes[i], err = newRoute(name, north, south, 25*time.Millisecond); err != nil {
				return errors.Join(err, closeAll())
			}
			e.north = append(e.north, station.Route{Channel: routes[i].dialer, Class: courier.Fast})
			e.south = append(e.south, station.Route{Channel: routes[i].listener, Class: courier.Fast})
		}
		return errors.Join(b.flooded(north, south, e, routes, n, samples), closeAll())
	})
}

func (b *Bench) flooded(north, south identity, e ends, routes [2]*route, n, samples int) error {
	agreed, err := agree(north, south, e)
	if err != nil {
		return err
	}
	p := &pair{roster: agreed}
	foe, err := newFlooder(north, agreed, routes[0].dialer, routes[1].dialer)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s, end, err := p.run(ctx, south, e.south, e)
	if err != nil {
		cancel()
		return err
	}
	answered := make(chan error, 2)
	for _, r := range routes {
		go func() { answered <- foe.answer(ctx, r.dialer) }()
	}
	measure := func() error {
		file, err := foe.prepare(filepath.Join(e.dir, "flood"), n)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read
		if err := s.awaitUp(2); err != nil {
			return err
		}
		if _, err := s.flashes(20, nil); err != nil {
			return err
		}
		idle, err := s.flashes(samples, nil)
		if err != nil {
			return err
		}
		debug.FreeOSMemory()
		rss, err := resident(os.Getpid())
		if err != nil {
			return err
		}
		disk, err := sizeOf(filepath.Join(e.dir, string(south.party)))
		if err != nil {
			return err
		}
		flooded := make(chan error, 1)
		begun := time.Now()
		go func() { flooded <- foe.send(ctx, bufio.NewReaderSize(file, 1<<20)) }()
		most := rss
		during, err := s.flashes(0, func() (bool, error) {
			now, err := resident(os.Getpid())
			most = max(most, now)
			select {
			case sent := <-flooded:
				return true, errors.Join(err, sent)
			default:
				return false, err
			}
		})
		if err != nil {
			return err
		}
		b.set("flood_s", time.Since(begun).Seconds())
		after, err := sizeOf(filepath.Join(e.dir, string(south.party)))
		if err != nil {
			return err
		}
		b.set("flood_messages", float64(n))
		b.set("flood_flash_samples", float64(len(during)))
		b.set("flood_idle_flash_ms_p99", ms(quantile(idle, 0.99)))
		b.set("flood_flash_ms_p99", ms(quantile(during, 0.99)))
		b.set("flood_flash_p99_ratio", float64(quantile(during, 0.99))/float64(quantile(idle, 0.99)))
		b.set("flood_rss_mb", most-rss)
		b.set("flood_disk_mb", float64(after-disk)/1e6)
		return nil
	}
	err = measure()
	cancel()
	return errors.Join(err, <-answered, <-answered, end())
}

// prepare writes a flood to a file, and returns it open at its start.
func (f *flooder) prepare(path string, n int) (*os.File, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	err = errors.Join(f.write(w, n), w.Flush())
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// flashes measures n Flash; with n 0 as many as until done says so.
func (s *side) flashes(n int, done func() (bool, error)) (times []time.Duration, err error) {
	for i := 0; n == 0 || i < n; i++ {
		begun := time.Now()
		if err := s.confirm(parley.Flash, body); err != nil {
			return nil, err
		}
		times = append(times, time.Since(begun))
		if done == nil {
			continue
		}
		if over, err := done(); over || err != nil {
			return times, err
		}
	}
	return times, nil
}

// sizeOf returns the bytes of the files in a folder.
func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
