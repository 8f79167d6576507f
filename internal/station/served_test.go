package station

import (
	"testing"

	"parley"
)

// What a line was served runs with the clock, stands still where that is set
// back, and takes a leap for no more than it may be.
func TestServed(t *testing.T) {
	s := served{total: 100, last: 1_000_000, leap: 50}
	for _, step := range []struct{ now, want parley.Time }{
		{1_000_010, 110}, // ten passed
		{1_000_010, 110},
		{10, 110}, // set back
		{30, 130},
		{9_000_000, 180}, // set forward
		{9_000_050, 230},
		{1_000_020, 230}, // and right again
		{1_000_021, 231},
	} {
		if s.pass(step.now); s.total != step.want {
			t.Fatalf("at %d it is %d, want %d", step.now, s.total, step.want)
		}
	}
}
