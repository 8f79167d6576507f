package bench

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	var d []time.Duration
	for i := 100; i > 0; i-- {
		d = append(d, time.Duration(i))
	}
	for q, want := range map[float64]time.Duration{0.5: 50, 0.99: 99, 1: 100, 0: 1} {
		if got := quantile(d, q); got != want {
			t.Errorf("quantile %v is %d, want %d", q, got, want)
		}
	}
	if got := quantile(d[:1], 0.99); got != 100 {
		t.Errorf("the quantile of one is %d", got)
	}
}

// A figure that misses its bound, or is missing, is told.
func TestMissed(t *testing.T) {
	all := map[string]float64{}
	for _, b := range bounds {
		all[b.name] = b.limit
	}
	if m := Missed(all); len(m) != 0 {
		t.Errorf("kept to the letter, and missed %v", m)
	}
	all["throughput_ratio"], all["idle_rss_mb"] = 0.59, 40.5
	delete(all, "recovery_s")
	if m := Missed(all); len(m) != 3 {
		t.Errorf("missed %v, want three", m)
	}
	md := string(Markdown(all, "2026-11-28", false))
	if strings.Count(md, "**no**") != 3 {
		t.Errorf("the table tells of %d misses, want 3:\n%s", strings.Count(md, "**no**"), md)
	}
	b, err := JSON(all)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := ParseJSON(b); err != nil || back["throughput_ratio"] != 0.59 {
		t.Errorf("%s, %v", b, err)
	}
}

// Both runners of the race confirm what they are given.
func TestRace(t *testing.T) {
	b := &Bench{Dir: t.TempDir(), Log: io.Discard, figures: map[string]float64{}}
	if err := confirm(b, 0, 10, "test"); err != nil {
		t.Fatal(err)
	}
	if err := throughput(b, 16, 200); err != nil {
		t.Fatal(err)
	}
	if err := overhead(b, 50); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"confirm_ratio_p50_test", "throughput_ratio", "narrow_overhead_bytes", "wide_overhead_bytes"} {
		if b.figures[name] <= 0 {
			t.Errorf("%s is %v", name, b.figures[name])
		}
	}
}

// BenchmarkLoopback is the confirmation figure by itself, for who changes what
// stands in its way.
func BenchmarkLoopback(b *testing.B) {
	r, err := newRace(b.TempDir(), 0)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	ours, bare, err := r.confirmTimes(b.N)
	if err := errors.Join(err, r.stop()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(ms(quantile(ours, 0.5)), "ms/confirm")
	b.ReportMetric(ms(quantile(bare, 0.5)), "ms/floor")
	b.ReportMetric(float64(quantile(ours, 0.5))/float64(quantile(bare, 0.5)), "ratio")
}

// BenchmarkFlash is the figure of a Flash behind Routine by itself.
func BenchmarkFlash(b *testing.B) {
	f := &Bench{Dir: b.TempDir(), Log: io.Discard, figures: map[string]float64{}}
	if err := flash(f, 400*b.N+1000, b.N); err != nil {
		b.Fatal(err)
	}
	for name, v := range f.figures {
		b.ReportMetric(v, name)
	}
}

// BenchmarkThroughput is the figure of throughput by itself.
func BenchmarkThroughput(b *testing.B) {
	f := &Bench{Dir: b.TempDir(), Log: io.Discard, figures: map[string]float64{}}
	if err := throughput(f, 1024, b.N); err != nil {
		b.Fatal(err)
	}
	for name, v := range f.figures {
		b.ReportMetric(v, name)
	}
}

// BenchmarkFlood is the figure of a Flash under a flood by itself, of so many
// messages.
func BenchmarkFlood(b *testing.B) {
	f := &Bench{Dir: b.TempDir(), Log: io.Discard, figures: map[string]float64{}}
	if err := flood(f, b.N, min(b.N, 200_000), 100); err != nil {
		b.Fatal(err)
	}
	for name, v := range f.figures {
		b.ReportMetric(v, name)
	}
}
