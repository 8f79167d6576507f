package link

import (
	"testing"

	"parley"
	"parley/wire"
)

// BenchmarkStep is one entry of ours committed, sent, reported and proved, with a full window of others outstanding.
func BenchmarkStep(b *testing.B) {
	l := New(Config{Channels: []Channel{fastA, fastB}}, Start{})
	now := parley.Time(1)
	l.Step(now, EpochReady{parley.EpochID{1}})
	l.Step(now, Up{"a"})
	l.Step(now, Up{"b"})
	n := uint64(0)
	for b.Loop() {
		n++
		if n%8 == 0 {
			now++
		}
		l.Step(now, Committed{[]Queued{{n, parley.Routine, 500}}})
		if n%64 == 0 && n > 256 {
			l.Step(now, Heard{"a"})
			l.Step(now, Proved{n - 256})
			l.Step(now, Reported{"a", wire.Report{Size: n - 250}})
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
