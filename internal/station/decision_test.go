package station_test

import (
	"errors"
	"testing"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/release"
	"parley/roster"
	"parley/wire"
)

// A log that was forked is cosigned again once the quorum decided so, over a
// restart as well; the other branch stays refused, and a further fork halts.
func TestForkIsDecided(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	draft := wire.Content{From: "north/duty"}
	if _, err := w.North.Line.DraftDecision(t.Context(), draft); !errors.Is(err, station.ErrNotHalted) {
		t.Fatalf("with nothing to decide: %v", err)
	}
	f.Send(f.Frame(f.Good("one"), f.Checkpoint()))
	w.North.Await("the first", arrived(1))
	other := f.CheckpointOf(1, parley.Hash{1, 2, 3})
	f.Send(f.Frame(other))
	w.North.Await("the alarm", of(station.EventAlarm))
	f.Send(f.Frame(f.Good("two"), f.Checkpoint()))
	w.North.Await("the second", arrived(2))
	theirs := func(halted bool, cosigned uint64) {
		t.Helper()
		st, err := w.North.Line.Status(t.Context())
		if err != nil || (st.Theirs.Halted != "") != halted || st.Theirs.Cosigned != cosigned {
			t.Fatalf("their log: %+v, %v; want halted %v, and %d cosigned", st.Theirs, err, halted, cosigned)
		}
	}
	d, err := w.North.Line.DraftDecision(t.Context(), draft)
	if err != nil || d.Quorum != 2 {
		t.Fatalf("%+v, %v; want a draft for two officers", d, err)
	}
	c, err := wire.ParseContent(d.Content)
	if err != nil {
		t.Fatal(err)
	}
	north := w.Line.North.Officers
	one, err := release.Approve(d.Content, north["north a"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := release.Release(d.Content, []wire.Signature{one}, w.North.Line.History(), "north", roster.Place{Number: wire.MaxNumber}); !errors.Is(err, release.ErrQuorum) {
		t.Fatalf("one officer: %v", err)
	}
	theirs(true, 1)
	w.North.Stop()
	w.North.Start()
	theirs(true, 1)
	alone := c
	alone.Draft, alone.Precedence = parley.DraftID{7}, parley.Routine
	if _, err := w.North.Line.Release(t.Context(), w.North.Released(alone)); !errors.Is(err, station.ErrDecision) {
		t.Fatalf("at a precedence that takes one officer: %v", err)
	}
	// The other side says the same in its own log: that decides nothing.
	said := c
	said.From, said.To, said.Draft = "south/duty", []parley.Desk{"north/duty"}, parley.DraftID{8}
	f.Send(f.Frame(f.Entry(f.Signed(said, f.Officer("a"), f.Officer("b"))), f.Checkpoint()))
	w.North.Await("their words", arrived(3))
	theirs(true, 1)
	if _, err := w.North.Line.Release(t.Context(), w.North.Released(c)); err != nil {
		t.Fatal(err)
	}
	theirs(false, 3)
	w.North.Stop()
	w.North.Start()
	f.Send(f.Frame(other, f.Good("four"), f.Checkpoint()))
	w.North.Await("the fourth", arrived(4))
	theirs(false, 4)
	w.North.Forget()
	f.Send(f.Frame(f.CheckpointOf(4, parley.Hash{9})))
	w.North.Await("the second alarm", of(station.EventAlarm))
	theirs(true, 4)
}
