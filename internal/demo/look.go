package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/plain"
	"parley/internal/screen"
	"parley/internal/station"
)

// look is what the stations say of themselves, asked for again and again.
type look struct {
	mu     sync.Mutex // guards what follows
	status [2]*api.Status
	cameBy map[string][len(channels)]bool // by the message's name
	first  map[string]string              // the channel of its first copy
	wanted []wantedMessage
}

// wantedMessage is a message of which the picture shows how it came.
type wantedMessage struct {
	name   string
	side   int // whose it is
	number uint64
}

// run asks until ctx ends.
func (l *look) run(ctx context.Context, s *Scene) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		for i, side := range s.Sides {
			status, err := side.client.Status(ctx, side.Line())
			l.mu.Lock()
			if l.status[i] = nil; err == nil {
				l.status[i] = &status
			}
			l.mu.Unlock()
		}
		l.fates(ctx, s)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// heard takes from a station's news over which channel a message came first;
// over which else, the station says when it has nothing else to do.
func (l *look) heard(e api.Event) {
	if e.Kind != station.EventArrived.String() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == nil || len(l.first) > 4*remembered {
		l.first = map[string]string{}
	}
	l.first[e.Message] = e.Channel
}

// by returns the channels over which a message came; l.mu is held.
func (l *look) by(name string) [len(channels)]bool {
	came := l.cameBy[name]
	for i, c := range channels {
		came[i] = came[i] || l.first[name] == c
	}
	return came
}

// fates asks the addressee of every message that is wanted how it came.
func (l *look) fates(ctx context.Context, s *Scene) {
	l.mu.Lock()
	wanted := l.wanted
	l.mu.Unlock()
	came := map[string][len(channels)]bool{}
	for _, w := range wanted {
		from, to := s.Sides[w.side], s.Sides[1-w.side]
		m, err := to.client.Message(ctx, to.Line(), parley.MessageName(from.Party, 1, w.number))
		if err != nil {
			continue // it is not there yet, or the station is not
		}
		var by [len(channels)]bool
		for _, f := range m.Channels {
			for i, name := range channels {
				by[i] = by[i] || f.Channel == name
			}
		}
		came[w.name] = by
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range wanted {
		if by, ok := l.cameBy[w.name]; ok && came[w.name] == [len(channels)]bool{} {
			came[w.name] = by // the station is not there to say it again
		}
	}
	l.cameBy = came
}

// frame shows the picture, and tells of what was proved since.
func (v *live) frame() error {
	for _, side := range v.scene.Sides {
		if err := side.Fell(); err != nil {
			return err
		}
	}
	p := v.picture(time.Now())
	for i, r := range v.rows {
		m := p.Messages[i]
		if m.Proved && !r.told && v.o.Tell != nil {
			r.told = true
			v.o.Tell(m.String())
		}
	}
	if v.o.Show == nil {
		return nil
	}
	return v.o.Show(p)
}

// String returns the message as a line, for where there is no screen.
func (m MessagePicture) String() string {
	return screen.Fit(m.Name, 11) + screen.Fit(m.Precedence.String(), 11) + screen.Fit(m.Language, 6) +
		screen.Fit("proved in "+took(m.Took), 21) + plain.Excerpt(m.Body, 60)
}

// picture draws what is known now.
func (v *live) picture(now time.Time) Picture {
	v.looked.mu.Lock()
	defer v.looked.mu.Unlock()
	p := Picture{At: now, Words: v.scene.Roster.Words(), Note: v.note, Paused: v.paused, Help: v.help}
	for i, name := range channels {
		p.Channels[i] = ChannelPicture{Name: name, Cut: v.scene.Route(i).IsCut()}
	}
	for i, side := range v.scene.Sides {
		said := v.ledger.Count(i)
		p.Stations[i] = StationPicture{Party: side.Party, State: v.state[i], Said: said, Proved: said - v.ledger.Waiting(i)}
		status := v.looked.status[i]
		if status == nil {
			continue
		}
		p.Stations[i].Arrived = status.Theirs.Size
		for _, c := range status.Channels {
			p.channel(i, c)
		}
	}
	v.looked.wanted = nil
	for _, r := range v.rows {
		m := MessagePicture{
			Name: fmt.Sprintf("%s/%d", v.scene.Sides[r.side].Party, r.Number), Precedence: r.Precedence, Language: r.Language, Body: r.Body, Took: now.Sub(r.Released),
		}
		if at, ok := v.ledger.ProvedAt(r.side, r.Number); ok {
			m.Proved, m.Took = true, at.Sub(r.Released)
		}
		m.CameBy = v.looked.by(m.Name)
		p.Messages = append(p.Messages, m)
		v.looked.wanted = append(v.looked.wanted, wantedMessage{m.Name, r.side, r.Number})
	}
	v.looked.wanted = v.looked.wanted[max(0, len(v.looked.wanted)-followed):]
	return p
}

// followed is how many of the last messages are asked for how they came.
const followed = 16

// channel enters what side i says of a channel.
func (p *Picture) channel(i int, c api.Channel) {
	for k := range p.Channels {
		if q := &p.Channels[k]; q.Name == c.Name {
			q.Up[i], q.Carried[i] = c.Up, c.Received
			q.Waiting += c.Waiting
			q.RoundTrip = max(q.RoundTrip, time.Duration(c.RoundTrip)*time.Millisecond)
		}
	}
}
