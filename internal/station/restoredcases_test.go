package station_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/audit"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/proof"
	"parley/roster"
	"parley/wire"
)

// behind has north say n2, which is lost, and then a Flash n3, of which one frame
// comes to south: ahead of the gap, so that it is receipted singly. It returns what
// south answered.
func (r *rig) behind(said string) (answers [][]byte) {
	r.t.Helper()
	n, s := r.North, r.South
	n.Proved(n.Say(parley.Routine, "n1"))
	s.Proved(s.Say(parley.Routine, "s1"))
	r.lost(n, parley.Routine, "n2")
	kept := s.Watch("one")
	before := len(kept())
	s.Inject("one", r.lost(n, parley.Flash, said)[0])
	r.pass(time.Minute)
	st, err := s.Line.Status(r.t.Context())
	if err != nil || st.Theirs.Size != 1 || st.Theirs.Ahead != 1 {
		r.t.Fatalf("south holds %d and %d ahead of the gap, %v", st.Theirs.Size, st.Theirs.Ahead, err)
	}
	return kept()[before:]
}

// What was receipted singly, above what was cosigned, is sent again to a station that
// lost it, whether its receipt had come before the restore or comes after it.
func TestReceiptsOfBeforeARestore(t *testing.T) {
	for name, late := range map[string]bool{"receipted": false, "receipt on its way": true} {
		t.Run(name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				n, s := r.North, r.South
				s.Proved(s.Say(parley.Routine, "s0"))
				s.Stop()
				backup := s.Back()
				s.Start()
				answers := r.behind("n3")
				answer := func() {
					for _, frame := range answers {
						n.Inject("two", frame)
					}
					r.pass(time.Minute)
				}
				if !late {
					answer()
					m, err := n.Line.Message(t.Context(), parley.Ref{Log: r.Line.North.Log, Number: 3})
					if err != nil || m.Receipts.Single == 0 {
						t.Fatalf("n3 is not receipted: %+v, %v", m.Receipts, err)
					}
				}
				s.Stop()
				s.Restored(backup)
				r.calm()
				s.Start()
				if late {
					r.until("south is closed", func() bool {
						all, err := s.Line.Generations("south")
						return err == nil && len(all) == 1
					})
					answer()
				}
				r.until("all of it is there", func() bool { return holds(s, "n1", "n2", "n3") && r.whole() })
			})
		})
	}
}

// What had come ahead of a gap, and was shown, has another number after its station
// was restored, and is not shown as new again. An answer to it stands by its old name,
// and what was lost of the same log comes in no other's place.
func TestShownBeforeARestore(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Stop()
		backup := n.Back()
		n.Start()
		r.behind("n3")
		answer := s.Content(parley.Routine, "")
		answer.Kind, answer.Answer = parley.Acknowledgement, parley.Accepted
		answer.References = []parley.Ref{{Log: r.Line.North.Log, Number: 3}}
		if _, err := s.Line.Release(t.Context(), s.Released(answer)); err != nil {
			t.Fatal(err)
		}
		n.Stop()
		n.Restored(backup)
		r.calm()
		n.Start()
		r.until("n3 has another number", func() bool { return holds(s, "n1", "n3") && r.whole() })
		n.Say(parley.Routine, "n4")
		n.Say(parley.Routine, "n5")
		r.until("all of it is there", func() bool { return holds(s, "n1", "n3", "n4", "n5") && r.whole() })

		arrived, renumbered := 0, ""
		for _, e := range s.Events() {
			switch {
			case e.Kind == station.EventArrived && e.Ref.Number == 2 && s.Line.NameOf(e.Ref) == "north/2.2":
				arrived++
			case e.Kind == station.EventRenumbered:
				renumbered += fmt.Sprintf("%s is %s", e.Text, s.Line.NameOf(e.Ref))
			}
		}
		if arrived != 0 || renumbered != "north/3 is north/2.2" {
			t.Errorf("it arrived %d times, and: %q", arrived, renumbered)
		}
		for _, side := range []*stationtest.Side{n, s} {
			m, err := side.Line.Message(t.Context(), parley.Ref{Log: r.Line.North.Log, Number: 2})
			if err != nil || m.Content.Body != "n3" || m.Was != "north/3" {
				t.Errorf("%q was %q, %v", m.Content.Body, m.Was, err)
			}
			all, err := side.Line.Messages(station.Filter{Mine: side == s, Theirs: side == n, Limit: 100})
			answers := 0
			for _, m := range all {
				if m.Content.Answer != 0 {
					answers++
					if got := side.Line.Referred(m, m.Content.References[0]); got != "north/3" {
						t.Errorf("the answer is to %s, want north/3", got)
					}
				}
			}
			if err != nil || answers != 1 {
				t.Errorf("%d answers, %v", answers, err)
			}
		}
		if _, err := s.Line.Named("north/3"); err == nil {
			t.Error("north/3 names a message of another generation")
		}
		if ref, err := s.Line.Named("north/2.3"); err != nil || ref.Number != 3 {
			t.Errorf("north/2.3: %+v, %v", ref, err)
		}
	})
}

