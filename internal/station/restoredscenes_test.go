package station_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
)

// A station is restored to an old backup while messages are in flight and in a
// pouch, and killed at any step of it; so is the other one. Nothing is lost,
// nothing is said twice, and both have one history.
func TestRestoredAndKilled(t *testing.T) {
	kills := []int{0, 2, 4}
	if testing.Short() {
		kills = kills[1:2]
	}
	if os.Getenv("PARLEY_KILLS") != "" { // make kills
		kills = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16}
	}
	for _, k := range kills {
		for who := range 2 {
			if k == 0 && who == 1 {
				continue
			}
			t.Run(fmt.Sprintf("%d/%d", who, k), func(t *testing.T) {
				onRig(t, func(t *testing.T, r *rig) { restoredAndKilled(t, r, who, k) })
			})
		}
	}
}

func restoredAndKilled(t *testing.T, r *rig, who, k int) {
	n, s := r.North, r.South
	n.Proved(n.Say(parley.Routine, "n1"))
	s.Proved(s.Say(parley.Routine, "s1"))
	draft, err := n.Line.Draft(t.Context(), n.Content(parley.Routine, "n3"))
	if err != nil {
		t.Fatal(err)
	}
	n.Stop()
	backup := n.Back()
	n.Start()
	n.Proved(n.Say(parley.Flash, "n2"))
	c, err := n.Line.DraftOf(draft.ID)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := n.Line.Release(t.Context(), n.ReleasedBytes(c.Content))
	if err != nil {
		t.Fatal(err)
	}
	n.Proved(ref.Number)
	s.Proved(s.Say(parley.Routine, "s2"))
	pouch := r.lost(n, parley.Immediate, "n4", "n5") // the station that is lost said them; they are on their way
	s.Say(parley.Flash, "s3")
	n.Stop()
	s.Stop()

	n.Restored(backup)
	r.calm()
	r.kill([]*stationtest.Side{n, s}[who], k)
	s.Start()
	n.Start()
	r.until("the log is whole", func() bool {
		st, err := n.Line.Status(t.Context())
		return err == nil && !st.Ours.Restoring && holds(n, "s1", "s2", "s3")
	})
	if _, err := n.Line.DraftOf(draft.ID); !errors.Is(err, station.ErrNoDraft) {
		t.Errorf("the draft that was released after the backup: %v", err)
	}
	n.Say(parley.Routine, "n6")
	for range 2 {
		for _, frame := range pouch {
			s.Inject("two", frame)
		}
	}
	r.until("what was in the pouch is there", func() bool { return holds(s, "n1", "n2", "n3", "n4", "n5", "n6") && r.whole() })
	r.oneHistory()
	if own := bodiesOf(t, n); len(own) != 6 || !slices.Equal(own[:4], []string{"n1", "n2", "n3", "n6"}) {
		t.Errorf("north's log: %q", own)
	}
	if got := s.Line.MessageName("north", 4); got != "north/2.4" {
		t.Errorf("the first message behind the restore is %s", got)
	}
}

// What a backup holds, and the other side never had, is numbered anew, at once.
func TestRestoredBeyondTheOtherSide(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		frames := r.lost(n, parley.Routine, "n2", "n3")
		n.Stop()
		n.Restored(n.Back())
		r.calm()
		n.Start()
		r.until("all of it is there", func() bool { return holds(s, "n1", "n2", "n3") && r.whole() })
		for _, frame := range frames {
			s.Inject("one", frame) // late copies of what is there by now
		}
		n.Say(parley.Routine, "n4")
		r.until("all of it is there", func() bool { return holds(s, "n1", "n2", "n3", "n4") && r.whole() })
		r.oneHistory()
	})
}

