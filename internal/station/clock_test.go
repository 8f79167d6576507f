package station_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
)

// Clocks that are ten years off either way, and jump, change no order and lose
// nothing; what they tell is doubted in words (R13).
func TestClocksThatAreWrong(t *testing.T) {
	for name, off := range map[string]time.Duration{"ahead": 10 * 365 * 24 * time.Hour, "behind": -10 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := stationtest.Prepare(t, two)
			w.South.Now = func() time.Time { return time.Now().Add(off) }
			w.North.Start()
			w.South.Start()
			w.South.Say(parley.Routine, "one")
			w.South.Stop()
			w.South.Now = time.Now // someone sets the clock
			w.South.Start()
			w.South.Proved(w.South.Say(parley.Routine, "two"))
			w.North.Proved(w.North.Say(parley.Flash, "three"))
			if got := w.North.Held(); !slices.Equal(got, []string{"one", "two"}) {
				t.Errorf("north holds %q", got)
			}
			got, err := w.North.Line.Messages(station.Filter{Theirs: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range got {
				if doubted := strings.Contains(m.Doubt, "clock"); doubted != (m.Content.Body == "one") {
					t.Errorf("%q is doubted because %q", m.Content.Body, m.Doubt)
				}
			}
		})
	}
}
