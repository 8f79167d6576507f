package home

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"parley/internal/api"
	"parley/internal/plain"
	"parley/internal/station"
)

// logbook writes one line for each thing that a person at the station may want
// to know, with its time in UTC.
type logbook struct {
	mu    sync.Mutex // guards what follows
	w     io.Writer
	now   func() time.Time
	quiet time.Time // until when refused connections are only counted
	more  int       // refused connections that were not written
}

// refusedEvery is how often at most a refused connection is written: anyone can
// cause one, as often as they like.
const refusedEvery = time.Minute

func newLogbook(w io.Writer, now func() time.Time) *logbook { return &logbook{w: w, now: now} }

// say writes one line. A log that cannot be written stops nothing: what it
// tells is in the journal too.
func (l *logbook) say(at time.Time, line, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(at, line, text)
}

func (l *logbook) write(at time.Time, line, text string) {
	_, _ = fmt.Fprintf(l.w, "%s  %-12s  %s\n", at.UTC().Format("2006-01-02 15:04:05Z"), plain.Line(line), plain.Line(text))
}

// refused tells of a connection that was not let in.
func (l *logbook) refused(listen string, remote net.Addr, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Before(l.quiet) {
		l.more++
		return
	}
	text := fmt.Sprintf("a connection from %s to %s was refused: %v", remote, listen, why)
	if l.more > 0 {
		text += fmt.Sprintf(" (and %d others since the last such line)", l.more)
	}
	l.quiet, l.more = now.Add(refusedEvery), 0
	l.write(now, "-", text)
}

// follow writes the station's news from now on. stop writes what was told until
// then, and returns when that is written.
func (l *logbook) follow(s *station.Station, news *api.News) (stop func()) {
	events, missed, quit := news.Listen()
	tell := func(e station.Event) {
		name, text := told(s, e)
		l.say(e.At.Time(), name, text)
		l.missed(e.At.Time(), missed())
	}
	over, written := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(written)
		for {
			select {
			case e := <-events:
				tell(e)
			case <-over:
				for len(events) > 0 {
					tell(<-events)
				}
				l.missed(l.now(), missed())
				return
			}
		}
	}()
	return func() {
		close(over)
		<-written
		quit()
	}
}

// missed says how many lines are not there because they came too fast.
func (l *logbook) missed(at time.Time, n uint64) {
	if n > 0 {
		l.say(at, "-", fmt.Sprintf("%d lines are left out here; parley status and parley inbox show what is so", n))
	}
}

// told returns an event as one line for people, and the line it is about.
func told(s *station.Station, e station.Event) (line, text string) {
	l, err := s.Line(e.Line)
	if err != nil {
		return e.Line.String()[:8], e.Kind.String() + " " + e.Text
	}
	line = string(l.Peer().Party)
	name := l.NameOf(e.Ref)
	switch e.Kind {
	case station.EventReleased:
		text = name + " is released"
	case station.EventProved:
		text = fmt.Sprintf("%s proved to hold everything up to %s", line, name)
	case station.EventSingle:
		text = fmt.Sprintf("%s proved to hold %s", line, name)
	case station.EventArrived:
		text = name + " arrived"
		if e.Text != "" {
			text += fmt.Sprintf("; it was %s until %s was restored", e.Text, line)
		}
	case station.EventRefused:
		text = fmt.Sprintf("%s is stored and not believed: %s", name, e.Text)
	case station.EventDisputed:
		text = fmt.Sprintf("%s does not believe %s: %s", line, name, e.Text)
	case station.EventChannel:
		text = fmt.Sprintf("channel %s is %s", e.Channel, e.Text)
	case station.EventChecked:
		text = fmt.Sprintf("channel %s is proved both ways", e.Channel)
	case station.EventRenumbered:
		text = fmt.Sprintf("%s, which was shown before, is %s since %s was restored", e.Text, name, line)
	case station.EventNotice:
		text = "NOTICE: " + e.Text
	case station.EventAlarm:
		text = "ALARM: " + e.Text
	case station.EventFrameLost:
		text = fmt.Sprintf("a frame on channel %s was refused: %s", e.Channel, e.Text)
	case station.EventDraft:
		text = fmt.Sprintf("draft %s waits for officers", e.Text)
	case station.EventWithdrawn:
		text = fmt.Sprintf("draft %s is withdrawn", e.Text)
	default:
		text = e.Kind.String() + " " + e.Text
	}
	return line, text
}
