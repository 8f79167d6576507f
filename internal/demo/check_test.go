package demo_test

import (
	"context"
	"testing"
	"time"

	"parley/internal/demo"
)

// TestCheck lets two stations in processes of their own talk while channels are
// cut and both are killed: R3, R5, R14, R15.
func TestCheck(t *testing.T) {
	each := 200
	if testing.Short() {
		each = 40
	}
	texts, err := demo.Texts()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r, err := demo.Check(ctx, demo.CheckOptions{Texts: texts, Each: each, Command: station(t), Log: t.Output(), Keep: t.TempDir()})
	if err != nil {
		t.Fatalf("%v\n%+v", err, r)
	}
	t.Logf("%+v", r)
	if !r.Good() || r.Sent != 2*each || r.Kills != 2 || r.Cuts < 8 {
		t.Errorf("%+v", r)
	}
}
