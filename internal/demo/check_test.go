package demo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/audit"
	"parley/internal/demo"
	"parley/internal/hometest"
	"parley/roster"
	"parley/transcript"
)

// TestCheck lets two stations in processes of their own talk while channels are
// cut and both are killed: R3, R5, R14, R15. What it leaves behind proves what
// was said, and no altered copy of it does: R8.
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
	keep := t.TempDir()
	r, err := demo.Check(ctx, demo.CheckOptions{Texts: texts, Each: each, Command: hometest.Station(t), Log: t.Output(), Keep: keep})
	if err != nil {
		t.Fatalf("%v\n%+v", err, r)
	}
	t.Logf("%+v", r)
	if !r.Good() || r.Sent != 2*each || r.Kills != 2 || r.Cuts < 8 || r.Measured == 0 || r.Ratio == 0 {
		t.Errorf("%+v", r)
	}
	kept, err := os.ReadFile(filepath.Join(keep, "roster.txt"))
	if err != nil {
		t.Fatal(err)
	}
	agreed, err := roster.ParseRoster(kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"north", "south"} {
		file, err := os.ReadFile(filepath.Join(keep, name+".transcript"))
		if err != nil {
			t.Fatal(err)
		}
		if err := proves(file, agreed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i := len(file) / 7; i < len(file); i += len(file) / 7 {
			altered := append([]byte(nil), file...)
			altered[i] ^= 1
			if proves(altered, agreed) == nil {
				t.Errorf("%s: byte %d can be altered", name, i)
			}
		}
	}
}

// proves does what parley-verify does.
func proves(file []byte, r *roster.Roster) error {
	f, err := transcript.ParseFile(file)
	if err != nil {
		return err
	}
	if wrong := audit.Audit(f, r).Wrong; wrong != nil {
		return wrong
	}
	return nil
}

// TestCheckEndsWithContext interrupts a check while it sets up and while it
// runs: it ends, says so, and leaves nothing behind.
func TestCheckEndsWithContext(t *testing.T) {
	if testing.Short() {
		t.Skip("sets up two parties")
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	texts, err := demo.Texts()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stopped := fmt.Errorf("somebody pressed Ctrl-C")
	log := writer(func(line string) { cancel(stopped) }) // at the first line
	_, err = demo.Check(ctx, demo.CheckOptions{Texts: texts, Each: 20, Command: hometest.Station(t), Log: log})
	if err == nil || context.Cause(ctx) != stopped {
		t.Errorf("it ended with %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

// TestResultJSON holds the names on which others rely.
func TestResultJSON(t *testing.T) {
	b, err := json.Marshal(demo.Result{})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"sent", "receipted", "lost", "duplicated", "misordered_numbers", "refused_frames", "cuts", "kills",
		"confirm_ms", "floor_ms", "ratio_p50", "transcripts_verified",
	} {
		if _, ok := got[name]; !ok {
			t.Errorf("there is no %s in %s", name, b)
		}
	}
	for _, name := range []string{"confirm_ms", "floor_ms"} {
		p, ok := got[name].(map[string]any)
		if _, has := p["p99"]; !ok || !has || len(p) != 2 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
}
