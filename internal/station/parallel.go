package station

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f(0) … f(n−1), begun in this order, on all cores but those to
// be spared, one at least, and returns when all have returned: how many it
// called. Fewer than n are called when enough says so of the next.
func parallel(n, spared int, enough func(int) bool, f func(int)) (called int) {
	workers := min(n, max(runtime.GOMAXPROCS(0)-spared, 1))
	var next, stop atomic.Int64
	stop.Store(int64(n))
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= stop.Load() {
					return
				}
				if enough(int(i)) {
					lower(&stop, i)
					return
				}
				f(int(i))
			}
		})
	}
	wg.Wait()
	return int(stop.Load())
}

// lower sets a to v, if that is lower.
func lower(a *atomic.Int64, v int64) {
	for was := a.Load(); v < was && !a.CompareAndSwap(was, v); was = a.Load() {
	}
}
