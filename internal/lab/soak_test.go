package lab_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"parley/internal/lab"
)

// What make soak sets: how long it takes, and what it draws from.
const (
	soakVariable = "PARLEY_SOAK"
	seedVariable = "PARLEY_SEED"
)

// TestSoak draws bad hours from a seed: R3, R5, R14, R15, R17. With neither
// variable set it takes 20 seconds, from seed 1.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("takes more than 20 seconds")
	}
	t.Parallel()
	long, seed := 20*time.Second, uint64(1)
	var err error
	if s := os.Getenv(soakVariable); s != "" {
		if long, err = time.ParseDuration(s); err != nil {
			t.Fatalf("%s: %v", soakVariable, err)
		}
	}
	if s := os.Getenv(seedVariable); s != "" {
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedVariable, err)
		}
	}
	t.Logf("soak of %s with seed %d", long, seed)
	l, disks := open(t, seed, lab.DiskFor(long))
	r, err := l.Soak(t.Context(), long)
	t.Logf("%s", r)
	if !disks {
		t.Logf("NOT TESTED: full disks")
	}
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
}
