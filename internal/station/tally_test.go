package station_test

import (
	"testing"

	"parley/internal/station"
	"parley/internal/stationtest"
)

// Twenty thousand frames of noise are one counter with the first and the
// last, one line of news, and no transaction each; a restart keeps the count.
func TestNoiseIsCounted(t *testing.T) {
	frames := 20_000
	if testing.Short() {
		frames = 2_000
	}
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	for range frames {
		f.Send([]byte("noise"))
	}
	f.Send(f.Frame(f.Good("good")))
	w.North.Await("the good message", arrived(1))
	told := 0
	for _, e := range w.North.Events() {
		if e.Kind == station.EventFrameLost {
			told++
		}
	}
	if told != 1 {
		t.Errorf("%d pieces of news of the noise, want one", told)
	}
	for range 2 {
		st, err := w.North.Line.Status(t.Context())
		if err != nil || len(st.Refused) != 1 || st.Refused[0].Count != uint64(frames) || st.Refused[0].First == 0 || st.Refused[0].Last < st.Refused[0].First {
			t.Errorf("the noise is counted as %+v, %v", st.Refused, err)
		}
		w.North.Stop()
		w.North.Start()
	}
}
