package bench

import (
	"io"
	"testing"
	"time"
)

// A Flash gets through whichever channel is left.
func TestFlashCut(t *testing.T) {
	b := &Bench{Dir: t.TempDir(), Log: io.Discard, figures: map[string]float64{}}
	if err := flashCut(b, 2, 3); err != nil {
		t.Fatal(err)
	}
	if b.figures["flash_cut_samples"] != 12 || b.figures["flash_cut_p99_ratio"] <= 0 {
		t.Errorf("measured %v", b.figures)
	}
}

// The interval holds the ratio of two samples of one kind, and not one that is
// far from it.
func TestRatioInterval(t *testing.T) {
	var a, b []time.Duration
	for i := range 2000 {
		a = append(a, time.Duration(1000+i%100))
		b = append(b, time.Duration(1000+(i*7)%100))
	}
	low, high := ratioInterval(a, b, 0.99, 500)
	if low > 1 || high < 1 || high-low > 0.01 || low > high {
		t.Errorf("the same against the same is between %v and %v", low, high)
	}
	for i := range b {
		b[i] *= 2
	}
	if low, high := ratioInterval(a, b, 0.99, 500); low > 0.5 || high < 0.5 || high > 0.51 {
		t.Errorf("half is between %v and %v", low, high)
	}
}
