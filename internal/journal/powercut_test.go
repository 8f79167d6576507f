package journal

import (
	"bufio"
	"context"
	"math/rand/v2"
	"testing"
	"time"
)

// patience is how long a test waits for a child: long enough for a machine
// that is busy with much else.
const patience = 3 * time.Minute

// A process that is killed keeps every entry that it acknowledged.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	var held []uint64
	for round := range 8 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		cmd := child(ctx, t, dir, work{rows: 1_000_000, soft: 32})
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		left := 1 + rng.IntN(300)
		now, _ := told(bufio.NewScanner(out), func(uint64) {
			if left--; left == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
			}
		})
		err = cmd.Wait()
		cancel()
		if left > 0 {
			t.Fatalf("round %d: the child ended by itself: %v", round, err)
		}
		held = append(held, now...)
		mustHold(t, dir, held)
	}
}

// cutRows are enough for the log to be moved into the file a few times.
const cutRows = 160

// A power cut keeps every entry that was acknowledged. A child's system calls
// are recorded; then, at many points, the disk is built that a power cut there
// might leave: all that was synced, and of what was written since, any part,
// in sectors. Names count as synced only with their folder.
func TestPowerCut(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(3, 4))
	disk := newDisk(dir)
	events := recordCalls(t, dir, work{rows: cutRows, soft: 32})
	var held []uint64
	cuts := 0
	for i, e := range events {
		if e.held != 0 {
			held = append(held, e.held)
		} else {
			disk.do(e)
		}
		// Every sync and acknowledgement is a moment to look at, and some others.
		if e.kind == evSync && rng.IntN(3) == 0 || e.held != 0 && rng.IntN(2) == 0 || rng.IntN(30) == 0 {
			cuts++
			left := t.TempDir()
			disk.cut(t, left, rng)
			mustHold(t, left, held)
			if t.Failed() {
				t.Fatalf("after event %d of %d, %d acknowledged", i, len(events), len(held))
			}
		}
	}
	t.Logf("%d cuts among %d events, %d acknowledged, %d syncs of the file", cuts, len(events), len(held), disk.syncs[fileName])
	if len(held) != cutRows || cuts < 100 || disk.syncs[fileName] < 3 {
		t.Error("that is not enough to prove anything")
	}
}
