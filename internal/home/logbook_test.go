package home

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/station"
	"parley/internal/stationtest"
)

// What the log says of each kind of event, and that no text in an event can
// begin a line of its own.
func TestLogTellsEveryEvent(t *testing.T) {
	w := stationtest.New(t, []string{"one"})
	line, ours := w.Line.Roster.Line, parley.Ref{Log: w.Line.North.Log, Number: 3}
	theirs := parley.Ref{Log: w.Line.South.Log, Number: 17}
	for _, c := range []struct {
		e    station.Event
		want string
	}{
		{station.Event{Kind: station.EventReleased, Ref: ours}, "north/3 is released"},
		{station.Event{Kind: station.EventProved, Ref: ours}, "south proved to hold everything up to north/3"},
		{station.Event{Kind: station.EventSingle, Ref: ours}, "south proved to hold north/3"},
		{station.Event{Kind: station.EventArrived, Ref: theirs}, "south/17 arrived"},
		{station.Event{Kind: station.EventRefused, Ref: theirs, Text: "quorum"}, "south/17 is stored and not believed: quorum"},
		{station.Event{Kind: station.EventDisputed, Ref: ours, Text: "quorum"}, "south does not believe north/3: quorum"},
		{station.Event{Kind: station.EventChannel, Channel: "one", Text: "down"}, "channel one is down"},
		{station.Event{Kind: station.EventChecked, Channel: "one"}, "channel one is proved both ways"},
		{station.Event{Kind: station.EventAlarm, Text: "look\nhere"}, "ALARM: look⟨U+000A⟩here"},
		{station.Event{Kind: station.EventFrameLost, Channel: "one", Text: "malformed"}, "a frame on channel one was refused: malformed"},
	} {
		c.e.Line = line
		var out strings.Builder
		name, text := told(w.North.Station, c.e)
		newLogbook(&out, time.Now).say(time.Unix(0, 0), name, text)
		if want := "1970-01-01 00:00:00Z  south         " + c.want + "\n"; out.String() != want {
			t.Errorf("%s: %q, want %q", c.e.Kind, out.String(), want)
		}
	}
}

// What is told between the beginning and the end of following is written, all of
// it, when that ends.
func TestLogMissesNothing(t *testing.T) {
	w := stationtest.New(t, []string{"one"})
	var out strings.Builder
	l, news := newLogbook(&out, time.Now), api.NewNews()
	stop := l.follow(w.North.Station, news)
	for range 500 {
		news.Tell(station.Event{Kind: station.EventAlarm, Line: w.Line.Roster.Line, Text: "look"})
	}
	stop()
	if n := strings.Count(out.String(), "ALARM: look\n"); n != 500 {
		t.Errorf("%d of 500 alarms are written", n)
	}
}

// Refused connections, which anyone can cause, are told once a minute at most.
func TestRefusedConnectionsAreCounted(t *testing.T) {
	var out strings.Builder
	now := time.Unix(1_000_000, 0)
	l := newLogbook(&out, func() time.Time { return now })
	from := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 9), Port: 9}
	for range 42 {
		l.refused("192.0.2.1:7700", from, errors.New("no key"))
	}
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Fatalf("%d lines for 42 connections in one moment", n)
	}
	now = now.Add(refusedEvery)
	l.refused("192.0.2.1:7700", from, errors.New("no key"))
	if !strings.HasSuffix(out.String(), "no key (and 41 others since the last such line)\n") {
		t.Errorf("the log says %q", out.String())
	}
}
