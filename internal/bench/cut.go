package bench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"parley"
)

// cuts are the figures of a Flash whose channels are cut while it is sent.
const (
	cutChannels = 3                      // of each line
	cutWithin   = 10 * time.Millisecond  // after the release began, all but one are cut: before the frames leave, and after
	cutSettle   = 100 * time.Millisecond // at most, after all channels are up again
)

// flashCut measures a Flash on a line of three channels, 25 ms each way, when
// all but one are cut at the moment it is sent, against the same when none is.
// Which one is left goes round. Several lines of their own work at the same
// time, each alternating between the two, and each n times.
func flashCut(b *Bench, lines, n int) error {
	return b.inFolder(func(dir string) error {
		type result struct {
			cut, whole []time.Duration
			err        error
		}
		results := make([]result, lines)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				r := &results[i]
				r.cut, r.whole, r.err = cutLine(dir, fmt.Sprint(i), n, rand.New(rand.NewPCG(uint64(i), 25)))
			})
		}
		wg.Wait()
		var cut, whole []time.Duration
		var errs []error
		for _, r := range results {
			cut, whole, errs = append(cut, r.cut...), append(whole, r.whole...), append(errs, r.err)
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		low, high := ratioInterval(cut, whole, 0.99, 2000)
		b.set("flash_cut_p99_ratio", float64(quantile(cut, 0.99))/float64(quantile(whole, 0.99)))
		b.set("flash_cut_p99_ratio_low", low)
		b.set("flash_cut_p99_ratio_high", high)
		b.set("flash_cut_samples", float64(len(cut)+len(whole)))
		b.set("flash_cut_ms_p50", ms(quantile(cut, 0.50)))
		b.set("flash_cut_ms_p99", ms(quantile(cut, 0.99)))
		b.set("flash_whole_ms_p50", ms(quantile(whole, 0.50)))
		b.set("flash_whole_ms_p99", ms(quantile(whole, 0.99)))
		return nil
	})
}

// cutLine takes n samples of each on a line of its own.
func cutLine(dir, name string, n int, r *rand.Rand) (cut, whole []time.Duration, err error) {
	w, err := newWideIn(dir, name, cutChannels)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for i := range n {
		order := []bool{true, false}
		if r.IntN(2) == 0 {
			order = []bool{false, true}
		}
		for _, withCut := range order {
			// Lines fall out of step with each other and with the channels' own rhythm.
			time.Sleep(time.Duration(r.Int64N(int64(cutSettle))))
			left := -1
			if withCut {
				left = i % cutChannels
			}
			took, err := w.cutFlash(left, time.Duration(r.Int64N(int64(cutWithin))))
			if err != nil {
				return nil, nil, err
			}
			if withCut {
				cut = append(cut, took)
			} else {
				whole = append(whole, took)
			}
		}
	}
	return cut, whole, nil
}

// cutFlash measures one Flash, all channels but one cut a moment after its
// release began; with left -1 none is. It returns when all are up again.
func (w *wide) cutFlash(left int, after time.Duration) (time.Duration, error) {
	done := make(chan struct{})
	begun := time.Now()
	go func() {
		defer close(done)
		time.Sleep(after)
		for i, r := range w.routes {
			if left >= 0 && i != left {
				r.cable.Cut(true)
			}
		}
	}()
	err := w.pair.north.confirm(parley.Flash, body)
	took := time.Since(begun)
	<-done
	if err != nil || left < 0 {
		return took, err
	}
	// Both sides know of the cut before it is mended, or they would be waited for as they were.
	if err := w.pair.awaitUp(1); err != nil {
		return took, err
	}
	for _, r := range w.routes {
		r.cable.Cut(false)
	}
	return took, w.pair.awaitUp(len(w.routes))
}
