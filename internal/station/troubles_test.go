package station_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/seal"
)

// awaitTrouble looks at a side's status until it tells of something, two minutes
// at most.
func awaitTrouble(t *testing.T, s *stationtest.Side, what string) station.Trouble {
	t.Helper()
	for begun := time.Now(); ; {
		st, tr := troubled(t, s, what)
		if tr != nil {
			return *tr
		}
		if time.Since(begun) > 2*time.Minute {
			t.Fatalf("status says nothing that begins with %q: %+v", what, st.Troubles)
		}
	}
}

// What a peer that is bad, or a route, does again and again is said on status in
// words, with what to do; and one good frame ends the noise.
func TestNoiseIsTrouble(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	for i := range 20 {
		f.Send(fmt.Append(nil, "noise ", i))
	}
	if tr := awaitTrouble(t, w.North, "NOISE"); tr.Channel != "one" || tr.First == 0 || tr.Last < tr.First {
		t.Errorf("the noise is %+v", tr)
	}
	f.Send(f.Frame(f.Good("good")))
	w.North.Await("the good message", arrived(1))
	if _, tr := troubled(t, w.North, "NOISE"); tr != nil {
		t.Errorf("after a good frame status says %+v", tr)
	}
}

func TestOldEpochsAreTrouble(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	f.Send(f.Frame(f.Good("good")))
	w.North.Await("the good message", arrived(1))
	// An epoch of theirs that this station never saw opened.
	hidden, _, err := seal.NewEpoch(seal.Terms{
		Line: w.Line.Roster.Line, Roster: w.Line.Roster.Hash(), From: "south", To: "north",
	}, f.LastResort(), f.Side.StationKey)
	if err != nil {
		t.Fatal(err)
	}
	f.Epoch = hidden
	for range 60 {
		f.Send(f.Unopened(f.Good("under an old epoch")))
	}
	awaitTrouble(t, w.North, "OLD EPOCHS")
}

func TestEpochsForEverAreTrouble(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	for range 110 {
		f.NewEpoch()
		f.Send(f.Frame(f.Good("under a new epoch")))
	}
	w.North.Await("the last", arrived(110))
	if tr := awaitTrouble(t, w.North, "EPOCHS"); tr.Count < 100 {
		t.Errorf("status counts %d epochs", tr.Count)
	}
	if st, _ := troubled(t, w.North, ""); st.Epochs > 64 {
		t.Errorf("%d epochs are held", st.Epochs)
	}
}

// A route that delivers everything twice and late is told, and shows nothing twice.
func TestCopiesAreTrouble(t *testing.T) {
	w := stationtest.Prepare(t, two)
	var late atomic.Int64
	w.North.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
	w.North.Start()
	w.South.Start()
	f := stationtest.NewFoe(w)
	var frames [][]byte
	for i := range 40 {
		frames = append(frames, f.Frame(f.Good(fmt.Sprint(i))))
	}
	for _, frame := range frames {
		f.Send(frame)
	}
	w.North.Await("the last", arrived(40))
	late.Store(int64(5 * time.Minute))
	for _, frame := range frames {
		f.Send(frame)
	}
	f.Send(f.Frame(f.Good("end")))
	w.North.Await("the end", arrived(41))
	if got := len(w.North.Received()); got != 41 {
		t.Errorf("north received %d messages, want 41", got)
	}
	// As many copies as new ones, and the end: one more makes it a trouble.
	f.Send(frames[0])
	if tr := awaitTrouble(t, w.North, "COPIES"); tr.Channel != "one" {
		t.Errorf("the copies are %+v", tr)
	}
}

// A peer that is heard and receipts nothing is told.
func TestNoReceiptIsTrouble(t *testing.T) {
	w := stationtest.Prepare(t, two)
	var later atomic.Int64
	w.North.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	w.North.Start()
	w.South.Start()
	f := stationtest.NewFoe(w)
	w.North.Say(parley.Routine, "is it held?")
	for range 10 { // in steps that are no jump of the clock
		later.Add(int64(9 * time.Second))
		f.Send(f.Frame(f.Good("we hear you")))
		w.North.Await("their message", arrived(f.Number))
	}
	awaitTrouble(t, w.North, "NO RECEIPT")
}

// A clock that jumps is told by whose it is, and clocks that are apart.
func TestClocksAreTrouble(t *testing.T) {
	w := stationtest.Prepare(t, two)
	var off atomic.Int64
	w.South.Now = func() time.Time { return time.Now().Add(time.Duration(off.Load())) }
	w.North.Start()
	w.South.Start()
	w.North.Proved(w.North.Say(parley.Routine, "one"))
	checked := func(s *stationtest.Side) {
		t.Helper()
		s.Forget()
		if err := s.Line.CheckNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Await("an answer", of(station.EventChecked))
	}
	checked(w.North)
	if st, tr := troubled(t, w.North, "CLOCK"); tr != nil {
		t.Errorf("before: %+v", st.Troubles)
	}
	off.Store(int64(3 * time.Hour))
	w.South.Proved(w.South.Say(parley.Routine, "two"))
	if tr := awaitTrouble(t, w.South, "CLOCK: the clock here was set forward by 3h0m0s"); tr.First == 0 {
		t.Errorf("%+v", tr)
	}
	checked(w.North)
	awaitTrouble(t, w.North, "CLOCK: the clock of south was set forward")
	awaitTrouble(t, w.North, "CLOCK: the clock of south is 3h0m0s ahead of ours")
	checked(w.South)
	awaitTrouble(t, w.South, "CLOCK: the clock of north is 3h0m0s behind ours")
}

// A machine that was suspended is told as that, and not as a clock that was set.
func TestSleepIsNoClockThatWasSet(t *testing.T) {
	w := stationtest.Prepare(t, two)
	var asleep atomic.Int64
	w.North.Now = func() time.Time { return time.Now().Add(time.Duration(asleep.Load())) }
	w.North.Slept = func() time.Duration { return time.Hour + time.Duration(asleep.Load()) }
	w.North.Start()
	w.South.Start()
	w.North.Proved(w.North.Say(parley.Routine, "one"))
	if st, tr := troubled(t, w.North, "ASLEEP"); tr != nil {
		t.Errorf("it slept before the station began: %+v", st.Troubles)
	}
	asleep.Store(int64(3 * time.Hour))
	w.North.Proved(w.North.Say(parley.Routine, "two"))
	if tr := awaitTrouble(t, w.North, "ASLEEP: this machine was suspended for 3h0m0s"); tr.Last-tr.First != parley.Time((3 * time.Hour).Milliseconds()) {
		t.Errorf("%+v", tr)
	}
	if st, tr := troubled(t, w.North, "CLOCK: the clock here"); tr != nil {
		t.Errorf("no clock was set: %+v", st.Troubles)
	}
}
