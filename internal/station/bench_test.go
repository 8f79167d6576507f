package station_test

import (
	"context"
	"testing"

	"parley"
	"parley/internal/stationtest"
)

// BenchmarkConfirm is one message at a time, from its release to the proof that
// the other side holds it, over a pipe, with journals on the disk.
func BenchmarkConfirm(b *testing.B) {
	w := stationtest.New(b, []string{"one"})
	w.North.Proved(w.North.Say(parley.Routine, "first"))
	for b.Loop() {
		w.North.Proved(w.North.Say(parley.Routine, "a message of the usual length"))
	}
}

// BenchmarkThroughput is as many messages as the line takes, all proved.
func BenchmarkThroughput(b *testing.B) {
	w := stationtest.New(b, []string{"one"})
	w.North.Proved(w.North.Say(parley.Routine, "first"))
	const writers = 128
	contents := make(chan int)
	last := make(chan uint64, writers)
	for range writers {
		go func() {
			var max uint64
			for range contents {
				ref, err := w.North.Line.Release(context.Background(), w.North.Released(w.North.Content(parley.Routine, "a message of the usual length")))
				if err != nil {
					b.Error(err)
				}
				max = ref.Number
			}
			last <- max
		}()
	}
	for b.Loop() {
		contents <- 1
	}
	close(contents)
	var n uint64
	for range writers {
		n = max(n, <-last)
	}
	w.North.Proved(n)
}
