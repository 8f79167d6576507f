package station_test

import (
	"crypto/ed25519"
	"slices"
	"testing"

	"parley/internal/stationtest"
)

// A line tells at every start which keys it may still have to sign with: otherwise
// keys that nobody needs any more would stay on the disk of a station whose lines
// are quiet.
func TestNeedsAreToldAtEveryStart(t *testing.T) {
	w := stationtest.Prepare(t, two)
	var told [][]ed25519.PublicKey
	w.North.Needs = func(keys []ed25519.PublicKey) error {
		told = append(told, keys)
		return nil
	}
	for n := 1; n <= 2; n++ {
		w.North.Start()
		if len(told) != n {
			t.Fatalf("told %d times after %d starts", len(told), n)
		}
		for name, key := range map[string]ed25519.PublicKey{"station": w.Line.North.Station, "receipt": w.Line.North.Receipt} {
			if !slices.ContainsFunc(told[n-1], func(k ed25519.PublicKey) bool { return k.Equal(key) }) {
				t.Errorf("start %d: the %s key is not among those needed", n, name)
			}
		}
		w.North.Stop()
	}
}
