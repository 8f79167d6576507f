package station_test

import (
	"strings"
	"testing"
	"time"

	"parley"
)

// South says behind which entry north's log goes on, and is lost before north has what
// south had said last: that is lost with it, and does not keep north from saying behind
// which entry south's log goes on.
func TestLostByBoth(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		s.Proved(s.Say(parley.Routine, "s1"))
		n.Stop()
		s.Stop()
		north, south := n.Back(), s.Back()
		n.Start()
		s.Start()
		fromSouth, fromNorth := s.Watch("one"), n.Watch("one")
		const large = 32_000 // bytes: it goes with nothing else in its frame
		r.lost(s, parley.Routine, strings.Repeat("x", large))
		n.Stop()
		n.Restored(north)
		n.Start()
		answered := func() bool {
			all, err := n.Line.Generations("north")
			if err != nil {
				t.Fatal(err)
			}
			return len(all) == 1
		}
		heard, told := len(fromNorth()), len(fromSouth())
		for range 40 { // line checks; one or two will do
			r.pass(15 * time.Second)
			for ; heard < len(fromNorth()); heard++ {
				s.Inject("one", fromNorth()[heard])
			}
			r.pass(time.Second)
			for ; told < len(fromSouth()) && !answered(); told++ {
				if frame := fromSouth()[told]; len(frame) < large {
					n.Inject("one", frame)
					r.pass(time.Millisecond)
				}
			}
		}
		if !answered() || !holds(n, "s1") {
			t.Fatalf("north was answered: %v; it holds %d messages", answered(), len(n.Held()))
		}
		s.Stop()
		s.Restored(south)
		r.calm()
		s.Start()
		r.until("both go on", func() bool { return holds(n, "s1") && r.whole() })
		s.Say(parley.Routine, "s2")
		r.until("north has it", func() bool { return holds(n, "s1", "s2") && r.whole() })
	})
}
