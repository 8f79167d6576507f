package link

import (
	"slices"
	"testing"

	"parley"
	"parley/wire"
)

// TestWaitsForRoom: while the peer says that it is over a quota, Flash goes and nothing else; what waited goes when the
// time is over, or as soon as there is room.
func TestWaitsForRoom(t *testing.T) {
	for _, sooner := range []bool{false, true} {
		s := opened(t, on(fastA), Start{})
		s.step(Committed{[]Queued{{1, parley.Routine, 100}}})
		s.one()
		s.step(Reported{"a", wire.Report{Wait: 30}})
		s.none()
		s.step(Committed{[]Queued{{2, parley.Immediate, 100}, {3, parley.Routine, 100}}})
		s.none()
		s.step(Committed{[]Queued{{4, parley.Flash, 100}}})
		if f := s.one(); !slices.Equal(f.Entries, []uint64{4}) {
			t.Errorf("sent %+v, want the Flash", f)
		}
		s.step(ProvedSingle{4})
		var sent []uint64
		if sooner {
			s.now += 2000
			s.step(Reported{"a", wire.Report{Ahead: []wire.Range{{First: 4, Last: 4}}}})
		} else {
			s.pass(25_000)
			for _, f := range s.sends() {
				if len(f.Entries) > 0 {
					t.Errorf("sent %+v before there was room", f)
				}
			}
			s.pass(5000)
		}
		for _, f := range s.sends() {
			sent = append(sent, f.Entries...)
		}
		slices.Sort(sent)
		if !slices.Equal(sent, []uint64{1, 2, 3}) {
			t.Errorf("sooner=%v: sent %v when there was room, want all that waited", sooner, sent)
		}
	}
}

// TestWaitIsNotForEver: a report that asks for an hour, and is overtaken by the one that takes it back, costs a minute.
func TestWaitIsNotForEver(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.step(Reported{"a", wire.Report{Wait: wire.MaxWait}})
	s.step(Committed{[]Queued{{1, parley.Routine, 100}}})
	s.none()
	s.pass(60_000)
	for _, f := range s.sends() {
		if slices.Equal(f.Entries, []uint64{1}) {
			return
		}
	}
	t.Errorf("after a minute: %+v, want entry 1", s.out)
}

// TestHeldBackIsAnswered: what is not stored is answered by a report, at the rate of copies.
func TestHeldBackIsAnswered(t *testing.T) {
	s := opened(t, on(fastA), Start{})
	s.pass(1000)
	s.step(HeldBack{"a"})
	if f := s.one(); !f.Report {
		t.Errorf("sent %+v, want a report", f)
	}
	for range 100 {
		s.now++
		s.step(HeldBack{"a"})
		s.none()
	}
	s.pass(100)
	if f := s.one(); !f.Report {
		t.Errorf("sent %+v, want a report", f)
	}
}