// A change that strayed is not in force any more, and is not entered again; nor is
// what refers to what strayed. People are told which.
func TestStraysThatNeedTheirOfficers(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		n.Stop()
		backup := n.Back()
		n.Start()
		officers := len(n.Line.History().Versions("north"))
		r.lost(n, parley.Routine, "n2")
		frames := r.lost(n, parley.Routine, "n3")
		about := n.Content(parley.Flash, "n4, about n3")
		about.References = []parley.Ref{{Log: r.Line.North.Log, Number: 3}}
		kept := n.Watch("one")
		for _, c := range []wire.Content{about, n.Change(replace(t, r.Line.North, n.Line.History(), "north a", "north a2"))} {
			before := len(kept())
			if _, err := n.Line.Release(t.Context(), n.Released(c)); err != nil {
				t.Fatal(err)
			}
			r.pass(time.Minute)
			frames = append(frames, kept()[before:]...)
		}
		n.Stop()
		n.Restored(backup)
		r.calm()
		n.Start()
		r.until("it goes on", func() bool { return r.whole() })
		for _, frame := range frames { // late
			s.Inject("two", frame)
		}
		r.until("n3 has another number", func() bool { return len(s.Held()) >= 2 && r.whole() })
		r.pass(time.Hour)
		for _, body := range s.Held() {
			if strings.Contains(body, "about") {
				t.Errorf("south holds %q", body)
			}
		}
		for _, side := range []*stationtest.Side{n, s} {
			if got := len(side.Line.History().Versions("north")); got != officers {
				t.Errorf("%d versions of north's side, want %d", got, officers)
			}
		}
		for _, want := range []string{"which refers to north/3", "a change"} {
			if !slices.ContainsFunc(s.Events(), alarmed(want)) {
				t.Errorf("nobody was told: %s", want)
			}
		}
		n.Say(parley.Routine, "n6")
		r.until("all of it is there", func() bool { return r.whole() })
	})
}

// The record of a line on which both stations were restored is proved to a stranger,
// from either side, and so is a message of each generation.
func TestRecordAcrossRestores(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Flash, "n1"))
		s.Proved(s.Say(parley.Routine, "s1"))
		for i, side := range []*stationtest.Side{n, s} {
			side.Stop()
			backup := side.Back()
			side.Start()
			side.Proved(side.Say(parley.Routine, fmt.Sprint("lost ", i)))
			side.Stop()
			r.pass(time.Hour)
			side.Restored(backup)
			side.Start()
			r.until("it goes on", func() bool { return r.whole() })
			n.Say(parley.Routine, fmt.Sprint("n after ", i))
			s.Say(parley.Flash, fmt.Sprint("s after ", i))
			r.until("both have it", func() bool { return r.whole() })
		}
		for _, side := range []*stationtest.Side{n, s} {
			report := proved(t, side, r.Line.Roster)
			for _, l := range report.Logs {
				if len(l.Generations) != 2 {
					t.Errorf("the log of %s has %d generations", l.Party, len(l.Generations))
				}
			}
			for _, party := range []parley.Party{"north", "south"} {
				p, err := side.Line.Proof(party, 1, 4)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := proof.Append(nil, p, proof.CBOR); err != nil {
					t.Error(err)
				}
				if got := audit.Proof(p, r.Line.Roster); got.Wrong != nil {
					t.Errorf("messages of %s: %v", party, got.Wrong)
				}
			}
		}
	})
}

// A deniable line takes back what it lost as well, from the line beside it apart.
func TestDeniableRestored(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		provedAside(n, sayAside(t, n, r.Line.North, parley.Routine, "n1"))
		provedAside(s, sayAside(t, s, r.Line.South, parley.Routine, "s1"))
		n.Stop()
		backup := n.Back()
		n.Start()
		provedAside(n, sayAside(t, n, r.Line.North, parley.Routine, "n2"))
		provedAside(s, sayAside(t, s, r.Line.South, parley.Flash, "s2"))
		n.Say(parley.Routine, "for the record")
		r.until("it is proved", func() bool { return r.whole() && n.Line.Proved() == 1 })
		n.Stop()
		n.Restored(backup)
		n.Start()
		goesOn := func() bool {
			st, err := n.Aside.Status(t.Context())
			return err == nil && !st.Ours.Restoring && len(heardAside(t, n)) == 2 && r.whole()
		}
		r.until("both lines go on", goesOn)
		k := sayAside(t, n, r.Line.North, parley.Routine, "n3")
		r.until("it is there", func() bool { return n.Aside.Proved() == k })
		if got := heardAside(t, s); !slices.Equal(got, []string{"n1", "n2", "n3"}) {
			t.Errorf("south was told %q", got)
		}
		if got := s.Held(); !slices.Equal(got, []string{"for the record"}) {
			t.Errorf("south holds %q on the record", got)
		}
		if got := s.Aside.MessageName("north", k); got != "north/2.3" {
			t.Errorf("the message after it is %s", got)
		}
	}, rostertest.Evidence(roster.NonPapers))
}
