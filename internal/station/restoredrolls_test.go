package station_test

import (
	"slices"
	"strings"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/roster"
)

// A backup may be older than a receipt key of either side. A restored station that
// holds the private half of its own goes on.
func TestRestoredBeforeARoll(t *testing.T) {
	for name, c := range map[string]struct {
		ours bool
		role roster.Role
	}{
		"their receipt key": {false, roster.RoleReceipt},
		"our receipt key":   {true, roster.RoleReceipt},
	} {
		t.Run(name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				n, s := r.North, r.South
				n.Proved(n.Say(parley.Routine, "n1"))
				n.Stop()
				backup := n.Back()
				n.Start()
				side, party := s, r.Line.South
				if c.ours {
					side, party = n, r.Line.North
				}
				ref, err := side.Line.Release(t.Context(), side.Released(side.Change(rolling(t, party, side.Line.History(), false, c.role))))
				if err != nil {
					t.Fatal(err)
				}
				side.Proved(ref.Number)
				n.Proved(n.Say(parley.Routine, "n2"))
				s.Proved(s.Say(parley.Flash, "s1"))
				n.Stop()
				n.Restored(backup)
				n.Start()
				r.until("the log is whole", func() bool { return r.whole() })
				n.Say(parley.Flash, "n3")
				s.Say(parley.Routine, "s2")
				r.until("all of it is there", func() bool { return r.whole() })
				proved(t, s, r.Line.Roster)
			})
		})
	}
}

// A backup that is older than the station key of its own side is taken by nobody: the
// other side says whose it is, and the restored one what is likely.
func TestRestoredBeforeOurStationKey(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		n.Stop()
		backup := n.Back()
		n.Start()
		ref, err := n.Line.Release(t.Context(), n.Released(n.Change(rolling(t, r.Line.North, n.Line.History(), false, roster.RoleStation))))
		if err != nil {
			t.Fatal(err)
		}
		n.Proved(ref.Number)
		n.Proved(n.Say(parley.Routine, "n2"))
		s.Proved(s.Say(parley.Routine, "s1"))
		n.Stop()
		n.Restored(backup)
		n.Start()
		says := func(side *stationtest.Side, text string) func() bool {
			return func() bool {
				st, err := side.Line.Status(t.Context())
				return err == nil && slices.ContainsFunc(st.Troubles, func(t station.Trouble) bool { return strings.Contains(t.What, text) })
			}
		}
		r.until("south tells of the key", says(s, "FORMER KEY: north speaks with a station key that it ended in north/2"))
		r.until("north tells of the backup", says(n, "most likely this backup is older"))
	})
}

// A backup that does not know the station key by which the other side speaks now is too
// old, and people are told what to do (spec/GENERATION.md §4).
func TestRestoredBeforeTheirStationKey(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		n.Stop()
		backup := n.Back()
		n.Start()
		ref, err := s.Line.Release(t.Context(), s.Released(s.Change(rolling(t, r.Line.South, s.Line.History(), false, roster.RoleStation))))
		if err != nil {
			t.Fatal(err)
		}
		s.Proved(ref.Number)
		n.Stop()
		n.Restored(backup)
		n.Start()
		r.until("people are told", func() bool {
			st, err := n.Line.Status(t.Context())
			return err == nil && slices.ContainsFunc(st.Troubles, func(t station.Trouble) bool { return strings.Contains(t.Do, "restore a newer backup") })
		})
	})
}
