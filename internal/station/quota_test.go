package station_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/wire"
)

// troubled returns a side's status, and the trouble in it whose words begin
// with what; nil if there is none.
func troubled(t *testing.T, s *stationtest.Side, what string) (station.Status, *station.Trouble) {
	t.Helper()
	st, err := s.Line.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, tr := range st.Troubles {
		if strings.HasPrefix(tr.What, what) && tr.Do != "" {
			return st, &st.Troubles[i]
		}
	}
	return st, nil
}

func alarming(words string) func(station.Event) bool {
	return func(e station.Event) bool { return e.Kind == station.EventAlarm && strings.Contains(e.Text, words) }
}

// What is over a quota is held back and not lost: its sender is told, its Flash
// passes, and all of it arrives when there is room (spec/RECEIPT.md §8).
func TestOverTheQuota(t *testing.T) {
	w := stationtest.Prepare(t, two)
	var days atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(days.Load()) * 24 * time.Hour) }
	w.North.Now, w.South.Now = clock, clock
	w.North.Quota = station.Quota{Messages: 10, Flash: 2}
	w.North.Start()
	w.South.Start()
	for i := range 12 {
		w.South.Say(parley.Routine, fmt.Sprint(i))
	}
	w.North.Await("the alarm", alarming("over its quota"))
	w.South.Await("the alarm", alarming("held back by the other side: over its quota"))
	n := w.South.Say(parley.Flash, "passes")
	w.South.Await("the receipt of the flash", func(e station.Event) bool { return e.Kind == station.EventSingle && e.Ref.Number == n })
	w.North.Proved(w.North.Say(parley.Routine, "the other way is free"))
	if got := len(w.North.Held()); got != 11 {
		t.Errorf("north holds %d messages, want the ten of the quota and the flash", got)
	}
	if st, tr := troubled(t, w.North, "OVER ITS QUOTA"); tr == nil || st.Quota.Wait == 0 || st.Quota.Used < 0.9 || tr.Count == 0 {
		t.Errorf("north's status says %+v, %+v", st.Quota, st.Troubles)
	}
	if st, tr := troubled(t, w.South, "HELD BACK by the other side: over its quota"); tr == nil {
		t.Errorf("south's status says %+v", st.Troubles)
	}

	// What was used is remembered over a restart, and forgotten in a day.
	w.North.Stop()
	w.North.Start()
	if st, _ := troubled(t, w.North, ""); st.Quota.Used < 0.9 || st.Quota.FlashUsed < 0.4 {
		t.Errorf("after a restart %+v is used", st.Quota)
	}
	days.Add(2)
	w.South.Proved(w.South.Say(parley.Routine, "last"))
	if got := len(w.North.Held()); got != 14 {
		t.Errorf("north holds %d messages, want all", got)
	}
	if _, tr := troubled(t, w.South, "HELD BACK"); tr != nil {
		t.Errorf("south still says %+v", tr)
	}
}

// A peer that says thousands of things is stored as far as its quota goes:
// the journal, and what is held in memory, stay as small; its Flash passes from
// however far ahead.
func TestFloodIsBounded(t *testing.T) {
	said := 5_000
	if testing.Short() {
		said = 1_000
	}
	w := stationtest.Prepare(t, two)
	w.North.Quota = station.Quota{Messages: 500, Flash: 3}
	w.North.Start()
	w.South.Start()
	f := stationtest.NewFoe(w)
	signed := f.Signed(w.South.Content(parley.Routine, "flood"), f.Officer("a")) // a replay each, and stored all the same
	for range said / 50 {
		var parts []wire.Part
		for range 50 {
			parts = append(parts, f.Entry(signed))
		}
		f.Send(f.Frame(parts...))
	}
	for i := range 5 {
		f.Number += 100_000
		f.Send(f.Frame(f.Entry(f.Signed(w.South.Content(parley.Flash, fmt.Sprint("flash ", i)), f.Officer("a"), f.Officer("b")))))
	}
	f.Send(f.Frame(f.Entry(f.Signed(w.South.Content(parley.Flash, "a flash of one"), f.Officer("a")))))
	f.Send([]byte("the end"))
	w.North.Await("the end", func(e station.Event) bool {
		return e.Kind == station.EventFrameLost && strings.Contains(e.Text, "malformed")
	})
	st, tr := troubled(t, w.North, "OVER ITS QUOTA")
	if tr == nil || st.Theirs.Size != 500 || st.Theirs.Ahead != 3 {
		t.Errorf("their log: %+v and %+v; want 500, and the three flashes of the lane", st.Theirs, st.Troubles)
	}
	counts, err := w.North.Journal.Counts(w.Line.Roster.Line)
	if err != nil || counts.Theirs != 503 {
		t.Errorf("%d entries of theirs are stored, %v; want 503", counts.Theirs, err)
	}
	alarms := 0
	for _, e := range w.North.Events() {
		if e.Kind == station.EventAlarm {
			alarms++
		}
	}
	if alarms != 1 {
		t.Errorf("%d alarms, want one", alarms)
	}
}

// The bytes are bounded as well as the messages.
func TestQuotaOfBytes(t *testing.T) {
	w := stationtest.Prepare(t, two)
	w.North.Quota = station.Quota{Bytes: 100 << 10}
	w.North.Start()
	w.South.Start()
	for range 5 {
		w.South.Say(parley.Routine, strings.Repeat("x", 30<<10))
	}
	w.South.Await("the alarm", alarming("held back by the other side"))
	if got := len(w.North.Held()); got != 3 {
		t.Errorf("north holds %d messages of 30 KiB, want 3", got)
	}
}

// The last room of a disk is not for the other side, but for its Flash.
func TestRoomOfTheDisk(t *testing.T) {
	w := stationtest.Prepare(t, two)
	w.North.Quota = station.Quota{Room: 1 << 60}
	w.North.Start()
	w.South.Start()
	w.South.Say(parley.Routine, "waits")
	w.North.Await("the alarm", alarming("disk is nearly full"))
	n := w.South.Say(parley.Flash, "passes")
	w.South.Await("the receipt", func(e station.Event) bool { return e.Kind == station.EventSingle && e.Ref.Number == n })
	w.North.Proved(w.North.Say(parley.Routine, "our own is stored"))
	if _, tr := troubled(t, w.North, "DISK NEARLY FULL"); tr == nil {
		t.Error("status does not say that the disk is nearly full")
	}
	if got := w.North.Held(); !slices.Equal(got, []string{"passes"}) {
		t.Errorf("north holds %q", got)
	}
}
