package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkCommit measures one-row commits by writers that each wait for their
// own. BenchmarkFloor, in the same run, is what the disk allows.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			j := withLogs(b, Options{})
			var n atomic.Uint64
			spread(b, writers, func() error {
				r := record(northLog, n.Add(1))
				return j.Commit(context.Background(), func(tx *Tx) error { return tx.Append(r) })
			})
		})
	}
}

// BenchmarkFloor appends 300 bytes to a file and syncs it, once for a group of
// as many writers as wait.
func BenchmarkFloor(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			waiting := make(chan chan error, 256)
			go func() {
				row := make([]byte, 300)
				for first := range waiting {
					group := []chan error{first}
					for len(waiting) > 0 {
						group = append(group, <-waiting)
					}
					var err error
					for range group {
						if _, werr := f.Write(row); werr != nil {
							err = werr
						}
					}
					if serr := f.Sync(); serr != nil {
						err = serr
					}
					for _, c := range group {
						c <- err
					}
				}
			}()
			spread(b, writers, func() error {
				c := make(chan error, 1)
				waiting <- c
				return <-c
			})
			close(waiting)
		})
	}
}

// spread shares b.N calls of one between the writers.
func spread(b *testing.B, writers int, one func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for range writers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := one(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
