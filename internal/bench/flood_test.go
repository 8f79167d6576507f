package bench

import (
	"io"
	"testing"
)

// A station that is flooded goes on, and its own Flash is receipted.
func TestFlood(t *testing.T) {
	b := &Bench{Dir: t.TempDir(), Log: io.Discard, figures: map[string]float64{}}
	if err := flood(b, 2000, 10); err != nil {
		t.Fatal(err)
	}
	if b.figures["flood_flash_samples"] < 1 || b.figures["flood_disk_mb"] <= 0 {
		t.Errorf("measured %v", b.figures)
	}
	t.Logf("%v", b.figures)
}
