// Package bench measures Parley: each figure beside its floor, or beside its
// own idle state, in the same run, so that a slow machine changes neither
// ratio. See docs/benchmarks.md, which it writes.
package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Bench is one run.
type Bench struct {
	// Dir is where journals are written; it should be on the disk to be measured.
	Dir string
	// Quick takes small counts, for a run of less than a minute.
	Quick bool
	// Only, if set, is part of the names of what is measured; the rest is not.
	Only string
	// Program is the path of a parley binary for the figures of a process.
	Program string
	// Verifier is the path of a parley-verify binary, and Page that of its page.
	Verifier, Page string
	// Log is told what is being measured.
	Log io.Writer

	figures map[string]float64
}

func (b *Bench) set(name string, v float64) { b.figures[name] = v }

// Run measures everything and returns the figures by their names.
func (b *Bench) Run() (map[string]float64, error) {
	b.figures = map[string]float64{}
	count := func(full, quick int) int {
		if b.Quick {
			return quick
		}
		return full
	}
	for _, m := range []struct {
		name string
		run  func() error
	}{
		{"confirmation, 25 ms each way", func() error { return confirm(b, 25*time.Millisecond, count(1000, 40), "25ms") }},
		{"confirmation, loopback", func() error { return confirm(b, 0, count(5000, 300), "loopback") }},
		{"throughput", func() error { return throughput(b, 1024, count(20_000, 4000)) }},
		{"recovery after a cut", func() error { return recovery(b, time.Duration(count(20, 3))*time.Second) }},
		{"Flash behind Routine", func() error { return flash(b, count(100_000, 12_000), count(300, 20)) }},
		{"overhead on the wire", func() error { return overhead(b, count(2000, 100)) }},
		{"Flash while channels are cut", func() error { return flashCut(b, count(10, 4), count(260, 5)) }},
		{"hedging of Routine", func() error { return hedge(b, count(1000, 40)) }},
		{"Flash under a flood", func() error { return flood(b, count(1_000_000, 15_000), count(200_000, 5_000), count(300, 20)) }},
		{"a station of many lines", func() error { return manyLines(b, count(1000, 20)) }},
		{"verification of a transcript", func() error { return verify(b, count(1_000_000, 20_000)) }},
		{"the proof of one message", func() error { return proofs(b, uint64(count(10_000_000, 200_000)), count(200, 20)) }},
		{"start and size of a process", func() error { return process(b, count(100_000, 5000)) }},
	} {
		if !strings.Contains(m.name, b.Only) {
			continue
		}
		begun := time.Now()
		fmt.Fprintf(b.Log, "measuring %s …\n", m.name)
		if err := m.run(); err != nil {
			return b.figures, fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Fprintf(b.Log, "  took %.1f s\n", time.Since(begun).Seconds())
	}
	return b.figures, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile returns the smallest of the durations that a share q of them does
// not exceed.
func quantile(d []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[rank(len(sorted), q)]
}

// rank is the place of a quantile among n values in order.
func rank(n int, q float64) int { return min(max(int(q*float64(n)+0.999999)-1, 0), n-1) }
