package station_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"parley"
	"parley/internal/rostertest"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/roster"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// rolling is a change in which other keys come in the place of those of these
// roles, because the old ones are compromised if stolen says so.
func rolling(t *testing.T, p *rostertest.Party, h *roster.History, stolen bool, roles ...roster.Role) (c roster.Change) {
	t.Helper()
	now, _ := h.Now(p.Party)
	for _, role := range roles {
		id := roster.KeyID(role, now.Key(role))
		c.Keys = append(c.Keys, roster.NewKey{Role: role, Key: p.Hire(t, string(role)+" after "+id.String()).Key})
		if stolen {
			c.Thefts = append(c.Thefts, roster.Compromise{Role: role, Key: id, Since: 1})
		}
	}
	return c
}

var everyRole = []roster.Role{roster.RoleHop, roster.RoleReceipt, roster.RoleRoot, roster.RoleStation}

// Both sides change every key at the same time, again and again, stopped and started
// between any two steps: what they say goes on, and an auditor with the first roster
// proves all of it.
func TestEveryKeyRolledAtBothEnds(t *testing.T) {
	for name, stolen := range map[string]bool{"rolled": false, "stolen": true} {
		t.Run(name, func(t *testing.T) {
			w := stationtest.New(t, two)
			sides := []*stationtest.Side{w.North, w.South}
			party := map[*stationtest.Side]*rostertest.Party{w.North: w.Line.North, w.South: w.Line.South}
			for round := range 3 {
				w.Cut()
				last := map[*stationtest.Side]uint64{}
				for i, s := range sides {
					ref, err := s.Line.Release(context.Background(), s.Released(s.Change(rolling(t, party[s], s.Line.History(), stolen, everyRole...))))
					if err != nil {
						t.Fatal(err)
					}
					last[s] = ref.Number
					if (round+i)%2 == 0 {
						s.Stop()
						s.Start()
					}
				}
				w.Restore()
				if round == 2 {
					for _, s := range sides { // both lose the epochs that they opened
						s.Stop()
						s.Start()
					}
				}
				for _, s := range sides {
					s.Proved(last[s])
					s.Proved(s.Say(parley.Flash, "by the keys that came"))
				}
			}
			for _, s := range sides {
				s.Stop()
				s.Start()
				s.Proved(s.Say(parley.Immediate, "after a restart"))
				report := proved(t, s, w.Line.Roster)
				for _, log := range report.Logs {
					if log.Receipted != log.Size || len(log.Refused) > 0 {
						t.Errorf("of %s %d of %d entries are receipted and %d refused", log.Party, log.Receipted, log.Size, len(log.Refused))
					}
				}
			}
			for _, s := range sides {
				for _, e := range s.Events() {
					if e.Kind == station.EventAlarm {
						t.Errorf("alarm: %s", e.Text)
					}
				}
			}
		})
	}
}

// A station does not bring a key that it does not hold, and does not start without
// one that is in force.
func TestKeyNotHeld(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Lost = true
	content := w.North.Change(rolling(t, w.Line.North, w.North.Line.History(), false, roster.RoleReceipt))
	if _, err := w.North.Line.Release(context.Background(), w.North.Released(content)); !errors.Is(err, station.ErrNoKey) {
		t.Errorf("a change that brings a key that is not held: %v", err)
	}
	w.North.Lost = false
	ref, err := w.North.Line.Release(context.Background(), w.North.Released(content))
	if err != nil {
		t.Fatal(err)
	}
	w.North.Proved(ref.Number)
}

