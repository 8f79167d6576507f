package bench

import (
	"io"
	"testing"
)

// A station that is flooded goes on, and its own Flash is receipted.
func TestFlood(t *testing.T) {
	b := &Bench{Dir: t.TempDir(), Log: io.Discard, figures: map[string]float64{}}
	if err := flood(b, 2000, 1000, 10); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"flood_", "flood_noquota_"} {
		if b.figures[prefix+"flash_samples"] < 1 || b.figures[prefix+"disk_mb"] <= 0 {
			t.Errorf("measured %v", b.figures)
		}
	}
	t.Logf("%v", b.figures)
}