// One party is restored, then the other, which has lost the close of the first
// one's log with the rest, then the first once more from the same backup.
func TestRestoredInTurn(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		s.Proved(s.Say(parley.Routine, "s1"))
		n.Stop()
		north := n.Back()
		n.Start()
		n.Proved(n.Say(parley.Routine, "n2"))
		s.Proved(s.Say(parley.Routine, "s2"))
		s.Stop()
		south := s.Back()
		s.Start()
		s.Proved(s.Say(parley.Routine, "s3"))
		n.Stop()
		r.pass(time.Hour)
		n.Restored(north)
		n.Start()
		r.until("north goes on", func() bool { return holds(s, "n1", "n2") && holds(n, "s1", "s2", "s3") && r.whole() })
		n.Say(parley.Routine, "n3")
		r.until("south has it", func() bool { return holds(s, "n1", "n2", "n3") && r.whole() })
		s.Stop()
		r.pass(time.Hour)
		s.Restored(south)
		s.Start()
		r.until("south goes on", func() bool { return holds(s, "n1", "n2", "n3") && holds(n, "s1", "s2", "s3") && r.whole() })
		n.Say(parley.Routine, "n4")
		s.Say(parley.Routine, "s4")
		r.until("both are whole", func() bool { return holds(s, "n1", "n2", "n3", "n4") && holds(n, "s1", "s2", "s3", "s4") && r.whole() })
		r.oneHistory()

		n.Stop()
		r.pass(time.Hour)
		n.Restored(north)
		n.Start()
		r.until("north again", func() bool { return holds(n, "s1", "s2", "s3", "s4") && r.whole() })
		n.Say(parley.Routine, "n5")
		r.until("both are whole", func() bool { return holds(s, "n1", "n2", "n3", "n4", "n5") && r.whole() })
		r.oneHistory()
		if got := s.Line.MessageName("north", 5); got != "north/3.5" {
			t.Errorf("the first message behind the second restore is %s", got)
		}
	})
}

// Both parties are restored at once: neither holds a prekey that the other knows of.
func TestBothRestored(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		s.Proved(s.Say(parley.Routine, "s1"))
		r.pass(time.Hour)
		n.Stop()
		north := n.Back()
		n.Start()
		n.Proved(n.Say(parley.Routine, "n2"))
		s.Proved(s.Say(parley.Routine, "s2"))
		s.Stop()
		south := s.Back()
		s.Start()
		s.Proved(s.Say(parley.Routine, "s3")) // both lose it
		n.Stop()
		s.Stop()
		r.pass(time.Hour)
		n.Restored(north)
		s.Restored(south)
		n.Start()
		s.Start()
		r.until("both go on", func() bool { return holds(s, "n1", "n2") && holds(n, "s1", "s2") && r.whole() })
		n.Say(parley.Routine, "n4")
		s.Say(parley.Routine, "s4")
		r.until("both are whole", func() bool { return holds(s, "n1", "n2", "n4") && holds(n, "s1", "s2", "s4") && r.whole() })
		r.oneHistory()
	})
}

// A station that still runs when its backup is restored elsewhere finds out, and
// signs nothing more; what it had said meanwhile is said by the other one.
func TestReplaced(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		n.Stop()
		old, secrets := n.Dir, n.Secrets
		n.Restored(n.Back())
		n.Start()
		r.until("it goes on", func() bool { return r.whole() })
		n.Say(parley.Routine, "n2")
		r.until("it goes on", func() bool { return holds(s, "n1", "n2") && r.whole() })
		n.Stop()
		restored := n.Dir
		n.Dir, n.Secrets = old, secrets
		n.Start()
		n.Say(parley.Routine, "n3 of the old station")
		r.until("the old station stops signing", func() bool {
			st, err := n.Line.Status(t.Context())
			return err == nil && st.Ours.Halted != ""
		})
		n.Stop()
		n.Dir, n.Secrets = restored, stationtest.NewSecrets()
		n.Start()
		r.until("the other one says it", func() bool { return holds(s, "n1", "n2", "n3 of the old station") && r.whole() })
		r.oneHistory()
	})
}
