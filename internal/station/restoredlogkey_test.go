package station_test

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"parley"
	"parley/internal/journal"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/roster"
	"parley/wire"
)

// A backup may have the change that brings another log key, and not know whether the
// other side has cosigned it: it did, and has closed the log for the new key or not yet;
// or the change never came to it, or comes no more, since the log was closed below it
// after a restore from an older backup. The restored station goes on in each case, also
// where it is started again before it is answered, by the key that stands where its log
// was closed (spec/GENERATION.md §8).
func TestRestoredWithALogKeyOnItsWay(t *testing.T) {
	for name, c := range map[string]struct {
		came, closed, below bool
		changes             int
		generations         int
	}{
		"the changes did not come":             {changes: 2, generations: 2},
		"the log was closed below them":        {below: true, changes: 2, generations: 3},
		"the change is cosigned":               {came: true, changes: 1, generations: 2},
		"the log goes on by the key it brings": {came: true, closed: true, changes: 1, generations: 3},
	} {
		t.Run(name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				n, s := r.North, r.South
				n.Proved(n.Say(parley.Routine, "n1"))
				s.Proved(s.Say(parley.Routine, "s1"))
				old := n.Line.History().LogKey("north", 1)
				n.Stop()
				older := n.Back()
				n.Start()
				r.lost(n, parley.Routine)
				kept := n.Watch("one")
				for range c.changes {
					change := n.Change(rolling(t, r.Line.North, n.Line.History(), false, roster.RoleLog))
					if _, err := n.Line.Release(t.Context(), n.Released(change)); err != nil {
						t.Fatal(err)
					}
				}
				r.pass(time.Minute)
				frames := kept()
				n.Stop()
				backup := n.Back()
				switch {
				case c.below:
					n.Restored(older)
					r.calm()
					n.Start()
					r.until("the log is whole", func() bool { return r.whole() })
					n.Stop()
				case c.closed:
					r.calm()
					n.Start()
					r.until("the other key signs", func() bool { return len(n.Line.History().Generations("north")) == 2 && r.whole() })
					n.Proved(n.Say(parley.Routine, "after it"))
					n.Stop()
				case c.came:
					for _, frame := range frames {
						s.Inject("one", frame)
					}
					r.pass(time.Minute)
					if st, err := s.Line.Status(t.Context()); err != nil || st.Theirs.Cosigned != 2 {
						t.Fatalf("south has cosigned %d entries, %v", st.Theirs.Cosigned, err)
					}
				}
				n.Restored(backup)
				n.Start()
				n.Stop()
				r.calm()
				n.Start()
				r.until("the log is whole", func() bool { return r.whole() })
				n.Stop()
				n.Start()
				n.Say(parley.Flash, "n3")
				s.Say(parley.Routine, "s2")
				r.until("all of it is there", func() bool { return r.whole() })
				all := n.Line.History().Generations("north")
				last := all[len(all)-1]
				if len(all) != c.generations || c.came && last.Key.Equal(old) || c.below && !last.Key.Equal(old) {
					t.Errorf("generation %d is by the old key: %v", len(all), last.Key.Equal(old))
				}
				if !slices.ContainsFunc(n.Events(), noticed("whole again")) {
					t.Error("people are not told that the log is whole again")
				}
				proved(t, s, r.Line.Roster)
				if c.came {
					return
				}
				rollLog(t, r.World, n, false) // again, by its officers
				r.until("the other key signs", func() bool { return len(n.Line.History().Generations("north")) == c.generations+1 && r.whole() })
				proved(t, n, r.Line.Roster)
			})
		})
	}
}

// agreedKeys are the keys of a party that stand in the roster.
type agreedKeys struct{ p *rostertest.Party }

func (k agreedKeys) Station() crypto.Signer { return k.p.StationKey }
func (k agreedKeys) Log() crypto.Signer     { return k.p.LogKey }
func (k agreedKeys) Receipt() crypto.Signer { return k.p.ReceiptKey }

// A log that was renewed by another log key was not restored: its station does not start
// without its receipt key.
func TestReceiptKeyLostAfterALogKey(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n := r.North
		rollLog(t, r.World, n, false)
		r.until("the other key signs", func() bool { return len(n.Line.History().Generations("north")) == 2 && r.whole() })
		change := n.Change(rolling(t, r.Line.North, n.Line.History(), false, roster.RoleReceipt))
		ref, err := n.Line.Release(t.Context(), n.Released(change))
		if err != nil {
			t.Fatal(err)
		}
		n.Proved(ref.Number)
		n.Stop()
		j, err := journal.Open(n.Dir, journal.Options{Reserve: -1})
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		st, err := station.New(station.Config{
			Party: "north", Journal: j, Keys: agreedKeys{r.Line.North}, Secrets: n.Secrets, Now: time.Now, Notify: func(station.Event) {},
			Later: func(role roster.Role, public ed25519.PublicKey) (crypto.Signer, bool) {
				k, ok := r.Line.North.Hired(public)
				return k, ok && role != roster.RoleReceipt
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		south := r.Line.South
		_, err = st.AddLine(station.LineConfig{
			Roster: r.Line.Roster, Link: r.Link,
			Prekeys: wire.Prekeys{Line: r.Line.Roster.Line, From: "south", Keys: south.Side.Prekeys, LastResort: south.Side.LastResort},
		})
		if !errors.Is(err, station.ErrNoKey) {
			t.Errorf("a station without its receipt key: %v, want %v", err, station.ErrNoKey)
		}
	})
}
