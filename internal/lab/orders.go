package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// honest is how a station treats its channels unless it is told otherwise.
const honest = "honest"

// manners are the ways in which a station of the lab can treat a channel, as
// internal/hometest has them. The shipped program has none of them.
var manners = []string{"garbage", "deaf", "old-epochs"}

// orders are what one station of the lab was told. It hears them on its standard
// input, at its start again.
type orders struct {
	mu      sync.Mutex // guards what follows
	to      io.Writer  // the process that runs; nil before the first
	ahead   time.Duration
	manners [len(routes)]string // "" for honest
}

// given returns command with orders.
func (o *orders) given(command func(home string) *exec.Cmd) func(home string) *exec.Cmd {
	return func(home string) *exec.Cmd {
		cmd := command(home)
		to, err := cmd.StdinPipe()
		if err != nil {
			cmd.Err = errors.Join(cmd.Err, err) // which Start returns
			return cmd
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.to = to
		if o.ahead != 0 {
			cmd.Err = errors.Join(cmd.Err, o.clock())
		}
		for i, m := range o.manners {
			if m != "" {
				cmd.Err = errors.Join(cmd.Err, o.manner(i))
			}
		}
		return cmd
	}
}

// clock and manner tell the process; o.mu is held.
func (o *orders) clock() error { return o.tell("clock %s", o.ahead) }

func (o *orders) manner(route int) error {
	m := o.manners[route]
	if m == "" {
		m = honest
	}
	return o.tell("manner %s %s", routes[route], m)
}

func (o *orders) tell(format string, args ...any) error {
	_, err := fmt.Fprintf(o.to, format+"\n", args...)
	if errors.Is(err, os.ErrClosed) || errors.Is(err, syscall.EPIPE) {
		return nil // it does not run: it is told when it starts
	}
	return err
}

// setClock sets a station's clock ahead of the machine's.
func (l *Lab) setClock(i int, ahead time.Duration) error {
	o := &l.orders[i]
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ahead == ahead {
		return nil
	}
	o.ahead = ahead
	return o.clock()
}

// treat has a station treat a route, or all, in another manner.
func (l *Lab) treat(i int, route, manner string) error {
	o := &l.orders[i]
	o.mu.Lock()
	defer o.mu.Unlock()
	if manner == honest {
		manner = ""
	}
	for k := range routes {
		if (route != "all" && k != slices.Index(routes[:], route)) || o.manners[k] == manner {
			continue
		}
		o.manners[k] = manner
		if err := o.manner(k); err != nil {
			return err
		}
	}
	return nil
}
