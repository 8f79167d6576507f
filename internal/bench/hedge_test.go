package bench

import (
	"io"
	"testing"
)

// Hedging is measured on a line that hedges and one that cannot.
func TestHedge(t *testing.T) {
	b := &Bench{Dir: t.TempDir(), Log: io.Discard, figures: map[string]float64{}}
	if err := hedge(b, 5); err != nil {
		t.Fatal(err)
	}
	if b.figures["hedge_bytes_per_message"] <= 300 {
		t.Errorf("measured %v", b.figures)
	}
	t.Logf("%v", b.figures)
}
