package station_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
)

func alarmed(words string) func(station.Event) bool {
	return func(e station.Event) bool {
		return e.Kind == station.EventAlarm && strings.Contains(e.Text, words)
	}
}

// noticed returns whether a notice has these words.
func noticed(words string) func(station.Event) bool {
	return func(e station.Event) bool {
		return e.Kind == station.EventNotice && strings.Contains(e.Text, words)
	}
}

// bodiesOf are the texts that a side said, by number, as it holds them itself.
func bodiesOf(t *testing.T, s *stationtest.Side) (out []string) {
	t.Helper()
	got, err := s.Line.Messages(station.Filter{Mine: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b station.Message) int { return int(a.Ref.Number) - int(b.Ref.Number) })
	for i, m := range got {
		if m.Ref.Number != uint64(i+1) {
			t.Errorf("message %d has number %d", i+1, m.Ref.Number)
		}
		out = append(out, m.Content.Body)
	}
	return out
}

// same fails unless both sides hold these texts of each other, in this order.
func same(t *testing.T, w *stationtest.World, north, south []string) {
	t.Helper()
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"north said", bodiesOf(t, w.North), north}, {"south holds", w.South.Held(), north},
		{"south said", bodiesOf(t, w.South), south}, {"north holds", w.North.Held(), south},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s %q, want %q", c.what, c.got, c.want)
		}
	}
}

// A station restored from an old backup takes back what it lost, of both logs,
// and goes on behind it in a new generation; nothing is said before.
func TestRestored(t *testing.T) {
	w := stationtest.New(t, two)
	w.North.Proved(w.North.Say(parley.Routine, "n1"))
	w.South.Proved(w.South.Say(parley.Routine, "s1"))
	w.North.Stop()
	backup := w.North.Back()
	w.North.Start()
	w.North.Proved(w.North.Say(parley.Routine, "n2"))
	w.North.Proved(w.North.Say(parley.Flash, "n3"))
	w.South.Proved(w.South.Say(parley.Routine, "s2"))
	w.North.Stop()

	w.North.Restored(backup)
	w.Cut()
	w.North.Forget()
	w.North.Start()
	if _, err := w.North.Line.Release(context.Background(), w.North.Released(w.North.Content(parley.Flash, "too early"))); !errors.Is(err, station.ErrRestored) {
		t.Errorf("a release before the other side has answered: %v", err)
	}
	w.Restore()
	w.North.Await("the whole log", noticed("whole again"))
	w.South.Await("the news", alarmed("was restored"))
	w.North.Proved(w.North.Say(parley.Routine, "n4"))
	w.South.Proved(w.South.Say(parley.Routine, "s3"))
	same(t, w, []string{"n1", "n2", "n3", "n4"}, []string{"s1", "s2", "s3"})
	if name := w.South.Line.MessageName("north", 4); name != "north/2.4" {
		t.Errorf("the message after it is %s", name)
	}

	for _, s := range []*stationtest.Side{w.North, w.South} { // it is durable
		s.Stop()
		s.Start()
	}
	w.North.Proved(w.North.Say(parley.Routine, "n5"))
	same(t, w, []string{"n1", "n2", "n3", "n4", "n5"}, []string{"s1", "s2", "s3"})
}

// A machine whose clock was ahead when it was restored is restored once more, with the
// right time.
func TestRestoredWithAClockThatWasAhead(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		n, s := r.North, r.South
		n.Proved(n.Say(parley.Routine, "n1"))
		s.Proved(s.Say(parley.Routine, "s1"))
		n.Stop()
		backup := n.Back()
		n.Start()
		n.Proved(n.Say(parley.Routine, "n2"))
		n.Stop()
		n.Restored(backup)
		n.Now = func() time.Time { return time.Now().Add(400 * 24 * time.Hour) }
		n.Start()
		r.until("north goes on", func() bool { return holds(s, "n1", "n2") && r.whole() })
		n.Stop()
		n.Restored(backup)
		n.Now = time.Now
		n.Start()
		r.until("north goes on again", func() bool { return r.whole() })
		n.Say(parley.Routine, "n3")
		r.until("south has it", func() bool { return holds(s, "n1", "n2", "n3") && r.whole() })
	})
}
