package console

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/wire"
)

// However much the other side says, its Flash that nobody answered is seen, and
// one that was answered is not taken for open.
func TestFloodBuriesNoFlash(t *testing.T) {
	w := stationtest.New(t, []string{"one"})
	f := stationtest.NewFoe(w)
	flash := func(body string) wire.Part {
		return f.Entry(f.Signed(w.South.Content(parley.Flash, body), f.Officer("a"), f.Officer("b")))
	}
	arrived := func(n uint64) func(station.Event) bool {
		return func(e station.Event) bool { return e.Kind == station.EventArrived && e.Ref.Number == n }
	}
	f.Send(f.Frame(flash("answered"), flash("open"), f.Checkpoint()))
	w.North.Await("both", arrived(2))
	answer := w.North.Content(parley.Routine, "")
	answer.Kind, answer.Answer, answer.References = parley.Acknowledgement, parley.Accepted, []parley.Ref{{Log: f.Side.Log, Number: 1}}
	if _, err := w.North.Line.Release(t.Context(), w.North.Released(answer)); err != nil {
		t.Fatal(err)
	}
	for range 11 {
		var parts []wire.Part
		for i := range 100 {
			parts = append(parts, f.Good(fmt.Sprint("flood ", i)))
		}
		f.Send(f.Frame(parts...))
	}
	w.North.Await("the last", arrived(f.Number))

	news := api.NewNews()
	socket, err := api.Listen(filepath.Join(t.TempDir(), "run", "s"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- api.NewServer(w.North.Station, news).Serve(ctx, socket) }()
	defer func() { cancel(); <-served }()
	client := api.NewClient(socket.Addr().String())

	a := newAsker(client)
	for _, anew := range []bool{true, false} {
		l, err := a.line(t.Context(), "south", anew)
		if err != nil {
			t.Fatal(err)
		}
		answered := Answers(l.Messages)
		var open []string
		for _, v := range l.Messages {
			if OpenFlash(v, answered) {
				open = append(open, v.Name)
			}
		}
		if !slices.Equal(open, []string{"south/2"}) || !l.Cut {
			t.Errorf("anew=%v: open are %v, want south/2 alone of those cut", anew, open)
		}
		if o := Opens("north", l, time.Now()); len(o) == 0 || o[0].Name != "south/2" {
			t.Errorf("anew=%v: on top is not the flash", anew)
		}
		if !slices.IsSortedFunc(l.Messages, func(a, b api.Message) int { return int(a.Seq) - int(b.Seq) }) {
			t.Errorf("anew=%v: the messages are out of order", anew)
		}
	}
}

// Of a flood so much is told in a minute, and then how much was left out.
func TestTellSpares(t *testing.T) {
	var said []string
	x := &teller{o: Options{Now: time.Now}, say: func(s string) { said = append(said, s) }, told: map[string]int{}, left: map[string]int{}}
	told := 0
	for range 1000 {
		if !x.spare("south") {
			told++
		}
	}
	if x.spare("east") {
		t.Error("one line's flood leaves out another's")
	}
	x.leftOut()
	if told != toldLimit || len(said) != 1 || !strings.Contains(said[0], "970 things more") {
		t.Errorf("%d were told, and then %q", told, said)
	}
	if x.leftOut(); len(said) != 1 || x.spare("south") {
		t.Error("the next minute is not a new one")
	}
}

// However much is not done, what is told of it is short, and each Flash is in it.
func TestStateIsShort(t *testing.T) {
	l := Line{Name: "south"}
	for i := range 500 {
		l.Messages = append(l.Messages, said(uint64(i+1), "south", uint64(i+1), "routine", "flood", time.Hour))
	}
	for i := range 30 {
		l.Messages = append(l.Messages, said(uint64(i+501), "south", uint64(i+501), "flash", "look", time.Minute))
	}
	got := state("north", l, noon)
	flash := 0
	for _, s := range got {
		if strings.Contains(s, "FLASH") {
			flash++
		}
	}
	if flash != 30 || len(got) != 30+openLimit+1 || !strings.Contains(got[len(got)-1], "480 more") {
		t.Errorf("%d lines with %d Flash, the last %q", len(got), flash, got[len(got)-1])
	}
}
