package demo

import (
	"math"
	"slices"
	"time"
)

// Percentiles are of a set of durations, in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// percentiles returns the nearest-rank percentiles of all; zeros for none.
func percentiles(all []time.Duration) Percentiles {
	if len(all) == 0 {
		return Percentiles{}
	}
	all = slices.Sorted(slices.Values(all))
	at := func(p float64) float64 {
		rank := max(1, int(math.Ceil(p*float64(len(all)))))
		return rounded(float64(all[rank-1]) / float64(time.Millisecond))
	}
	return Percentiles{at(0.50), at(0.99)}
}

// rounded returns x with two decimals.
func rounded(x float64) float64 { return math.Round(x*100) / 100 }
