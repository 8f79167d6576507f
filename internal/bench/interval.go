package bench

import (
	"math/rand/v2"
	"slices"
	"time"
)

// ratioInterval returns the 95 % confidence interval of the ratio of a quantile
// of two samples, by the bootstrap: both are drawn again, with replacement, so
// many times. Equal samples give equal intervals.
func ratioInterval(a, b []time.Duration, q float64, draws int) (low, high float64) {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	r := rand.New(rand.NewPCG(1, 99))
	ratios := make([]float64, draws)
	for i := range ratios {
		ratios[i] = float64(redrawn(a, q, r)) / float64(redrawn(b, q, r))
	}
	slices.Sort(ratios)
	return ratios[draws*25/1000], ratios[draws*975/1000]
}

// redrawn returns a quantile of as many values drawn from sorted ones.
func redrawn(sorted []time.Duration, q float64, r *rand.Rand) time.Duration {
	drawn := make([]int, len(sorted))
	for range sorted {
		drawn[r.IntN(len(sorted))]++
	}
	above := len(sorted) - 1 - rank(len(sorted), q)
	for i := len(sorted) - 1; i > 0; i-- {
		if above -= drawn[i]; above < 0 {
			return sorted[i]
		}
	}
	return sorted[0]
}
