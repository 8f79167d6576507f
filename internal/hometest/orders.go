package hometest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/courier"
)

// Manner is how a station of a test treats what it carries over a channel. The
// station is the real one, with its own keys; only what lies between it and the
// channel is not.
type Manner string

// The manners. Each but Honest is one that an authenticated peer can have.
const (
	// Honest carries everything as it is.
	Honest Manner = "honest"
	// Garbage sends random bytes in place of every frame, and as many more as the
	// channel takes, one each floodEvery.
	Garbage Manner = "garbage"
	// Deaf keeps every frame larger than deafBytes from the station, which so
	// acknowledges no long message, while it answers line checks and speaks.
	Deaf Manner = "deaf"
	// OldEpochs carries everything, and beside it, for ever, frames under epochs
	// that the other side does not hold.
	OldEpochs Manner = "old-epochs"
)

// orders are what a station of a test was told, one a line of its standard
// input: "clock OFFSET", how far its clock is ahead of the machine's, as
// time.ParseDuration reads it, and "manner CHANNEL MANNER".
type orders struct {
	offset atomic.Int64 // of the clock, in nanoseconds

	mu      sync.Mutex // guards what follows
	manners map[string]Manner
	fouls   map[string]*foul
}

func newOrders() *orders { return &orders{manners: map[string]Manner{}, fouls: map[string]*foul{}} }

// read obeys until from ends. What is no order ends the station: a test that
// went on would test nothing.
func (o *orders) read(from io.Reader) {
	for s := bufio.NewScanner(from); s.Scan(); {
		words := strings.Fields(s.Text())
		switch {
		case len(words) == 2 && words[0] == "clock":
			if by, err := time.ParseDuration(words[1]); err == nil {
				o.offset.Store(int64(by))
				continue
			}
		case len(words) == 3 && words[0] == "manner":
			o.treat(words[1], Manner(words[2]))
			continue
		}
		fmt.Fprintf(os.Stderr, "no order: %q\n", s.Text())
		os.Exit(1)
	}
}

func (o *orders) treat(channel string, m Manner) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.manners[channel] = m
	if f := o.fouls[channel]; f != nil {
		f.set(m)
	}
}

func (o *orders) now() time.Time { return time.Now().Add(time.Duration(o.offset.Load())) }

// through puts something between a channel and the station that treats it as
// ordered.
func (o *orders) through(c courier.Channel) courier.Channel {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := newFoul(c)
	if m, ok := o.manners[c.Name()]; ok {
		f.set(m)
	}
	o.fouls[c.Name()] = f
	if s, ok := c.(courier.Settler); ok {
		return &foulCarrier{foul: f, settler: s}
	}
	return f
}
