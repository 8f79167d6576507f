package demo_test

import (
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/demo"
)

func TestTour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		pressed := map[rune]int{}
		last := ' '
		for key := range demo.Tour(t.Context()) {
			pressed[key]++
			last = key
		}
		if took := time.Since(begin); last != 'q' || took > time.Minute {
			t.Errorf("it ends with %q after %v", last, took)
		}
		for _, key := range "123kl" {
			if pressed[key] != 2 {
				t.Errorf("%q is pressed %d times: something stays cut or killed", key, pressed[key])
			}
		}
	})
}
