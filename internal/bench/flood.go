package bench

import (
	"bufio"
	"context"
	"errors"
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
// sends messages as fast as they are taken, against the same when the peer is
// quiet; and by how much the station's journal and this process grow. It does so
// twice. With the quotas that a station has unless its operator says otherwise,
// n messages are sent: that is what a flood meets, and the figure with a bound.
// Without any quota the first m of them are, and all of these are verified and
// stored: that is what the turns of a line give way to a Flash by themselves.
func flood(b *Bench, n, m, samples int) error {
	return b.inFolder(func(dir string) error {
		north, south, err := identities()
		if err != nil {
			return err
		}
		f := &flooding{bench: b, north: north, south: south, path: filepath.Join(dir, "flood")}
		for _, run := range []struct {
			prefix string
			held   bool
			count  int
		}{{"flood_", true, n}, {"flood_noquota_", false, m}} {
			e := ends{dir: filepath.Join(dir, run.prefix), held: run.held}
			if err := f.run(e, run.prefix, run.count, n, samples); err != nil {
				return err
			}
		}
		return nil
	})
}

// flooding is a flood, made once, that several stations meet one after the other.
type flooding struct {
	bench        *Bench
	north, south identity
	path         string
	foe          *flooder
}

// run lets a new station meet the first count messages of the flood; if there is
// no flood yet, it makes one of n.
func (f *flooding) run(e ends, prefix string, count, n, samples int) (err error) {
	var routes [2]*route
	defer func() {
		for _, r := range routes {
			if r != nil {
				err = errors.Join(err, r.close())
			}
		}
	}()
	for i, name := range []string{"line", "flood"} {
		if routes[i], err = newRoute(name, f.north, f.south, 25*time.Millisecond); err != nil {
			return err
		}
		e.north = append(e.north, station.Route{Channel: routes[i].dialer, Class: courier.Fast})
		e.south = append(e.south, station.Route{Channel: routes[i].listener, Class: courier.Fast})
	}
	if f.foe == nil {
		agreed, err := agree(f.north, f.south, e)
		if err != nil {
			return err
		}
		if f.foe, err = newFlooder(f.north, agreed); err != nil {
			return err
		}
		if err := f.prepare(n); err != nil {
			return err
		}
	}
	f.foe.meet(routes[0].dialer, routes[1].dialer)
	p := &pair{roster: f.foe.roster}
	ctx, cancel := context.WithCancel(context.Background())
	s, end, err := p.run(ctx, f.south, e.south, e)
	if err != nil {
		cancel()
		return err
	}
	answered := make(chan error, 2)
	for _, r := range routes {
		go func() { answered <- f.foe.answer(ctx, r.dialer) }()
	}
	err = f.measure(ctx, s, e, prefix, count, samples)
	cancel()
	return errors.Join(err, <-answered, <-answered, end())
}

func (f *flooding) measure(ctx context.Context, s *side, e ends, prefix string, count, samples int) error {
	b := f.bench
	file, err := os.Open(f.path)
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
	journal := filepath.Join(e.dir, string(f.south.party))
	disk, err := sizeOf(journal)
	if err != nil {
		return err
	}
	var sent int
	flooded := make(chan error, 1)
	begun := time.Now()
	go func() {
		var err error
		sent, err = f.foe.send(ctx, bufio.NewReaderSize(file, 1<<20), count)
		flooded <- err
	}()
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
	b.set(prefix+"s", time.Since(begun).Seconds())
	after, err := sizeOf(journal)
	if err != nil {
		return err
	}
	b.set(prefix+"messages", float64(sent))
	b.set(prefix+"flash_samples", float64(len(during)))
	b.set(prefix+"idle_flash_ms_p99", ms(quantile(idle, 0.99)))
	b.set(prefix+"flash_ms_p99", ms(quantile(during, 0.99)))
	b.set(prefix+"flash_p99_ratio", float64(quantile(during, 0.99))/float64(quantile(idle, 0.99)))
	b.set(prefix+"rss_mb", most-rss)
	b.set(prefix+"disk_mb", float64(after-disk)/1e6)
	return nil
}

// prepare writes a flood of n messages to the file.
func (f *flooding) prepare(n int) error {
	file, err := os.Create(f.path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	return errors.Join(f.foe.write(w, n), w.Flush(), file.Close())
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