// Behind a change of the other side, what an ended key signs of what was written
// since is refused, what it signs of the past is taken, a key that nobody knows is
// no misconduct, and no epoch is opened by the old station key once the new one was
// heard, also after a restart (spec/CHANGE.md §6).
func TestEndedKeysBeyondTheirPlace(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	south, line, log := w.Line.South, w.Line.Roster.Line, w.Line.North.Log
	w.North.Say(parley.Routine, "before")
	change := rolling(t, south, roster.NewHistory(w.Line.Roster), false, roster.RoleReceipt, roster.RoleStation)
	full, err := roster.NewHistory(w.Line.Roster).Draft("south", 0, change)
	if err != nil {
		t.Fatal(err)
	}
	content := w.South.Content(parley.Routine, string(full.Text()))
	content.Kind = parley.Change
	f.Send(f.Frame(f.Entry(f.Signed(content, f.Officer("a"), f.Officer("b"))), f.Checkpoint())) // has seen nothing
	w.North.Await("the change", isRoster)
	w.North.Say(parley.Routine, "after")

	came := func(role roster.Role, old ed25519.PublicKey) crypto.Signer {
		return south.Officers[string(role)+" after "+roster.KeyID(role, old).String()]
	}
	newReceipt, newStation := came(roster.RoleReceipt, south.Side.Receipt), came(roster.RoleStation, south.Side.Station)
	stranger := south.Officers["south c"]
	row, err := w.North.Journal.Log(log)
	if err != nil {
		t.Fatal(err)
	}
	note, err := transcript.OpenCheckpoint(row.Checkpoint, line, log, w.Line.North.Side.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	now := parley.TimeOf(time.Now())
	leaf := func(n uint64) parley.Hash {
		r, err := w.North.Journal.Record(log, n)
		if err != nil {
			t.Fatal(err)
		}
		return r.Leaf
	}
	single := func(n, held uint64, key crypto.Signer) wire.Part {
		return wire.Part{Type: wire.PartReceipt, Bytes: must(receipt.Issue(wire.Receipt{Log: log, Number: n, Leaf: leaf(n), Received: now, Size: held}, key))}
	}
	refusal := func(n uint64, key crypto.Signer) wire.Part {
		return wire.Part{Type: wire.PartRefusal, Bytes: must(receipt.Refuse(wire.Refusal{Log: log, Number: n, Leaf: leaf(n), Reason: wire.ReasonQuorum, Time: now}, key))}
	}
	cosigned := func(key crypto.Signer) wire.Part {
		return wire.Part{Type: wire.PartCosigned, Bytes: must(receipt.Cosign(note, w.Line.Roster, "south", key, now))}
	}
	prekeys := func(key crypto.Signer) wire.Part {
		_, public, err := seal.NewPrekey()
		if err != nil {
			t.Fatal(err)
		}
		return wire.Part{Type: wire.PartPrekeys, Bytes: must(receipt.IssuePrekeys(wire.Prekeys{Line: line, From: "south", LastResort: public, Time: now}, key))}
	}
	bad := []wire.Part{
		single(2, 0, south.ReceiptKey), single(1, 1, south.ReceiptKey), single(2, 2, stranger),
		refusal(2, south.StationKey), refusal(2, stranger), cosigned(south.ReceiptKey), cosigned(stranger),
	}
	for _, p := range bad {
		f.Send(f.Frame(p))
	}
	f.Send(f.Frame(single(1, 0, south.ReceiptKey)))
	w.North.Await("a receipt by the old key, of what was written before", of(station.EventSingle))
	f.Send(f.Frame(refusal(1, south.StationKey)))
	w.North.Await("a refusal by the old key, of what was written before", of(station.EventDisputed))
	f.Send(f.Frame(single(2, 2, newReceipt)))
	w.North.Await("a receipt by the new key", of(station.EventSingle))
	f.Send(f.Frame(prekeys(south.StationKey), cosigned(newReceipt)))
	w.North.Proved(2)
	if refused := refusedFrames(t, w.North); refused != len(bad) {
		t.Errorf("%d statements beyond their place were refused, want %d", refused, len(bad))
	}

	f.Send(f.Frame(prekeys(newStation)))
	f.Send(f.Frame(prekeys(south.StationKey)))
	f.Send(f.Frame(f.Good("under the epoch that is")))
	w.North.Await("what goes under an epoch that was accepted", arrived(2))
	w.North.Stop()
	w.North.Start()
	was := f.Epoch
	opening := f.Opening()
	f.NewEpoch()
	good := f.Good("under the new key")
	f.Send(f.Frame(good)) // opened by the old key
	f.Use(was, opening)
	f.Send(f.Unopened(good))
	w.North.Await("the same under the epoch that is", arrived(3))
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Theirs.Size != 3 {
		t.Errorf("north holds %d entries, %v", st.Theirs.Size, err)
	}
	if refused := refusedFrames(t, w.North); refused < 1 {
		t.Error("an epoch opened by the old key was accepted")
	}
}
