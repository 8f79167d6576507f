package api

import (
	"encoding/json"
	"net/http"
	"sync"

	"parley"
	"parley/internal/station"
)

// newsBuffer is how many pieces of news wait for one slow reader before it
// misses some, and is told how many.
const newsBuffer = 1024

// News hands the station's events to whoever listens.
type News struct {
	mu      sync.Mutex
	readers map[*reader]bool
}

type reader struct {
	events chan station.Event
	missed uint64 // guarded by News.mu
}

// NewNews returns a News that nobody listens to yet.
func NewNews() *News { return &News{readers: map[*reader]bool{}} }

// Tell is a station's Config.Notify. It never blocks.
func (n *News) Tell(e station.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for r := range n.readers {
		select {
		case r.events <- e:
		default:
			r.missed++
		}
	}
}

// Listen returns the news from now on; stop ends it. missed tells how many
// pieces were lost since it was last called because the reader was slow.
func (n *News) Listen() (events <-chan station.Event, missed func() uint64, stop func()) {
	r := &reader{events: make(chan station.Event, newsBuffer)}
	n.mu.Lock()
	n.readers[r] = true
	n.mu.Unlock()
	return r.events, func() uint64 {
			n.mu.Lock()
			defer n.mu.Unlock()
			m := r.missed
			r.missed = 0
			return m
		}, func() {
			n.mu.Lock()
			delete(n.readers, r)
			n.mu.Unlock()
		}
}

// events streams the news as one JSON object a line.
func (v *Server) events(w http.ResponseWriter, r *http.Request) {
	events, missed, stop := v.news.Listen()
	defer stop()
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(w)
	if flush.Flush() != nil {
		return
	}
	out := json.NewEncoder(w)
	for {
		select {
		case <-r.Context().Done():
			return
		case e := <-events:
			told := v.eventOf(e)
			told.Missed = missed()
			if out.Encode(told) != nil || flush.Flush() != nil {
				return
			}
		}
	}
}

func (v *Server) eventOf(e station.Event) Event {
	out := Event{Kind: e.Kind.String(), Line: e.Line.String(), At: e.At.Time(), Channel: e.Channel, Text: e.Text}
	l, err := v.station.Line(e.Line)
	if err != nil {
		return out
	}
	out.Line = l.Name()
	if e.Ref != (parley.Ref{}) {
		out.Message = l.NameOf(e.Ref)
	}
	return out
}
